import type { RunSummary } from '../../lib/audit/history.ts';
import type { FamilySummary } from '../../lib/run/family.ts';
import { type RunFamily, readHistory } from '../../lib/run/history.ts';
import { encodeJson, safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { count, duration } from '../numbers.ts';
import { JSON_OPTION, SETTING_OPTIONS } from '../options.ts';
import { safeTextWithin } from '../safe-text.ts';
import { table } from '../table.ts';
import { openAudit } from '../world.ts';

export const command: Command = {
  usage: 'history [options]',
  description:
    'Lists the runs that the records tell of, newest first: outcome, counts, and what started them.',
  options: {
    days: { type: 'text', value: 'N', help: 'how far back; default 30' },
    limit: { type: 'text', value: 'N', help: 'at most so many runs; default 20' },
    ...JSON_OPTION,
    ...SETTING_OPTIONS,
  },
  examples: [{ line: 'history --log-file tagsweep.jsonl', says: 'runs from this machine' }],
  words: { least: 0, most: 0 },
  run: history,
};

const DAY_MS = 24 * 60 * 60 * 1000;

async function history(args: Arguments, io: Io): Promise<ExitCode> {
  const days = readCount('days', args, 30);
  const limit = readCount('limit', args, 20);
  const { audit, clock } = openAudit(args, io, 'history');
  const families = await readHistory({ audit }, { fromMs: Math.max(0, clock.now() - days * DAY_MS) });
  const shown = families.slice(0, limit);
  if (args.flags.has('json')) io.out(`${encodeJson(shown, 2)}\n`);
  else if (shown.length === 0) io.out(`No run in the last ${days} days.\n`);
  else io.out(`${historyTable(shown, io)}${cutNote(families.length - shown.length)}\n`);
  return 0;
}

function cutNote(left: number): string {
  return left > 0 ? `\n  … and ${count(left)} earlier: --limit shows more` : '';
}

function readCount(name: string, args: Arguments, otherwise: number): number {
  const text = args.texts[name];
  if (text === undefined) return otherwise;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} ${safeText(text)}: it is a whole number from 1.`);
}

function historyTable(families: readonly RunFamily[], io: Io): string {
  const right = 'right' as const;
  const columns = [
    { head: 'started' },
    { head: 'run' },
    { head: 'policy' },
    { head: 'started by' },
    { head: 'outcome' },
    { head: 'planned', align: right },
    { head: 'changed', align: right },
    { head: 'failed', align: right },
    { head: 'took', align: right },
  ];
  const rows = families.flatMap(({ run, children, whole }) =>
    children.length === 0
      ? [runRow(run, '', io)]
      : [
          runRow({ ...run, ...whole }, '', io),
          ...[run, ...children].map((member) => runRow(member, '└ ', io)),
        ],
  );
  return table(columns, rows, io.paint);
}

/** A family is a row of its own, with what it came to as a whole, above its invocations. */
function runRow(
  run: Omit<RunSummary, 'tags'> & Pick<FamilySummary, 'tags'>,
  indent: string,
  io: Io,
): readonly string[] {
  const { tags } = run;
  const kind = run.undoOf === undefined ? (run.dryRun ? ' (dry run)' : '') : ' (undo)';
  return [
    safeText(run.startedAt.slice(0, 19)),
    `${indent}${io.paint.bold(safeText(run.runId))}`,
    safeTextWithin(run.policyName, 32),
    safeTextWithin(`${run.triggerType} ${run.triggerName}`.trim(), 32),
    `${paintOutcome(run.outcome, io)}${kind}`,
    count(tags.planned),
    count(tags.removed + tags.restored),
    count(tags.failed),
    run.outcome === 'unfinished' ? '' : duration(run.durationMs),
  ];
}

function paintOutcome(outcome: RunSummary['outcome'], { paint }: Io): string {
  if (outcome === 'success') return paint.green(outcome);
  return outcome === 'failure' || outcome === 'refused' ? paint.red(outcome) : paint.yellow(outcome);
}
