import { CleanupError } from '../../lib/errors.ts';
import { MAX_PLAN_BYTES, readPlanFile } from '../../lib/plan/plan-file.ts';
import type { Plan } from '../../lib/plan/types.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Report } from '../../lib/report/report.ts';
import { planCleanup, runCleanup } from '../../lib/run/cleanup.ts';
import { findAtWork, sentenceOf } from '../../lib/run/overlap.ts';
import type { CleanupRequest, RunOptions, RunPorts } from '../../lib/run/request.ts';
import { applySavedPlan, policyOf, refuseExpired } from '../../lib/run/saved-plan.ts';
import { safeLines, safeText } from '../../lib/text.ts';
import { isUndoPlan, readUndoPlan, type UndoPlan } from '../../lib/undo/undo-plan.ts';
import { applyUndoPlan } from '../apply-undo.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { agreeToOverlap, agreeToPlan } from '../consent.ts';
import { untilInterrupted } from '../interrupt.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { loadPolicy, loadTodaysPolicy } from '../load-policy.ts';
import { ACCOUNT_OPTION, ALL_OPTION, JSON_OPTION, SETTING_OPTIONS, YES_OPTION } from '../options.ts';
import { outputOf } from '../output.ts';
import { planView, savedPlanView } from '../plan-view.ts';
import type { ProgressView } from '../progress.ts';
import { renderPlan } from '../render-plan.ts';
import { exitCodeOfStop, finishWithReport } from '../report-exit.ts';
import { NARROWING_OPTIONS, newRunId, openWorld, readNarrowing } from '../world.ts';
import { readInput } from '../write-output.ts';

export const command: Command = {
  usage: 'apply POLICY|plan.json [options]',
  description:
    'Removes what a policy says, or exactly what a saved plan says: what changed since is kept.\nShows the plan and asks first. Needs a place for records (--log-file, or --log-project and --log-store):\nevery tag is written there with its value before it goes, so that undo can put it back.',
  options: {
    ...YES_OPTION,
    'plan-digest': { type: 'text', value: 'DIGEST', help: 'refuse unless the plan made now has this digest' },
    ...ACCOUNT_OPTION,
    ...ALL_OPTION,
    ...JSON_OPTION,
    ...NARROWING_OPTIONS,
    ...SETTING_OPTIONS,
  },
  examples: [
    { line: 'apply plan.json --log-file tagsweep.jsonl', says: 'exactly what was reviewed' },
    { line: 'apply strip-ci-markers --yes --log-file tagsweep.jsonl', says: 'without asking' },
  ],
  words: { least: 1, most: 1 },
  run: apply,
};

/** What every way of applying needs. */
interface Setting {
  readonly ports: RunPorts;
  readonly options: RunOptions;
  readonly progress: ProgressView;
}

async function apply(args: Arguments, io: Io): Promise<ExitCode> {
  const word = args.positionals[0] ?? '';
  const undoPlan = readSavedUndo(word);
  if (undoPlan !== undefined) {
    refuseNarrowing(args);
    refuseWithoutAsking(args, io);
    return applyUndoPlan(undoPlan, args, io);
  }
  const saved = readSavedPlan(word);
  if (saved !== undefined) refuseNarrowing(args);
  const policy = saved === undefined ? await loadPolicy(word, args, io) : policyOf(saved);
  const { ports, whose } = await openWorld(args, io);
  if (ports.audit === null) {
    throw new UsageError(
      'apply needs a place for its records, since nothing is removed before it is written down: --log-file FILE, or --log-project and --log-store. Nothing was done.',
    );
  }
  refuseWithoutAsking(args, io);
  const progress = outputOf(args, io).progress();
  const setting = {
    ports,
    options: { ...whose, onProgress: progress.show },
    progress,
  };
  const request: CleanupRequest = {
    policy,
    mode: 'apply',
    narrowing: readNarrowing(args, io),
    trigger: { type: 'cli', name: 'apply' },
    runId: newRunId(ports.clock.now()),
    ...(args.texts['plan-digest'] !== undefined && { planDigest: args.texts['plan-digest'] }),
  };
  try {
    const report =
      saved === undefined
        ? await applyPolicy(request, setting, args, io)
        : await applyPlan(saved, request, setting, args, io);
    progress.end();
    return typeof report === 'number' ? report : finishWithReport(report, args, io);
  } finally {
    progress.end();
  }
}

/** With `--yes` one reading is enough; else what is applied is exactly what was shown. */
async function applyPolicy(
  request: CleanupRequest,
  setting: Setting,
  args: Arguments,
  io: Io,
): Promise<Report | ExitCode> {
  const { ports, options, progress } = setting;
  const run = () => untilInterrupted(io, (signal) => runCleanup(request, ports, { ...options, signal }));
  if (args.flags.has('yes')) return run();
  const planned = await planCleanup(request, ports, options);
  progress.end();
  io.err(renderPlan(planView(planned, request.policy), io.errPaint, { all: args.flags.has('all') }));
  if (planned.refusal !== undefined) {
    io.err(
      `\n${io.errPaint.red('Refused, and nothing was removed.')} ${safeLines(planned.refusal.message)}\n`,
    );
    return exitCodeOfStop(planned.refusal.code, planned.inventory.resourcesSeen);
  }
  // Nothing to remove is a run like any other: it is recorded, and needs no yes.
  if (planned.plan.removals.length === 0) return run();
  return (await agrees(planned.plan, request, setting, io))
    ? savePlanned(planned.plan, request, setting, io)
    : declined(io);
}

async function applyPlan(
  plan: Plan,
  request: CleanupRequest,
  setting: Setting,
  args: Arguments,
  io: Io,
): Promise<Report | ExitCode> {
  if (request.planDigest !== undefined && request.planDigest !== plan.digest) {
    io.err(`${io.errPaint.red('Refused, and nothing was removed.')} The plan's digest is ${plan.digest}.\n`);
    return 1;
  }
  refuseExpired(plan, setting.ports.clock.now());
  const today = await loadTodaysPolicy(plan.policy.name, args, io);
  if (!args.flags.has('yes')) {
    setting.progress.end();
    io.err(renderPlan(savedPlanView(plan, request.policy), io.errPaint, { all: args.flags.has('all') }));
    if (!(await agrees(plan, request, setting, io))) return declined(io);
  }
  return savePlanned(plan, request, setting, io, today);
}

function savePlanned(
  plan: Plan,
  request: CleanupRequest,
  { ports, options }: Setting,
  io: Io,
  today?: Policy,
): Promise<Report> {
  const { mode, trigger, runId } = request;
  return untilInterrupted(io, (signal) =>
    applySavedPlan({ plan, mode, trigger, runId, ...(today && { today }) }, ports, { ...options, signal }),
  );
}

/** Asks a person, and first whether to go on at all where another run of the policy is under way. */
async function agrees(
  plan: Plan,
  request: CleanupRequest,
  { ports, options }: Setting,
  io: Io,
): Promise<boolean> {
  const { policy } = request;
  // Where an unreadable log forbids the run, the run itself says so.
  const [other] = await findAtWork(ports, request).catch((error: unknown) => {
    if (!(error instanceof CleanupError)) throw error;
    io.err(`\nWhether another run of the policy is under way cannot be told: ${safeLines(error.message)}\n`);
    return [];
  });
  const isAlone = other === undefined || (await agreeToOverlap(sentenceOf(other, policy.name), io));
  return isAlone && (await agreeToPlan(plan, policy.limits, options, io));
}

function declined(io: Io): ExitCode {
  io.err('Nothing was removed.\n');
  return 1;
}

function refuseWithoutAsking(args: Arguments, io: Io): void {
  if (args.flags.has('yes') || io.canAsk) return;
  throw new UsageError(
    'Nobody can be asked here, since this is no terminal. Pass --yes to apply; nothing was done.',
  );
}

/** The plan of an undo, where the file holds one. */
function readSavedUndo(word: string): UndoPlan | undefined {
  if (!/\.json$/i.test(word)) return undefined;
  const text = readInput(word, MAX_PLAN_BYTES);
  return isUndoPlan(text) ? readUndoPlan(text, safeText(word), Date.now()) : undefined;
}

/** A JSON file that has a format version is meant as a plan; it may still be a bad one. */
function readSavedPlan(word: string): Plan | undefined {
  if (!/\.json$/i.test(word)) return undefined;
  const text = readInput(word, MAX_PLAN_BYTES);
  return /"formatVersion"\s*:/.test(text) || !/"version"\s*:/.test(text)
    ? readPlanFile(text, safeText(word))
    : undefined;
}

/** A saved plan is applied as it is: a flag that seemed to narrow it would be a trap. */
function refuseNarrowing({ lists }: Arguments): void {
  const given = Object.keys(NARROWING_OPTIONS).filter((name) => lists[name] !== undefined);
  if (given.length === 0) return;
  throw new UsageError(
    `A saved plan is applied exactly; --${given[0]} can narrow a policy only. Make a narrower plan.`,
  );
}
