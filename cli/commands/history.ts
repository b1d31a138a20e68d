import type { RunSummary } from '../../lib/audit/history.ts';
import type { FamilySummary } from '../../lib/run/family.ts';
import { type History, type RunFamily, readHistory } from '../../lib/run/history.ts';
import { safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import type { ExitCode, Io } from '../io.ts';
import { count, counted, duration } from '../numbers.ts';
import { JSON_OPTION, SETTING_OPTIONS } from '../options.ts';
import { outputOf } from '../output.ts';
import { readCount, readSince, SINCE_OPTIONS } from '../since.ts';
import { type Column, table } from '../table.ts';
import { localTime, localTimeWithZone, zoneName } from '../times.ts';
import { openAudit } from '../world.ts';

export const command: Command = {
  usage: 'history [options]',
  description:
    'Lists the runs that the records tell of, newest first: outcome, counts, and what started them.',
  options: {
    resource: { type: 'text', value: 'ID', help: 'only runs that asked for a change of this resource' },
    key: { type: 'text', value: 'KEY', help: 'only runs that asked for a change of this tag key' },
    policy: { type: 'text', value: 'NAME', help: 'only runs of this policy' },
    ...SINCE_OPTIONS,
    limit: { type: 'text', value: 'N', help: 'at most so many runs; default 20' },
    ...JSON_OPTION,
    ...SETTING_OPTIONS,
  },
  examples: [
    { line: 'history --log-file tagsweep.jsonl', says: 'runs from this machine' },
    { line: 'history --resource eci-2ze81zoc3yl7a3we --since 7d', says: 'who touched it this week?' },
  ],
  words: { least: 0, most: 0 },
  run: history,
};

async function history(args: Arguments, io: Io): Promise<ExitCode> {
  const limit = readCount('limit', args, 20);
  const { audit, clock, signer } = openAudit(args, io, 'history');
  const fromMs = readSince(args, clock.now());
  const { resource, key, policy } = args.texts;
  const found = await readHistory(
    { audit, ...(signer && { signer }) },
    {
      fromMs,
      limit,
      ...(resource !== undefined && { resourceId: resource }),
      ...(key !== undefined && { key }),
      ...(policy !== undefined && { policy }),
    },
  );
  const shown = found.families.slice(0, limit);
  outputOf(args, io).result(shown, () =>
    shown.length === 0
      ? `No such run since ${localTimeWithZone(fromMs)}.\n`
      : `${historyTable(shown, io)}${cutNote(found.families.length - shown.length)}\n`,
  );
  for (const line of trustNotes(found)) io.err(`${io.errPaint.dim(safeText(line))}\n`);
  return 0;
}

/** What a reader should know of the log itself. */
function trustNotes({ signatures, aside, families }: History): readonly string[] {
  const notes: string[] = [];
  if (aside.length > 0) {
    const first = aside.slice(0, 3).map(({ eventId, why }) => `${eventId}: ${why}`);
    notes.push(`${counted(aside.length, 'record')} left aside: ${first.join(' ')}`);
  }
  if (families.length > 0) notes.push(SIGNATURE_NOTES[signatures]);
  return notes;
}

const SIGNATURE_NOTES: Readonly<Record<History['signatures'], string>> = {
  checked: 'The log is signed: every run that is told was written by a holder of the key.',
  unchecked: 'The log is signed, and TAGSWEEP_JOURNAL_KEY is not set: the signatures were not looked at.',
  none: 'The log is not signed: whoever may write into it could have written any of this (docs/audit.md).',
};

function cutNote(left: number): string {
  return left > 0 ? `\n  … and ${count(left)} earlier: --limit shows more` : '';
}

function historyTable(families: readonly RunFamily[], io: Io): string {
  const columns: readonly Column[] = [
    { head: 'run' },
    { head: `started (${zoneName()})` },
    { head: 'policy', fit: 'cut' },
    { head: 'started by', fit: 'cut' },
    { head: 'outcome', fit: 'wrap' },
    { head: 'planned', align: 'right' },
    { head: 'changed', align: 'right' },
    { head: 'failed', align: 'right' },
    { head: 'took', align: 'right' },
  ];
  const rows = families.flatMap(({ run, children, whole }) =>
    children.length === 0 && whole.outcome === run.outcome
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
  const tries = run.attempts.length > 1 ? `, ${run.attempts.length} attempts` : '';
  return [
    `${indent}${io.paint.bold(safeText(run.runId))}`,
    safeText(localTime(run.startedAt)),
    safeText(run.policyName),
    safeText(`${run.triggerType} ${run.triggerName}`.trim()),
    `${paintOutcome(run.outcome, io)}${kind}${tries}`,
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
