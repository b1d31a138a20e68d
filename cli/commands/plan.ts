import { planPage } from '../../lib/pages/plan-page.ts';
import { formatPlanFile, MAX_PLAN_BYTES, readPlanFile } from '../../lib/plan/plan-file.ts';
import type { Plan } from '../../lib/plan/types.ts';
import { planCleanup } from '../../lib/run/cleanup.ts';
import { safeLines, safeText } from '../../lib/text.ts';
import { VERSION } from '../../lib/version.ts';
import { type Language, speaker } from '../../lib/words/words.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { LANGUAGE_OPTION, readLanguage } from '../language.ts';
import { isFolder, loadPolicy } from '../load-policy.ts';
import { ACCOUNT_OPTION, ALL_OPTION, JSON_OPTION, pickSettings, READING_OPTIONS } from '../options.ts';
import { outputOf } from '../output.ts';
import { planCommands } from '../plan-commands.ts';
import { planSet } from '../plan-set.ts';
import { planView } from '../plan-view.ts';
import { planMarkdown } from '../render-markdown.ts';
import { renderPlan } from '../render-plan.ts';
import { exitCodeOfStop } from '../report-exit.ts';
import { NARROWING_OPTIONS, newRunId, openWorld, readNarrowing } from '../world.ts';
import { readInput, writeOutput } from '../write-output.ts';
import { writePage } from '../write-page.ts';

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
    html: {
      type: 'text',
      value: 'FILE',
      help: 'the plan as one web page, to send around: what goes and what stays, the limits, the policy line by line',
    },
    compare: {
      type: 'text',
      value: 'FILE',
      help: 'with --html: what is new, or no longer there, beside the plan that was kept in this file',
    },
    format: { type: 'text', value: 'FORMAT', help: 'text, or markdown for a pull request; default text' },
    'detailed-exitcode': {
      type: 'boolean',
      help: 'end with 2 where the plan is not empty, as Terraform does; 0 where it is',
    },
    ...ACCOUNT_OPTION,
    ...ALL_OPTION,
    ...JSON_OPTION,
    ...LANGUAGE_OPTION,
    ...NARROWING_OPTIONS,
    ...READING_OPTIONS,
    ...pickSettings('log-file', 'log-project', 'log-store', 'log-region', 'sls-endpoint'),
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
  const policy = await loadPolicy(word, args, io);
  const look = readLook(args, io);
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
  if (html !== undefined) {
    const { refusal } = planned;
    writePage(
      html,
      planPage({
        ...view,
        policy,
        judge: planned.judge,
        inventory: planned.inventory,
        ...(refusal && { refusal: refusal.message }),
        commands: planCommands(planned.plan, args),
        language: look.language,
        version: VERSION,
        ...(look.earlier && { earlier: look.earlier }),
      }),
    );
  }
  output.resultInPieces(
    () => formatPlanFile(planned.plan),
    () =>
      look.isMarkdown
        ? planMarkdown(view, planned, planCommands(planned.plan, args), speaker(look.language))
        : renderPlan(view, io.paint, { all: args.flags.has('all') }),
  );
  if (output.isForProgram) for (const warning of view.warnings) io.err(`warning ${safeLines(warning)}\n`);
  if (planned.refusal !== undefined) {
    io.err(`\n${io.errPaint.red('This plan would be refused.')} ${safeLines(planned.refusal.message)}\n`);
    return exitCodeOfStop(planned.refusal.code, planned.inventory.resourcesSeen);
  }
  const resources = planned.plan.removals.length;
  if (!look.isMarkdown) output.hint(nextSteps(resources, args, io));
  return resources > 0 && args.flags.has('detailed-exitcode') ? 2 : 0;
}

/** How the plan is to be shown; asked before anything is read, so that a mistake costs no call. */
function readLook(
  args: Arguments,
  io: Io,
): { readonly language: Language; readonly isMarkdown: boolean; readonly earlier?: Plan } {
  const { html, compare, format = 'text' } = args.texts;
  if (format !== 'text' && format !== 'markdown') {
    throw new UsageError(`--format ${safeText(format)}: that is none; text or markdown.`);
  }
  if (format === 'markdown' && args.flags.has('json')) {
    throw new UsageError('--format markdown and --json are two forms of one output: choose one.');
  }
  if (compare !== undefined && html === undefined) {
    throw new UsageError('--compare is shown on the page: name its file with --html FILE.');
  }
  return {
    language: readLanguage(args, io),
    isMarkdown: format === 'markdown',
    ...(compare !== undefined && {
      earlier: readPlanFile(readInput(compare, MAX_PLAN_BYTES), safeText(compare)),
    }),
  };
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
