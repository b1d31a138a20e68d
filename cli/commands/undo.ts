import { REGION_ID } from '../../lib/resource.ts';
import { runUndo, type UndoRequest } from '../../lib/run/undo.ts';
import { encodeJson, safeText } from '../../lib/text.ts';
import type { UndoPart } from '../../lib/undo/narrow.ts';
import { formatUndoPlan, type UndoPlan } from '../../lib/undo/undo-plan.ts';
import type { Arguments, OptionSpecs } from '../arguments.ts';
import { confirm } from '../ask.ts';
import type { Command } from '../command.ts';
import { untilInterrupted } from '../interrupt.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { counted } from '../numbers.ts';
import {
  ACCOUNT_OPTION,
  ALL_OPTION,
  ATTEMPT_OPTION,
  JSON_OPTION,
  SETTING_OPTIONS,
  YES_OPTION,
} from '../options.ts';
import { showProgress } from '../progress.ts';
import { finishWithReport } from '../report-exit.ts';
import { renderUndo, type UndoView, undoMs } from '../undo-view.ts';
import { newRunId, noRecords, openWorld, readAttempts } from '../world.ts';
import { writeOutput } from '../write-output.ts';

const PART_OPTIONS: OptionSpecs = {
  resource: { type: 'list', value: 'ID', help: 'only this resource; may be given again' },
  key: { type: 'list', value: 'KEY', help: 'only this tag key; may be given again' },
  region: { type: 'list', value: 'ID', help: 'only this region; may be given again' },
  first: { type: 'list', value: 'KEYS', help: 'these keys come back first; then what most resources share' },
  share: { type: 'text', value: 'PART', help: 'of the published quota, from 0.01 to 1; default 0.5' },
  'allow-key': {
    type: 'list',
    value: 'KEY',
    help: 'put this key of Kubernetes back, too (PodName, k8s.io/…): named one by one',
  },
};

export const command: Command = {
  usage: 'undo RUN [options]',
  description:
    'Puts back what a run removed, with the values from its records: only where the key is still absent and the\nresource still there; nothing is overwritten. Shows every key and value first, and asks on a terminal; elsewhere it\nacts with --yes alone. A plan kept with --out is carried out by apply, exactly.',
  options: {
    ...YES_OPTION,
    out: {
      type: 'text',
      short: 'o',
      value: 'FILE',
      help: 'keep the plan, to review it and apply exactly that',
    },
    ...PART_OPTIONS,
    ...ATTEMPT_OPTION,
    ...ACCOUNT_OPTION,
    ...ALL_OPTION,
    ...JSON_OPTION,
    ...SETTING_OPTIONS,
  },
  examples: [
    { line: 'undo cli-20260101T020000Z-ab12cd34 --log-file tagsweep.jsonl', says: 'what could be put back?' },
    {
      line: 'undo cli-20260101T020000Z-ab12cd34 --key cost-center --share 0.9 --yes',
      says: 'what hurts most',
    },
    {
      line: 'undo cli-20260101T020000Z-ab12cd34 --out undo.json',
      says: 'for a review; then: apply undo.json',
    },
  ],
  words: { least: 1, most: 1 },
  run: undo,
};

async function undo(args: Arguments, io: Io): Promise<ExitCode> {
  const share = readShare(args);
  const part = readPart(args);
  const { ports, whose } = await openWorld(args, io);
  const records = ports.audit;
  if (records === null) throw noRecords('undo');
  const progress = showProgress(io, { quiet: args.flags.has('json') });
  const options = { ...whose, onProgress: progress.show };
  const request = (mode: UndoRequest['mode']): UndoRequest => ({
    undo: args.positionals[0] ?? '',
    mode,
    trigger: { type: 'cli', name: 'undo' },
    runId: newRunId(ports.clock.now()),
    attempts: readAttempts(args),
    records,
    part,
    share,
    ...(args.lists['allow-key'] && { allowKeys: args.lists['allow-key'] }),
    ...(args.lists.first && { first: args.lists.first }),
  });
  const act = (plan?: UndoPlan) =>
    untilInterrupted(io, (signal) =>
      runUndo({ ...request('apply'), ...(plan && { plan }) }, ports, { ...options, signal }),
    ).finally(progress.end);

  if (args.flags.has('yes')) return finishWithReport(await act(), args, io);
  let view: Pick<UndoView, 'plan' | 'batches'> | undefined;
  const onPlan: UndoRequest['onPlan'] = (plan, batches) => {
    view = { plan, batches };
  };
  // Only looking leaves no record: who may read the log need not be able to write into it.
  const report = await runUndo({ ...request('dry-run'), onPlan }, { ...ports, audit: null }, options).finally(
    progress.end,
  );
  if (view === undefined) return finishWithReport(report, args, io);
  const foreseen = { ...view, report, share };
  if (args.texts.out !== undefined) writeOutput(args.texts.out, formatUndoPlan(foreseen.plan));
  const restorable = report.undo?.restorable ?? 0;
  if (!io.canAsk || args.texts.out !== undefined || restorable === 0 || report.outcome !== 'success') {
    return tellOnly(foreseen, args, io);
  }
  io.err(renderUndo(foreseen, io.errPaint, { all: args.flags.has('all') }));
  if (await confirm(`\nPut ${counted(restorable, 'tag')} back?`, 'put them back', io)) {
    return finishWithReport(await act(foreseen.plan), args, io);
  }
  io.err('Nothing was put back.\n');
  return 1;
}

/** What would be done, and how to do it. */
function tellOnly(view: UndoView, args: Arguments, io: Io): ExitCode {
  const { plan, report, batches } = view;
  if (args.flags.has('json')) {
    const calls = { tag: batches.length, estimateMs: undoMs(view) };
    io.out(`${encodeJson({ ...report, undo: { ...report.undo, calls, plan } }, 2)}\n`);
  } else {
    io.page(renderUndo(view, io.paint, { all: args.flags.has('all') }));
  }
  const { out } = args.texts;
  if (plan.puts.length > 0) {
    const how =
      out === undefined
        ? '--yes does it, --out keeps the plan'
        : `tagsweep apply ${safeText(out)} does exactly this`;
    io.err(`Nothing was put back yet: ${how}.\n`);
  }
  return report.outcome === 'success' ? 0 : 1;
}

function readShare({ texts }: Arguments): number {
  if (texts.share === undefined) return 0.5;
  const share = Number(texts.share);
  if (Number.isFinite(share) && share >= 0.01 && share <= 1) return share;
  throw new UsageError(
    `--share ${safeText(texts.share)}: it is a part of the quota, from 0.01 to 1, such as 0.9.`,
  );
}

function readPart({ lists }: Arguments): UndoPart {
  const { region: regions, resource: resourceIds, key: keys } = lists;
  const wrong = regions?.find((word) => !REGION_ID.test(word));
  if (wrong !== undefined)
    throw new UsageError(`--region ${safeText(wrong)}: that is no region id such as cn-hangzhou.`);
  return { regions, resourceIds, keys };
}
