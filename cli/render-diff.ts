import type { Removal } from '../lib/plan/types.ts';
import type { ComparedChange, Comparison } from '../lib/run/compare.ts';
import { MOST_MARKDOWN, markdownCode, markdownText } from './markdown.ts';
import { count, counted } from './numbers.ts';
import { summarizePlan } from './plan-summary.ts';

/** By this the comment of an earlier build is found again, and replaced. */
const MARK = '<!-- tagsweep-diff -->';

/** Keys that are named of each side. */
const KEYS_NAMED = 20;

/** What became of a policy, in a few words. */
export function changeText({ before, after }: Pick<ComparedChange, 'before' | 'after'>): string {
  if (before === undefined) return `new, mode ${after?.mode}`;
  if (after === undefined) return 'taken away';
  return before.mode === after.mode
    ? `changed, mode ${after.mode}`
    : `changed, mode ${before.mode} → ${after.mode}`;
}

/**
 * A comparison as a comment on a pull request, in GitHub's Markdown: a table of the policies that changed, and the keys of
 * each to unfold. Always shorter than 60,000 characters; what was left out is told.
 */
export function diffMarkdown({ changes, inventory }: Comparison): string {
  const rows = changes.map((change) => {
    const { name, diff } = change;
    const cells = [diff.onlyB, diff.onlyA].map((side) => count(tagsIn(side)));
    return `| ${markdownCode(name, 63)} | ${markdownText(changeText(change), 60)} | ${cells[0]} | ${cells[1]} | ${count(diff.both)} |`;
  });
  const now = changes.reduce((sum, { diff }) => sum + tagsIn(diff.onlyB), 0);
  const noMore = changes.reduce((sum, { diff }) => sum + tagsIn(diff.onlyA), 0);
  const blocks = [
    `${MARK}\n### tagsweep: ${counted(changes.length, 'policy', 'policies')} changed`,
    `**${counted(now, 'tag')} more** would go, ${counted(noMore, 'tag')} would go no more; ${counted(inventory.resourcesSeen, 'resource')} were seen.`,
    ...(inventory.complete ? [] : ['> **The inventory is not complete: there may be more differences.**']),
  ];
  const details = changes.flatMap((change) => [
    ...sideBlock(`${change.name}: goes now`, change.diff.onlyB),
    ...sideBlock(`${change.name}: goes no more`, change.diff.onlyA),
  ]);
  const head = '| policy | | goes now | goes no more | as before |\n|---|---|--:|--:|--:|';
  return fitted([...blocks, [head, ...rows].join('\n')], details);
}

function sideBlock(title: string, side: readonly Removal[]): readonly string[] {
  if (side.length === 0) return [];
  const { keys, tags, resources } = summarizePlan({ removals: side, batches: [] });
  const lines = keys.slice(0, KEYS_NAMED).map(({ key, tags: sum, rule, examples }) => {
    const values = examples.slice(0, 2).map(({ value }) => markdownCode(value === '' ? '""' : value, 24));
    return `- ${markdownCode(key, 64)}: ${counted(sum, 'tag')} (${values.join(', ')}), ${markdownText(rule, 60)}`;
  });
  const more = keys.length > KEYS_NAMED ? [`- and ${counted(keys.length - KEYS_NAMED, 'key')} more`] : [];
  const summary = `${markdownText(title, 90)}: ${counted(tags, 'tag')} on ${counted(resources, 'resource')}`;
  return [`<details><summary>${summary}</summary>\n\n${[...lines, ...more].join('\n')}\n\n</details>`];
}

/** As many of the blocks as there is room for. */
function fitted(head: readonly string[], blocks: readonly string[]): string {
  const note = '_Not all of it fits into a comment: `tagsweep diff` shows the rest._';
  const taken: string[] = [];
  let room = MOST_MARKDOWN - head.join('\n\n').length - note.length - 8;
  for (const block of blocks) {
    room -= block.length + 2;
    if (room < 0) break;
    taken.push(block);
  }
  const notes = taken.length < blocks.length ? [note] : [];
  return `${[...head, ...taken, ...notes].join('\n\n').slice(0, MOST_MARKDOWN - 1)}\n`;
}

function tagsIn(side: readonly Removal[]): number {
  return side.reduce((sum, { tags }) => sum + tags.length, 0);
}
