import type { CommandLine } from '../lib/pages/model.ts';
import { limitUses } from '../lib/plan/limits.ts';
import type { Removal } from '../lib/plan/types.ts';
import type { PlannedCleanup } from '../lib/run/cleanup.ts';
import type { Say } from '../lib/words/words.ts';
import { MOST_MARKDOWN, markdownCode, markdownText } from './markdown.ts';
import { count, duration, percent } from './numbers.ts';
import { type KeySummary, summarizePlan } from './plan-summary.ts';
import type { PlanView } from './render-plan.ts';

/** What the parts before the resources may take together. */
const MOST_BEFORE = 25_000;

/**
 * A plan for a pull request, in GitHub's Markdown: totals, limits, what goes per key, each region to unfold, and last
 * the digest with the line that applies it. Always shorter than 60,000 characters; what was left out is told.
 */
export function planMarkdown(
  { plan, limits, warnings, untagMs }: PlanView,
  { refusal }: Pick<PlannedCleanup, 'refusal'>,
  commands: readonly CommandLine[],
  say: Say,
): string {
  const { tags, resources, keys } = summarizePlan(plan);
  const { inventory, calls } = plan;
  const seen = say('nResources', { n: inventory.resourcesSeen });
  const summary =
    tags === 0
      ? say('mdNothing', { seen })
      : say('mdSummary', {
          tags: say('nTags', { n: tags }),
          resources: say('nResources', { n: resources }),
          percent: percent(resources, inventory.resourcesSeen),
          seen: count(inventory.resourcesSeen),
          calls: say('nCalls', { n: calls.untag }),
          bound:
            calls.untag === calls.lowerBound ? say('certified') : say('atLeast', { n: calls.lowerBound }),
          time: duration(untagMs),
        });
  const head = [
    `### ${say('planTitle', { policy: markdownCode(plan.policy.name, 63) })}`,
    summary,
    ...(inventory.complete ? [] : [`> **${say('mdIncomplete')}**`]),
    ...(refusal === undefined ? [] : [`> **${say('mdRefused')}** ${markdownText(refusal.message, 600)}`]),
  ];
  const foot = [
    `${say('digest')} \`${plan.digest}\``,
    ...(refusal === undefined && tags > 0 ? commands.slice(0, 1).map(({ line }) => fenced(line)) : []),
  ];
  const page = createPage(head, foot);
  if (tags > 0) page.add(limitsTable(plan, limits, say));
  const leftOut: string[] = [];
  if (tags > 0) {
    const shown = page.addRows(
      keysHead(say),
      keys.map((key) => keyRow(key)),
      MOST_BEFORE,
    );
    if (shown < keys.length) leftOut.push(say('mdKeys', { n: keys.length - shown }));
  }
  const told = page.addRows(
    `**${say('warnings')}**\n`,
    warnings.map((one) => `- ${markdownText(one, 300)}`),
    MOST_BEFORE,
  );
  if (told < warnings.length) leftOut.push(say('mdWarnings', { n: warnings.length - told }));
  leftOut.push(...addRegions(page, plan.removals, say));
  return page.close(leftOut.length === 0 ? [] : [`_${say('mdLeftOut', { what: leftOut.join(', ') })}_`]);
}

interface MarkdownPage {
  readonly left: () => number;
  /** Adds a block, if there is room for it. */
  add(block: string): boolean;
  /** Adds a block of rows, as many as fit below `most` characters of the page; says how many. */
  addRows(head: string, rows: readonly string[], most: number, tail?: string): number;
  close(notes: readonly string[]): string;
}

/** Room for the sentence that tells what was left out. */
const NOTE_ROOM = 400;

function createPage(head: readonly string[], foot: readonly string[]): MarkdownPage {
  const blocks = [...head];
  const sizeOf = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length + 2, 0);
  let used = sizeOf(head) + sizeOf(foot) + NOTE_ROOM;
  const add = (block: string): boolean => {
    if (used + block.length + 2 > MOST_MARKDOWN - 1) return false;
    blocks.push(block);
    used += block.length + 2;
    return true;
  };
  return {
    left: () => MOST_MARKDOWN - used,
    add,
    addRows(start, rows, most, tail = '') {
      const room = Math.min(most, MOST_MARKDOWN - 3) - used - tail.length;
      let size = start.length;
      const taken: string[] = [];
      for (const row of rows) {
        if (size + row.length + 1 > room) break;
        taken.push(row);
        size += row.length + 1;
      }
      return taken.length > 0 && add(`${start}\n${taken.join('\n')}${tail}`) ? taken.length : 0;
    },
    close: (notes) => `${[...blocks, ...notes, ...foot].join('\n\n')}\n`,
  };
}

function limitsTable(plan: PlanView['plan'], limits: PlanView['limits'], say: Say): string {
  const seen = plan.inventory.resourcesSeen;
  const rows = limitUses(plan, limits).map(({ limit, planned, allowed, isLookedAt, isPassed }) => {
    const isShare = limit === 'maxPercent';
    const values = isShare ? [percent(planned, seen), `${allowed} %`] : [count(planned), count(allowed)];
    const mark = isPassed ? `**${say('limitPassed')}**` : isLookedAt ? '' : '–';
    return `| ${limit} | ${values.join(' | ')} | ${mark} |`;
  });
  const heads = [say('limit'), say('planned'), say('allowed'), ''];
  return [`| ${heads.join(' | ')} |`, '|---|--:|--:|---|', ...rows].join('\n');
}

function keysHead(say: Say): string {
  return `| ${[say('key'), say('tags'), say('values'), say('removedBy')].join(' | ')} |\n|---|--:|---|---|`;
}

function keyRow({ key, tags, rule, examples, distinctValues }: KeySummary): string {
  const shown = examples.slice(0, 3).map(({ value }) => markdownCode(value === '' ? '""' : value, 24));
  const more = distinctValues > shown.length ? `, … ${count(distinctValues)}` : '';
  return `| ${markdownCode(key, 64)} | ${count(tags)} | ${shown.join(', ')}${more} | ${markdownText(rule, 60)} |`;
}

/** Regions to unfold, while there is room; at least their sums, where the resources do not fit. */
function addRegions(page: MarkdownPage, removals: readonly Removal[], say: Say): readonly string[] {
  const regions = new Map<string, Removal[]>();
  for (const removal of removals) {
    const own = regions.get(removal.region);
    if (own === undefined) regions.set(removal.region, [removal]);
    else own.push(removal);
  }
  let leftRegions = 0;
  let leftResources = 0;
  let at = 0;
  for (const [region, own] of regions) {
    const tags = own.reduce((sum, one) => sum + one.tags.length, 0);
    const title = say('mdRegion', {
      region: markdownText(region, 64),
      tags: say('nTags', { n: tags }),
      resources: say('nResources', { n: own.length }),
    });
    // What is left is shared out, so that the last region is not without any.
    const share = MOST_MARKDOWN - page.left() + page.left() / (regions.size - at);
    const shown = page.addRows(
      `<details><summary>${title}</summary>\n`,
      own.map(resourceLine),
      share,
      '\n\n</details>',
    );
    if (shown === 0 && !page.add(title)) leftRegions += 1;
    leftResources += own.length - shown;
    at += 1;
  }
  return [
    ...(leftResources > 0 ? [say('nResources', { n: leftResources })] : []),
    ...(leftRegions > 0 ? [say('mdRegions', { n: leftRegions })] : []),
  ];
}

function resourceLine({ type, id, tags }: Removal): string {
  const pairs = tags.map(
    ({ key, value }) => `${markdownCode(key, 64)} = ${value === '' ? '""' : markdownCode(value, 40)}`,
  );
  return `- ${markdownCode(id, 64)} ${type}: ${pairs.join(', ')}`;
}

/** A line between fences that are longer than any in it. */
function fenced(line: string): string {
  const longest = Math.max(2, ...(line.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sh\n${line}\n${fence}`;
}
