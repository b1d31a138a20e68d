import type { Batch } from '../lib/batch/types.ts';
import { isKubernetesKey } from '../lib/policy/reserved.ts';
import type { Report } from '../lib/report/report.ts';
import { runUndo, type UndoRequest } from '../lib/run/undo.ts';
import type { UndoPlan } from '../lib/undo/undo-plan.ts';
import type { Arguments } from './arguments.ts';
import { confirm } from './ask.ts';
import { untilInterrupted } from './interrupt.ts';
import { type ExitCode, type Io, UsageError } from './io.ts';
import { counted } from './numbers.ts';
import { showProgress } from './progress.ts';
import { finishWithReport } from './report-exit.ts';
import { renderUndo } from './undo-view.ts';
import { newRunId, noRecords, openWorld, readAccount } from './world.ts';

const SHARE = 0.5;

/**
 * Carries out the plan of an undo that was kept and reviewed: exactly that, or less where it changed meanwhile.
 *
 * A key of Kubernetes is in it only where it was named when the plan was made.
 */
export async function applyUndoPlan(plan: UndoPlan, args: Arguments, io: Io): Promise<ExitCode> {
  const { ports, whose } = await openWorld(args, io);
  const records = ports.audit;
  if (records === null) throw noRecords('the undo');
  const { accountId } = readAccount(args);
  if (plan.accountId !== undefined && accountId !== undefined && plan.accountId !== accountId) {
    throw new UsageError(`The plan is of account ${plan.accountId}, not ${accountId}. Nothing was put back.`);
  }
  const progress = showProgress(io, { quiet: args.flags.has('json') });
  const options = { ...whose, onProgress: progress.show };
  const keys = plan.puts.flatMap(({ tags }) => tags.map(({ key }) => key));
  const request = (mode: UndoRequest['mode']): UndoRequest => ({
    undo: plan.undoOf,
    mode,
    trigger: { type: 'cli', name: 'apply' },
    runId: newRunId(ports.clock.now()),
    // The values are those that were reviewed: whichever attempt they are from, a person has seen them.
    attempts: 'all',
    records,
    plan,
    share: SHARE,
    allowKeys: [...new Set(keys.filter(isKubernetesKey))],
  });
  const act = () =>
    untilInterrupted(io, (signal) => runUndo(request('apply'), ports, { ...options, signal })).finally(
      progress.end,
    );
  if (args.flags.has('yes')) return finishWithReport(await act(), args, io);
  let batches: readonly Batch[] = [];
  const report: Report = await runUndo(
    {
      ...request('dry-run'),
      onPlan: (_, own) => {
        batches = own;
      },
    },
    { ...ports, audit: null },
    options,
  ).finally(progress.end);
  io.err(renderUndo({ plan, batches, report, share: SHARE }, io.errPaint, { all: args.flags.has('all') }));
  const restorable = report.undo?.restorable ?? 0;
  if (restorable > 0 && (await confirm(`\nPut ${counted(restorable, 'tag')} back?`, 'put them back', io))) {
    return finishWithReport(await act(), args, io);
  }
  io.err('Nothing was put back.\n');
  return restorable === 0 ? 0 : 1;
}
