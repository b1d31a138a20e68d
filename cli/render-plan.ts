import { type LimitUse, limitUses, PERCENT_FROM_RESOURCES } from '../lib/plan/limits.ts';
import type { Plan } from '../lib/plan/types.ts';
import type { Limits } from '../lib/policy/policy.ts';
import { safeText } from '../lib/text.ts';
import type { Paint } from './io.ts';
import { count, counted, duration, percent } from './numbers.ts';
import { type KeySummary, type PlanSummary, summarizePlan } from './plan-summary.ts';
import { quoted } from './safe-text.ts';
import { type Column, table } from './table.ts';
import { localTimeWithZone } from './times.ts';

/** A plan, with what a person wants to know beside it. */
export interface PlanView {
  readonly plan: Plan;
  readonly limits: Limits;
  readonly warnings: readonly string[];
  /** Why no fewer calls are possible, for each region and type; empty where a plan was read from a file. */
  readonly boundReasons: readonly string[];
  /** Whether the canary takes a part of a request, which is then two. */
  readonly isCutByCanary: boolean;
  /** Calls at the most that read again, just before, what the requests name. */
  readonly readingsBefore: number;
  /** Milliseconds that the untag calls need at the allowed pace. */
  readonly untagMs: number;
  /** Which way the inventory was read, and what it cost. */
  readonly reading: string;
}

/** How many keys, and places, are shown unless all are asked for. */
const SHOWN = 15;

/** A plan as a page of text: what goes, where, how much of the limits it takes, and what it costs. */
export function renderPlan(view: PlanView, paint: Paint, options: { readonly all: boolean }): string {
  const { plan, warnings } = view;
  const summary = summarizePlan(plan);
  const sections = [heading(view, summary, paint)];
  if (summary.tags > 0) {
    sections.push(keysSection(summary, paint, options.all), placesSection(summary, paint, options.all));
    sections.push(limitsSection(view, paint));
    if (options.all && view.boundReasons.length > 0) sections.push(boundSection(view, paint));
    if (options.all) sections.push(removalsSection(plan, paint));
  }
  if (warnings.length > 0) sections.push(warningsSection(warnings, paint));
  return `${sections.join('\n\n')}\n`;
}

function heading(
  { plan, untagMs, reading, readingsBefore, isCutByCanary, limits: { readingAgeMs } }: PlanView,
  { tags, resources }: PlanSummary,
  paint: Paint,
): string {
  const { inventory, calls } = plan;
  const regions =
    inventory.regions.length <= 4
      ? inventory.regions.join(', ')
      : counted(inventory.regions.length, 'region');
  const lines = [`${paint.bold(`Plan of ${safeText(plan.policy.name)}`)}  ${paint.dim(plan.digest)}`];
  if (plan.accountId !== undefined)
    lines.push(
      `  ${paint.dim(`account ${safeText(plan.accountId)}, may be applied until ${localTimeWithZone(plan.expiresAt)}`)}`,
    );
  lines.push('');
  if (tags === 0 && !inventory.complete) {
    lines.push(
      `  No tag to remove was found among the ${counted(inventory.resourcesSeen, 'resource')} that could be read.`,
    );
  } else if (tags === 0) {
    lines.push(
      `  ${paint.green('Nothing to remove')}: none of ${counted(inventory.resourcesSeen, 'resource')} in ${safeText(regions)} has a tag that this policy removes.`,
    );
  } else {
    lines.push(
      `  ${paint.bold(counted(tags, 'tag'))} would go from ${paint.bold(counted(resources, 'resource'))}, ${percent(resources, inventory.resourcesSeen)} of the ${count(inventory.resourcesSeen)} seen in ${safeText(regions)}`,
      `  ${paint.bold(counted(calls.untag, 'call'))} to remove them${boundNote(plan)}${isCutByCanary ? ', and 1 more, since the canary takes a part of one' : ''}; one call per resource would be ${count(resources)}`,
      `  up to ${counted(readingsBefore, 'call')} to read them again just before, where they were read more than ${duration(readingAgeMs)} ago`,
      `  about ${duration(untagMs)} at the pace that the policy allows`,
    );
  }
  if (reading !== '') lines.push(`  ${paint.dim(reading)}`);
  if (!inventory.complete)
    lines.push(`  ${paint.red('The inventory is not complete: this plan cannot be applied.')}`);
  return lines.join('\n');
}

function boundNote({ calls }: Plan): string {
  return calls.untag === calls.lowerBound
    ? ' (certified minimum: fewer are not possible)'
    : ` (at least ${count(calls.lowerBound)} are needed)`;
}

function keysSection({ keys }: PlanSummary, paint: Paint, all: boolean): string {
  const shown = all ? keys : keys.slice(0, SHOWN);
  const rows = shown.map((group) => [
    paint.cyan(safeText(group.key)),
    count(group.tags),
    examples(group, paint),
    paint.dim(safeText(group.rule)),
  ]);
  return [
    paint.bold('What goes'),
    table(KEY_COLUMNS, rows, paint),
    ...cutNote(keys.length - shown.length, 'more keys', paint),
  ].join('\n');
}

/** The columns of tables that add up by key and rule. */
export const KEY_COLUMNS: readonly Column[] = [
  { head: 'key', fit: 'cut' },
  { head: 'tags', align: 'right' },
  { head: 'values', fit: 'wrap' },
  { head: 'removed by', fit: 'wrap' },
];

/** Values are told by their beginnings where they share a narrow line. */
const VALUE_COLUMNS = 24;

/** One value says itself; of many, the most frequent, and how many others there are. */
export function examples({ examples: values, distinctValues }: KeySummary, { columns }: Paint): string {
  const most = columns === Number.POSITIVE_INFINITY ? columns : VALUE_COLUMNS;
  const shown: string[] = [];
  let width = 0;
  for (const { value } of values) {
    const text = quoted(value, most);
    if (shown.length > 0 && width + text.length > 34) break;
    shown.push(text);
    width += text.length + 2;
  }
  const others = distinctValues - shown.length;
  return others > 0 ? `${shown.join(', ')} and ${count(others)} more` : shown.join(', ');
}

function placesSection({ places }: PlanSummary, paint: Paint, all: boolean): string {
  const shown = all ? places : places.slice(0, SHOWN);
  const right = 'right' as const;
  const columns = [
    { head: 'region' },
    { head: 'type' },
    { head: 'resources', align: right },
    { head: 'tags', align: right },
    { head: 'calls', align: right },
  ];
  const rows = shown.map(({ region, type, resources, tags, calls }) => [
    safeText(region),
    type,
    count(resources),
    count(tags),
    count(calls),
  ]);
  return [
    paint.bold('Where'),
    table(columns, rows, paint),
    ...cutNote(places.length - shown.length, 'more places', paint),
  ].join('\n');
}

function limitsSection({ plan, limits }: PlanView, paint: Paint): string {
  const seen = plan.inventory.resourcesSeen;
  const rows = limitUses(plan, limits).map((use) => {
    const { limit, planned, allowed, isLookedAt } = use;
    const isShare = limit === 'maxPercent';
    return [
      limit,
      isShare ? percent(planned, seen) : count(planned),
      isShare ? `${allowed} %` : count(allowed),
      isLookedAt
        ? gauge(use, isShare ? (planned * 100) / Math.max(seen, 1) : planned, paint)
        : paint.dim(`looked at from ${PERCENT_FROM_RESOURCES} resources up`),
    ];
  });
  const columns = [
    { head: 'limit' },
    { head: 'plan', align: 'right' as const },
    { head: 'allowed', align: 'right' as const },
    { head: '', fit: 'wrap' as const },
  ];
  return [paint.bold('Limits'), table(columns, rows, paint)].join('\n');
}

/** A bar of ten, and words where the limit is passed: color alone says nothing to some. */
function gauge({ allowed, isPassed }: LimitUse, used: number, paint: Paint): string {
  if (isPassed) return paint.red('█████████▶ passed: apply would be refused');
  const share = allowed === 0 ? 0 : used / allowed;
  const filled = Math.round(share * 10);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(10 - filled)}`;
  const text = `${bar} ${Math.round(share * 100)} %`;
  return share > 0.8 ? paint.yellow(`${text}, near`) : paint.green(text);
}

function boundSection({ boundReasons }: PlanView, paint: Paint): string {
  return [paint.bold('Why not fewer calls'), ...boundReasons.map((reason) => `  ${safeText(reason)}`)].join(
    '\n',
  );
}

function removalsSection({ removals }: Plan, paint: Paint): string {
  const lines = removals.flatMap(({ region, type, id, name, tags }) => [
    `  ${safeText(region)} ${type} ${paint.bold(safeText(id))}${name === undefined ? '' : ` ${quoted(name)}`}`,
    ...tags.map(
      ({ key, value, rule }) =>
        `    ${paint.cyan(safeText(key))} = ${quoted(value, 256)}  ${paint.dim(safeText(rule))}`,
    ),
  ]);
  return [paint.bold('Every tag'), ...lines].join('\n');
}

/** Warnings, one a line, under their title. */
export function warningsSection(warnings: readonly string[], paint: Paint): string {
  return [paint.yellow('Warnings'), ...warnings.map((warning) => `  ${safeText(warning)}`)].join('\n');
}

function cutNote(left: number, what: string, paint: Paint): readonly string[] {
  return left > 0 ? [paint.dim(`  … and ${count(left)} ${what}: --all shows them`)] : [];
}
