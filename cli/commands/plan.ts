import { formatPlanFile, MAX_PLAN_BYTES } from '../../lib/plan/plan-file.ts';
import { planCleanup } from '../../lib/run/cleanup.ts';
import { safeLines, safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { planPage } from '../html.ts';
import type { ExitCode, Io } from '../io.ts';
import { isFolder, loadPolicy } from '../load-policy.ts';
import { ACCOUNT_OPTION, ALL_OPTION, JSON_OPTION, READING_OPTIONS } from '../options.ts';
import { outputOf } from '../output.ts';
import { planSet } from '../plan-set.ts';
import { planView } from '../plan-view.ts';
import { renderPlan } from '../render-plan.ts';
import { exitCodeOfStop } from '../report-exit.ts';
import { NARROWING_OPTIONS, newRunId, openWorld, readNarrowing } from '../world.ts';
import { writeOutput } from '../write-output.ts';

export const command: Command = {
  usage: 'plan POLICY… [options]',
  description:
    'Shows what a policy would remove, and why; reads only, whatever the mode of the policy.\nPOLICY is a file, a name in the policies folder, or a folder with its subfolders; several are judged on one reading. A plan kept with --out can be applied later, exactly.',
  options: {
    out: {
      type: 'text',
      short: 'o',
      value: 'FILE',
      help: 'keep the plan, to review it and apply exactly that',
    },
    html: { type: 'text', value: 'FILE', help: 'the plan as one web page, to send around' },
    'detailed-exitcode': {
      type: 'boolean',
      help: 'end with 2 where the plan is not empty, as Terraform does; 0 where it is',
    },
    ...ACCOUNT_OPTION,
    ...ALL_OPTION,
    ...JSON_OPTION,
    ...NARROWING_OPTIONS,
    ...READING_OPTIONS,
  },
  examples: [
    { line: 'plan strip-ci-markers', says: 'what would go, by key and by place' },
    { line: 'plan strip-ci-markers --out plan.json --html plan.html', says: 'for a review' },
    { line: 'plan policies/', says: 'all of a folder, on one reading' },
    { line: 'plan strip-ci-markers --regions cn-hangzhou --json', says: 'for a program' },
  ],
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: plan,
};

/** What `apply` would refuse to read is not written. */
const PLAN_BOUND = {
  maxBytes: MAX_PLAN_BYTES,
  advice: 'Narrow the plan, by --regions or --resource-types, and apply the parts one after the other.',
};

async function plan(args: Arguments, io: Io): Promise<ExitCode> {
  const [word = '', ...more] = args.positionals;
  if (more.length > 0 || isFolder(word)) return planSet(args, io);
  const policy = await loadPolicy(args.positionals[0] ?? '', args, io);
  const narrowing = readNarrowing(args, io);
  const { ports, whose } = await openWorld(args, io);
  const output = outputOf(args, io);
  const progress = output.progress();
  const request = {
    policy,
    mode: 'dry-run' as const,
    narrowing,
    trigger: { type: 'cli' as const, name: 'plan' },
    runId: newRunId(ports.clock.now()),
  };
  const planned = await planCleanup(request, ports, {
    ...whose,
    onProgress: progress.show,
  }).finally(progress.end);
  const view = planView(planned, policy);
  const { out, html } = args.texts;
  if (out !== undefined) writeOutput(out, formatPlanFile(planned.plan), PLAN_BOUND);
  if (html !== undefined) writeOutput(html, [planPage(view)]);
  output.resultInPieces(
    () => formatPlanFile(planned.plan),
    () => renderPlan(view, io.paint, { all: args.flags.has('all') }),
  );
  if (output.isForProgram) for (const warning of view.warnings) io.err(`warning ${safeLines(warning)}\n`);
  if (planned.refusal !== undefined) {
    io.err(`\n${io.errPaint.red('This plan would be refused.')} ${safeLines(planned.refusal.message)}\n`);
    return exitCodeOfStop(planned.refusal.code, planned.inventory.resourcesSeen);
  }
  const resources = planned.plan.removals.length;
  output.hint(nextSteps(resources, args, io));
  return resources > 0 && args.flags.has('detailed-exitcode') ? 2 : 0;
}

/** What a person does next, after a plan that could be applied. */
function nextSteps(resources: number, args: Arguments, io: Io): string {
  if (resources === 0) return '';
  const { out } = args.texts;
  const word = safeText(args.positionals[0] ?? '');
  const line =
    out === undefined
      ? `tagsweep plan ${word} --out plan.json   keeps this plan; tagsweep apply plan.json applies exactly that`
      : `tagsweep apply ${safeText(out)}   applies exactly this`;
  return `\n${io.paint.dim(`Nothing was removed. Next: ${line}`)}\n`;
}
