import { LimitExceededError } from '../lib/errors.ts';
import { formatPlanFile } from '../lib/plan/plan-file.ts';
import { type PlannedSet, planPolicySet } from '../lib/run/policy-set.ts';
import { encodeJson, safeLines, safeText } from '../lib/text.ts';
import type { Arguments } from './arguments.ts';
import { type ExitCode, type Io, UsageError } from './io.ts';
import { loadPolicies } from './load-policy.ts';
import { count, counted, percent } from './numbers.ts';
import { outputOf } from './output.ts';
import { planView } from './plan-view.ts';
import { renderPlan, warningsSection } from './render-plan.ts';
import { table } from './table.ts';
import { newRunId, openWorld, readNarrowing } from './world.ts';

/** Shows what several policies would remove, judged on one reading; each with its part, and what they come to together. */
export async function planSet(args: Arguments, io: Io): Promise<ExitCode> {
  const kept = (['out', 'html', 'compare', 'format'] as const).find((flag) => args.texts[flag] !== undefined);
  if (kept !== undefined) {
    throw new UsageError(
      `--${kept} is for the plan of one policy: name that one, since each is reviewed by itself.`,
    );
  }
  const { policies, skipped } = await loadPolicies(args.positionals, args, io);
  const narrowing = readNarrowing(args, io);
  const { ports, whose } = await openWorld(args, io);
  const output = outputOf(args, io);
  const progress = output.progress();
  const request = {
    narrowing,
    trigger: { type: 'cli' as const, name: 'plan' },
    runId: newRunId(ports.clock.now()),
  };
  const planned = await planPolicySet(policies, request, ports, {
    ...whose,
    onProgress: progress.show,
  }).finally(progress.end);
  output.resultInPieces(
    () => setJson(planned, skipped),
    () => renderSet(planned, skipped, args, io),
  );
  const code = exitCodeOfSet(planned, io);
  return code === 0 && planned.resources > 0 && args.flags.has('detailed-exitcode') ? 2 : code;
}

function exitCodeOfSet({ parts, refusal }: PlannedSet, io: Io): ExitCode {
  const refused = parts.flatMap(({ policy, planned }) =>
    planned.refusal ? [`${policy.name}: ${planned.refusal.message}`] : [],
  );
  if (refusal !== undefined) refused.push(refusal.message);
  for (const message of refused) {
    io.err(`\n${io.errPaint.red('This plan would be refused.')} ${safeLines(message)}\n`);
  }
  return refused.length === 0 ? 0 : 1;
}

/** The plans are those that `plan POLICY --json` prints of each policy alone; in pieces, since they may be long. */
function* setJson(planned: PlannedSet, skipped: readonly string[]): Generator<string> {
  const { parts, claims, calls, inventory, resources, refusal } = planned;
  const { complete, regions, resourcesSeen, warnings } = inventory;
  const head = {
    inventory: { complete, regions, resourcesSeen },
    calls,
    resources,
    claims,
    skipped,
    warnings,
    refusal: refusal?.message ?? null,
  };
  yield `${encodeJson(head, 2).slice(0, -2)},\n  "policies": [`;
  for (const [at, { policy, planned: part }] of parts.entries()) {
    const about = { policy: policy.name, warnings: part.warnings, refusal: part.refusal?.message ?? null };
    yield `${at === 0 ? '' : ','}\n${encodeJson(about).slice(0, -1)}, "plan": `;
    yield* formatPlanFile(part.plan);
    yield '}';
  }
  yield ']\n}\n';
}

function renderSet(planned: PlannedSet, skipped: readonly string[], args: Arguments, io: Io): string {
  const { parts, claims, calls, inventory, resources } = planned;
  const { paint } = io;
  const all = args.flags.has('all');
  const rows = parts.map(({ policy, planned: { plan, refusal } }) => [
    paint.bold(safeText(policy.name)),
    policy.mode,
    count(plan.removals.length),
    count(plan.removals.reduce((sum, { tags }) => sum + tags.length, 0)),
    count(plan.calls.untag),
    refusal === undefined
      ? ''
      : paint.red(refusal instanceof LimitExceededError ? refusal.limit : refusal.code),
  ]);
  const right = 'right' as const;
  const columns = [
    { head: 'policy', fit: 'cut' as const },
    { head: 'mode' },
    { head: 'resources', align: right },
    { head: 'tags', align: right },
    { head: 'calls', align: right },
    { head: 'refused by' },
  ];
  const sections = [
    [
      `${paint.bold(counted(parts.length, 'policy', 'policies'))} on one reading of ${counted(inventory.resourcesSeen, 'resource')}, ${counted(calls.list, 'call')}`,
      `  together they would change ${counted(resources, 'resource')}, ${percent(resources, inventory.resourcesSeen)}`,
      '',
      table(columns, rows, paint),
    ].join('\n'),
    ...claimsSection(claims, io),
    ...(inventory.warnings.length > 0 ? [warningsSection(inventory.warnings, paint)] : []),
    ...(skipped.length > 0
      ? [paint.dim(`Not policies, and skipped: ${skipped.map(safeText).join(', ')}`)]
      : []),
    ...parts.map(({ policy, planned: part }) =>
      renderPlan({ ...planView(part, policy), reading: '' }, paint, { all }).trimEnd(),
    ),
  ];
  return `${sections.join('\n\n')}\n`;
}

function claimsSection(claims: PlannedSet['claims'], { paint }: Io): readonly string[] {
  if (claims.length === 0) return [];
  const lines = claims.map(
    ({ key, policies, tags, example }) =>
      `  ${paint.cyan(safeText(key))}: ${counted(tags, 'tag')} by ${policies.map(safeText).join(' and ')}, such as that of ${safeText(example.id)}`,
  );
  return [[paint.yellow('Claimed by more than one policy; the first removes them'), ...lines].join('\n')];
}
