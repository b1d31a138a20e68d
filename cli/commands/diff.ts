import type { Removal } from '../../lib/plan/types.ts';
import { comparePolicies } from '../../lib/run/compare.ts';
import { safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import type { ExitCode, Io } from '../io.ts';
import { loadPolicy } from '../load-policy.ts';
import { count, counted } from '../numbers.ts';
import { ALL_OPTION, JSON_OPTION, READING_OPTIONS } from '../options.ts';
import { outputOf } from '../output.ts';
import { summarizePlan } from '../plan-summary.ts';
import { quoted, safeTextWithin } from '../safe-text.ts';
import { table } from '../table.ts';
import { openWorld } from '../world.ts';

export const command: Command = {
  usage: 'diff POLICY_A POLICY_B [options]',
  description:
    'Shows what two policies would remove differently, on one and the same inventory; reads only.\nUseful before a change of a policy is merged.',
  options: { ...ALL_OPTION, ...JSON_OPTION, ...READING_OPTIONS },
  examples: [
    { line: 'diff strip-ci-markers new/strip-ci-markers.yaml', says: 'what does the change change?' },
  ],
  words: { least: 2, most: 2 },
  run: diff,
};

async function diff(args: Arguments, io: Io): Promise<ExitCode> {
  const [wordA = '', wordB = ''] = args.positionals;
  const a = await loadPolicy(wordA, args, io);
  const b = await loadPolicy(wordB, args, io);
  const { ports } = await openWorld(args, io);
  const output = outputOf(args, io);
  const progress = output.progress();
  const comparison = await comparePolicies(a, b, ports, { onProgress: progress.show }).finally(progress.end);
  const { onlyA, onlyB, both } = comparison.diff;
  const { complete, regions, resourcesSeen } = comparison.inventory;
  const value = {
    a: { policy: a.name, digest: comparison.a.digest },
    b: { policy: b.name, digest: comparison.b.digest },
    inventory: { complete, regions, resourcesSeen },
    both,
    onlyA,
    onlyB,
  };
  output.result(value, () =>
    [
      `Both remove ${counted(both, 'tag')}; ${counted(resourcesSeen, 'resource')} were seen.\n\n`,
      renderSide(`Only ${safeText(wordA)}`, onlyA, args, io),
      renderSide(`Only ${safeText(wordB)}`, onlyB, args, io),
    ].join(''),
  );
  if (comparison.inventory.complete) return 0;
  io.err('The inventory is not complete: there may be more differences.\n');
  return 1;
}

const SHOWN = 15;

function renderSide(title: string, removals: readonly Removal[], args: Arguments, { paint }: Io): string {
  const { tags, resources, keys } = summarizePlan({ removals, batches: [] });
  const head = `${paint.bold(title)} removes ${counted(tags, 'tag')} on ${counted(resources, 'resource')}`;
  if (tags === 0) return `${head}\n\n`;
  const shown = args.flags.has('all') ? keys : keys.slice(0, SHOWN);
  const rows = shown.map(({ key, tags: sum, examples, rule }) => [
    paint.cyan(safeTextWithin(key, 40)),
    count(sum),
    examples
      .slice(0, 2)
      .map(({ value }) => quoted(value, 24))
      .join(', '),
    paint.dim(safeTextWithin(rule, 48)),
  ]);
  const body = table(
    [{ head: 'key' }, { head: 'tags', align: 'right' }, { head: 'values' }, { head: 'removed by' }],
    rows,
    paint,
  );
  const note =
    keys.length > shown.length
      ? `\n${paint.dim(`  … and ${count(keys.length - shown.length)} more: --all shows them`)}`
      : '';
  return `${head}\n${body}${note}\n\n`;
}
