import type { Batch } from '../lib/batch/types.ts';
import { estimateMs } from '../lib/pace/estimate.ts';
import type { Report } from '../lib/report/report.ts';
import { encodeJson, safeText } from '../lib/text.ts';
import type { UndoPlan } from '../lib/undo/undo-plan.ts';
import type { Paint } from './io.ts';
import { count, counted, duration, percent } from './numbers.ts';
import { type Column, table } from './table.ts';

const SHOWN = 12;
const CONCURRENCY = 8;

/** What an undo comes to, before it is carried out. */
export interface UndoView {
  readonly plan: UndoPlan;
  readonly batches: readonly Batch[];
  readonly report: Report;
  /** Of the quota. */
  readonly share: number;
}

/** How long the requests of an undo take, at its share of the quota. */
export function undoMs({ batches, share }: Pick<UndoView, 'batches' | 'share'>): number {
  const regions = batches.map(({ region }) => region);
  return estimateMs('TagResources', regions, { share, concurrency: CONCURRENCY });
}

/** An undo as a page of text: every key and value that it would write, what it costs, and what cannot come back. */
export function renderUndo(view: UndoView, paint: Paint, { all }: { readonly all: boolean }): string {
  const { plan, report, batches, share } = view;
  const tags = plan.puts.reduce((sum, put) => sum + put.tags.length, 0);
  const lines = [
    `${paint.bold(`Undo of run ${safeText(plan.undoOf)}`)}: ${counted(tags, 'tag')} of ${count(report.tags.planned)} can be put back, on ${counted(plan.puts.length, 'resource')}`,
    ...(plan.accountId === undefined ? [] : [`  ${paint.dim('account')} ${safeText(plan.accountId)}`]),
    `  ${paint.dim('calls')}   ${count(batches.length)} TagResources, about ${duration(undoMs(view))} at ${percent(share, 1)} of the quota`,
  ];
  const sections = [lines.join('\n')];
  if (tags > 0) sections.push(valuesSection(plan, paint, all));
  if (all) sections.push(resourcesSection(plan, paint));
  const left = leftSection(report, paint, all);
  if (left !== undefined) sections.push(left);
  if (report.warnings.length > 0)
    sections.push(report.warnings.map((warning) => paint.yellow(safeText(warning))).join('\n'));
  return `${sections.join('\n\n')}\n`;
}

function valuesSection({ puts }: UndoPlan, paint: Paint, all: boolean): string {
  const byTag = new Map<string, { readonly key: string; readonly value: string; resources: number }>();
  for (const { tags } of puts) {
    for (const { key, value } of tags) {
      const name = JSON.stringify([key, value]);
      const own = byTag.get(name) ?? { key, value, resources: 0 };
      own.resources += 1;
      byTag.set(name, own);
    }
  }
  const sorted = [...byTag.values()].sort((a, b) => b.resources - a.resources);
  const shown = all ? sorted : sorted.slice(0, SHOWN);
  const rows = shown.map(({ key, value, resources }) => [
    paint.cyan(safeText(key)),
    encodeJson(value),
    count(resources),
  ]);
  const rest = sorted.length - shown.length;
  const note =
    rest > 0 ? [paint.dim(`  … and ${count(rest)} more keys with their values: --all shows them`)] : [];
  const columns: readonly Column[] = [
    { head: 'key', fit: 'cut' },
    { head: 'value', fit: 'cut' },
    { head: 'resources', align: 'right' },
  ];
  return [paint.bold('Would be put back'), table(columns, rows, paint), ...note].join('\n');
}

function resourcesSection({ puts }: UndoPlan, paint: Paint): string {
  const lines = puts.map(({ region, resourceType, resourceId, tags }) => {
    const own = tags.map(({ key, value }) => `${paint.cyan(safeText(key))}=${encodeJson(value)}`).join(' ');
    return `  ${safeText(region)} ${resourceType} ${paint.bold(safeText(resourceId))} ${own}`;
  });
  return [paint.bold('By resource'), ...lines].join('\n');
}

/** What cannot come back, by why; the report names the tags one by one. */
function leftSection({ undo }: Report, paint: Paint, all: boolean): string | undefined {
  if (undo === undefined || undo.left.length === 0) return undefined;
  if (all) {
    const lines = undo.left.map(
      ({ region, resourceType, resourceId, key, why }) =>
        `  ${safeText(region)} ${resourceType} ${paint.bold(safeText(resourceId))} ${paint.cyan(safeText(key))}  ${safeText(why)}`,
    );
    return [paint.yellow('Would not be put back'), ...lines].join('\n');
  }
  const byWhy = new Map<string, number>();
  for (const { why } of undo.left) byWhy.set(why, (byWhy.get(why) ?? 0) + 1);
  const sorted = [...byWhy].sort((a, b) => b[1] - a[1]);
  const lines = sorted.slice(0, SHOWN).map(([why, tags]) => `  ${counted(tags, 'tag')}: ${safeText(why)}`);
  const rest = sorted.length - lines.length;
  const cut = (undo.leftCut ?? 0) > 0 ? [`  … and ${counted(undo.leftCut ?? 0, 'more tag')}`] : [];
  return [
    paint.yellow('Would not be put back'),
    ...lines,
    ...(rest > 0 ? [`  … and ${count(rest)} more reasons: --all names every tag`] : []),
    ...cut,
  ].join('\n');
}
