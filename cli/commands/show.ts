import type { Attempt } from '../../lib/audit/attempts.ts';
import { readBatches } from '../../lib/audit/decode.ts';
import { readReportOf } from '../../lib/audit/read-report.ts';
import type { CommandLine } from '../../lib/pages/model.ts';
import { runPage } from '../../lib/pages/run-page.ts';
import { readTrustedRun, type TrustedRun } from '../../lib/run/trusted-run.ts';
import { safeText } from '../../lib/text.ts';
import { VERSION } from '../../lib/version.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import type { ExitCode, Io } from '../io.ts';
import { LANGUAGE_OPTION, readLanguage } from '../language.ts';
import { counted } from '../numbers.ts';
import { ALL_OPTION, JSON_OPTION, SETTING_OPTIONS } from '../options.ts';
import { outputOf } from '../output.ts';
import { renderReport } from '../render-report.ts';
import { shellWord } from '../shell-word.ts';
import { localTimeWithZone } from '../times.ts';
import { openAudit } from '../world.ts';
import { writePage } from '../write-page.ts';

export const command: Command = {
  usage: 'show RUN [options]',
  description:
    'Tells a run whole, as apply told it: each of its attempts and of the invocations that went on with it, and what of\nthe records is proved to be its own. Reads only the records.',
  options: {
    html: {
      type: 'text',
      value: 'FILE',
      help: 'the run as one web page: its timeline, what became of every tag, failures, proof, records',
    },
    ...ALL_OPTION,
    ...JSON_OPTION,
    ...LANGUAGE_OPTION,
    ...SETTING_OPTIONS,
  },
  examples: [
    { line: 'show cli-20260101T020000Z-ab12cd34 --log-file tagsweep.jsonl', says: 'what was that?' },
    {
      line: 'show cli-20260101T020000Z-ab12cd34 --html run.html',
      says: 'the same as a page, to send around',
    },
  ],
  words: { least: 1, most: 1 },
  run: show,
};

async function show(args: Arguments, io: Io): Promise<ExitCode> {
  const language = readLanguage(args, io);
  const { audit, signer } = openAudit(args, io, 'show');
  const run = await readTrustedRun(args.positionals[0] ?? '', { audit, ...(signer && { signer }) }, 'all');
  const { html } = args.texts;
  if (html !== undefined) {
    writePage(html, runPage({ run, undo: undoCommand(run.runId, args), language, version: VERSION }));
  }
  outputOf(args, io).result(asJson(run), () => renderRun(run, args, io));
  return 0;
}

/** The line that undoes the run, from the same records. */
function undoCommand(runId: string, { texts }: Arguments): CommandLine {
  const places = ['log-file', 'log-project', 'log-store', 'log-region'].flatMap((flag) => {
    const place = texts[flag];
    return place === undefined ? [] : [`--${flag} ${shellWord(place)}`];
  });
  return { says: 'undoNote', line: ['tagsweep undo', shellWord(runId), ...places].join(' ') };
}

function renderRun(run: TrustedRun, args: Arguments, io: Io): string {
  const parts = run.attempts.map((attempt) => render(attempt, args, io));
  const trust = run.isSigned
    ? 'Every record of it is signed, and was checked.'
    : 'Its records are not signed.';
  const notes = [trust, ...run.warnings].map((note) => io.paint.dim(safeText(note)));
  return `${[...parts, notes.join('\n')].join('\n')}\n`;
}

function render(attempt: Attempt, args: Arguments, io: Io): string {
  const { attemptId, ends, runId, startedAt, announced } = attempt;
  const reports = ends.flatMap((end) => readReportOf(end) ?? []);
  const head = io.paint.dim(
    `attempt ${safeText(attemptId)}, started ${safeText(localTimeWithZone(startedAt))}`,
  );
  if (reports.length > 0) {
    const pages = reports.map((report) => renderReport(report, io.paint, { all: args.flags.has('all') }));
    return `${head}\n${pages.join('\n')}`;
  }
  return `${head}\n${io.paint.yellow('◐')} ${io.paint.bold(`Run ${safeText(runId)}`)}: it has no end in the records; it goes on, or was killed\n\n  ${counted(announced, 'tag')} announced, ${counted(doneBy(attempt), 'tag')} changed by the requests of which there are records\n`;
}

function doneBy({ records }: Attempt): number {
  return readBatches(records).reduce((sum, { tagsChanged }) => sum + tagsChanged, 0);
}

function asJson({ runId, attempts, aside, isSigned, warnings }: TrustedRun) {
  return {
    runId,
    isSigned,
    warnings,
    aside,
    attempts: attempts.map((attempt) => ({
      runId: attempt.runId,
      attemptId: attempt.attemptId,
      state: attempt.state,
      startedAt: attempt.startedAt,
      announced: attempt.announced,
      changed: doneBy(attempt),
      reports: attempt.ends.flatMap((end) => readReportOf(end) ?? []),
    })),
  };
}
