import { MOST_FLEET_BYTES, readFleet } from '../../lib/fleet/fleet-file.ts';
import { inventoryOfFleet } from '../../lib/fleet/fleet-inventory.ts';
import type { Inventory } from '../../lib/inventory/inventory.ts';
import type { Removal } from '../../lib/plan/types.ts';
import {
  type ComparedChange,
  type Comparison,
  compareChanges,
  type PolicyChange,
  type ReadOnce,
  readToday,
} from '../../lib/run/compare.ts';
import { safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { loadPolicy } from '../load-policy.ts';
import { count, counted } from '../numbers.ts';
import { ALL_OPTION, JSON_OPTION, READING_OPTIONS } from '../options.ts';
import { outputOf } from '../output.ts';
import { summarizePlan } from '../plan-summary.ts';
import { changesSince } from '../policy-history.ts';
import { readFormat } from '../render-build.ts';
import { changeText, diffMarkdown } from '../render-diff.ts';
import { examples, KEY_COLUMNS } from '../render-plan.ts';
import { table } from '../table.ts';
import { openWorld } from '../world.ts';
import { readInput } from '../write-output.ts';

export const command: Command = {
  usage: 'diff POLICY_A POLICY_B [options]\n       tagsweep diff --base COMMIT [options]',
  description:
    'Shows what two policies would remove differently, on one and the same inventory; reads only. With --base: what the\npolicies folder would remove differently than at that commit of git. Useful before a change of a policy is merged.',
  options: {
    base: {
      type: 'text',
      value: 'COMMIT',
      help: 'hold the policies folder against this commit, such as origin/main',
    },
    fleet: {
      type: 'text',
      value: 'FILE',
      help: 'on this fleet file in place of the account: needs no credentials',
    },
    format: { type: 'text', value: 'markdown', help: 'print a comment for a pull request' },
    ...ALL_OPTION,
    ...JSON_OPTION,
    ...READING_OPTIONS,
  },
  examples: [
    { line: 'diff strip-ci-markers new/strip-ci-markers.yaml', says: 'what does the change change?' },
    { line: 'diff --base origin/main --format markdown', says: 'as a comment on a pull request' },
    { line: 'diff --base HEAD~1 --fleet fleet.json', says: 'on a fleet that was saved' },
  ],
  words: { least: 0, most: 2 },
  run: diff,
};

async function diff(args: Arguments, io: Io): Promise<ExitCode> {
  const format = readFormat(args, ['markdown']);
  const { base } = args.texts;
  if (args.positionals.length !== (base === undefined ? 2 : 0)) {
    throw new UsageError('Give two policies, or --base COMMIT and none. See tagsweep diff --help.');
  }
  const changes = base === undefined ? [await twoPolicies(args, io)] : await changesSince(base, args, io);
  const output = outputOf(args, io);
  if (changes.length === 0) {
    if (format === 'markdown') io.out('No policy changed.\n');
    else output.result({ changes: [] }, () => 'No policy changed.\n');
    return 0;
  }
  const progress = output.progress();
  const options = { onProgress: progress.show };
  const read =
    args.texts.fleet === undefined
      ? readToday((await openWorld(args, io)).ports, options)
      : readSaved(args.texts.fleet);
  const comparison = await compareChanges(changes, read, options).finally(progress.end);
  if (format === 'markdown') io.out(diffMarkdown(comparison));
  else if (base === undefined) output.result(pairJson(comparison), () => renderPair(comparison, args, io));
  else output.result(setJson(comparison), () => renderSet(comparison, args, io));
  if (comparison.inventory.complete) return 0;
  io.err('The inventory is not complete: there may be more differences.\n');
  return 1;
}

async function twoPolicies(args: Arguments, io: Io): Promise<PolicyChange> {
  const [wordA = '', wordB = ''] = args.positionals;
  const before = await loadPolicy(wordA, args, io);
  return { name: before.name, before, after: await loadPolicy(wordB, args, io) };
}

/** Dates and ages are held against the time at which the fleet is looked at, as for any other inventory. */
function readSaved(file: string): ReadOnce {
  const fleet = readFleet(readInput(file, MOST_FLEET_BYTES), file);
  return async (policy) => ({ inventory: inventoryOfFleet(fleet, policy), asOfMs: Date.now() });
}

function pairJson({ changes, inventory }: Comparison) {
  const [{ before, after, plans, diff }] = changes as readonly [ComparedChange];
  return {
    a: { policy: before?.name, digest: plans.before?.digest },
    b: { policy: after?.name, digest: plans.after?.digest },
    inventory: inventoryJson(inventory),
    both: diff.both,
    onlyA: diff.onlyA,
    onlyB: diff.onlyB,
  };
}

function setJson({ changes, inventory }: Comparison) {
  return {
    inventory: inventoryJson(inventory),
    changes: changes.map(({ name, before, after, plans, diff }) => ({
      policy: name,
      ...(before && { before: { mode: before.mode, digest: plans.before?.digest } }),
      ...(after && { after: { mode: after.mode, digest: plans.after?.digest } }),
      both: diff.both,
      noMore: diff.onlyA,
      now: diff.onlyB,
    })),
  };
}

function inventoryJson({ complete, regions, resourcesSeen }: Inventory) {
  return { complete, regions, resourcesSeen };
}

function renderPair({ changes, inventory }: Comparison, args: Arguments, io: Io): string {
  const [{ diff: found }] = changes as readonly [ComparedChange];
  const [wordA = '', wordB = ''] = args.positionals;
  return [
    `Both remove ${counted(found.both, 'tag')}; ${counted(inventory.resourcesSeen, 'resource')} were seen.\n\n`,
    renderSide(`Only ${safeText(wordA)}`, found.onlyA, args, io),
    renderSide(`Only ${safeText(wordB)}`, found.onlyB, args, io),
  ].join('');
}

function renderSet({ changes, inventory }: Comparison, args: Arguments, io: Io): string {
  const parts = changes.map((change) => {
    const { name, diff: found } = change;
    return [
      `${io.paint.bold(safeText(name))}  ${changeText(change)}\n`,
      `As before it removes ${counted(found.both, 'tag')}.\n`,
      found.onlyB.length > 0 ? renderSide('Now it also', found.onlyB, args, io) : '',
      found.onlyA.length > 0 ? renderSide('No more it', found.onlyA, args, io) : '',
      '\n',
    ].join('');
  });
  return `${counted(inventory.resourcesSeen, 'resource')} were seen.\n\n${parts.join('')}`;
}

const SHOWN = 15;

function renderSide(title: string, removals: readonly Removal[], args: Arguments, { paint }: Io): string {
  const { tags, resources, keys } = summarizePlan({ removals, batches: [] });
  const head = `${paint.bold(title)} removes ${counted(tags, 'tag')} on ${counted(resources, 'resource')}`;
  if (tags === 0) return `${head}\n\n`;
  const shown = args.flags.has('all') ? keys : keys.slice(0, SHOWN);
  const rows = shown.map((group) => [
    paint.cyan(safeText(group.key)),
    count(group.tags),
    examples(group, paint),
    paint.dim(safeText(group.rule)),
  ]);
  const body = table(KEY_COLUMNS, rows, paint);
  const note =
    keys.length > shown.length
      ? `\n${paint.dim(`  … and ${count(keys.length - shown.length)} more: --all shows them`)}`
      : '';
  return `${head}\n${body}${note}\n\n`;
}
