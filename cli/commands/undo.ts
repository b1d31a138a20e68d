import { runUndo, type UndoRequest } from '../../lib/run/undo.ts';
import type { Arguments } from '../arguments.ts';
import { confirm } from '../ask.ts';
import type { Command } from '../command.ts';
import { untilInterrupted } from '../interrupt.ts';
import type { ExitCode, Io } from '../io.ts';
import { counted } from '../numbers.ts';
import {
  ACCOUNT_OPTION,
  ALL_OPTION,
  ATTEMPT_OPTION,
  JSON_OPTION,
  SETTING_OPTIONS,
  YES_OPTION,
} from '../options.ts';
import { outputOf } from '../output.ts';
import { renderReport } from '../render-report.ts';
import { finishWithReport } from '../report-exit.ts';
import { identityOf, newRunId, noRecords, openWorld, readAccount, readAttempts } from '../world.ts';

export const command: Command = {
  usage: 'undo RUN [options]',
  description:
    'Puts back what a run removed, with the values from its records: only where the key is still absent and the\nresource still there; nothing is overwritten. Without --yes it tells what it would do, and asks on a terminal.',
  options: {
    ...YES_OPTION,
    ...ATTEMPT_OPTION,
    ...ACCOUNT_OPTION,
    ...ALL_OPTION,
    ...JSON_OPTION,
    ...SETTING_OPTIONS,
  },
  examples: [
    { line: 'undo cli-20260101T020000Z-ab12cd34 --log-file tagsweep.jsonl', says: 'what could be put back?' },
    { line: 'undo cli-20260101T020000Z-ab12cd34 --yes --json', says: 'put it back' },
  ],
  words: { least: 1, most: 1 },
  run: undo,
};

async function undo(args: Arguments, io: Io): Promise<ExitCode> {
  const { ports } = await openWorld(args, io);
  const records = ports.audit;
  if (records === null) throw noRecords('undo');
  const progress = outputOf(args, io).progress();
  const options = { identity: identityOf(args, io), ...readAccount(args), onProgress: progress.show };
  const request = (mode: UndoRequest['mode']): UndoRequest => ({
    undo: args.positionals[0] ?? '',
    mode,
    trigger: { type: 'cli', name: 'undo' },
    runId: newRunId(ports.clock.now()),
    attempts: readAttempts(args),
    records,
  });
  // Only looking leaves no record: who may read the log need not be able to write into it.
  const foresee = () => runUndo(request('dry-run'), { ...ports, audit: null }, options).finally(progress.end);
  const act = () =>
    untilInterrupted(io, (signal) => runUndo(request('apply'), ports, { ...options, signal })).finally(
      progress.end,
    );

  if (args.flags.has('yes')) return finishWithReport(await act(), args, io);
  const foreseen = await foresee();
  const restorable = foreseen.undo?.restorable ?? 0;
  if (!io.canAsk || restorable === 0 || foreseen.outcome !== 'success') {
    const code = finishWithReport(foreseen, args, io);
    if (code === 0 && restorable > 0) io.err('Nothing was put back yet: --yes does it.\n');
    return code;
  }
  io.err(renderReport(foreseen, io.errPaint, { all: args.flags.has('all') }));
  if (await confirm(`\nPut ${counted(restorable, 'tag')} back?`, 'put them back', io)) {
    return finishWithReport(await act(), args, io);
  }
  io.err('Nothing was put back.\n');
  return 1;
}
