import type { Failure, Report, UndoAccount } from '../lib/report/report.ts';
import { endInWords, TAG_ENDS } from '../lib/report/report.ts';
import { safeText } from '../lib/text.ts';
import type { Paint } from './io.ts';
import { count, counted, duration } from './numbers.ts';
import { warningsSection } from './render-plan.ts';
import { table } from './table.ts';

/** How many keys, and failures, are shown unless all are asked for. */
const SHOWN = 12;

/** A report as a page of text: what became of the tags, what it cost, whether it was proved, where the records are. */
export function renderReport(report: Report, paint: Paint, options: { readonly all: boolean }): string {
  const sections = [heading(report, paint), facts(report, paint)];
  const byKey = Object.entries(report.removedByKey).sort((a, b) => b[1] - a[1]);
  if (byKey.length > 0) {
    sections.push(keysSection(report.undo === undefined ? 'Removed' : 'Put back', byKey, paint, options.all));
  }
  if (report.undo !== undefined && report.undo.left.length > 0)
    sections.push(leftSection(report.undo, paint, options.all));
  if (report.failures.length > 0) sections.push(failuresSection(report, paint, options.all));
  if (report.warnings.length > 0) sections.push(warningsSection(report.warnings, paint));
  return `${sections.join('\n\n')}\n`;
}

function heading(report: Report, paint: Paint): string {
  const { outcome, policy, mode, tags, reason, resources } = report;
  const mark = OUTCOME_MARKS[outcome](paint);
  const lines = [
    `${mark} ${paint.bold(`Run ${safeText(report.runId)}`)} of ${safeText(policy.name)}: ${describeResult(report)}`,
  ];
  if (reason !== '') lines.push(`  ${safeText(reason)}`);
  if (mode === 'apply' && tags.planned > 0) {
    const ends = endsOf(report)
      .map(([word, number]) => `${count(number)} ${word}`)
      .join(' + ');
    lines.push('', `  ${paint.bold(`${count(tags.planned)} planned`)} = ${ends}`);
  } else {
    lines.push(
      '',
      `  ${counted(tags.planned, 'tag')} planned on ${counted(resources.selected, 'resource')} of ${count(resources.seen)} seen`,
    );
  }
  return lines.join('\n');
}

const OUTCOME_MARKS: Readonly<Record<Report['outcome'], (paint: Paint) => string>> = {
  success: (paint) => paint.green('✔'),
  partial: (paint) => paint.yellow('◐'),
  failure: (paint) => paint.red('✘'),
  refused: (paint) => paint.red('⛔'),
};

/** The ends of the tags in words; an undo puts back where a run removes. */
function endsOf({ tags, undo }: Report): readonly (readonly [string, number])[] {
  const ends = TAG_ENDS.map((end) => [endInWords(end), tags[end]] as const);
  return undo === undefined ? ends : [['put back', tags.restored ?? 0], ...ends.slice(1)];
}

function describeResult({ outcome, mode, tags, resources, durationMs, undo }: Report): string {
  if (outcome === 'refused') return 'refused, and nothing was changed';
  if (outcome === 'failure' && tags.planned === 0) return 'failed, and nothing was changed';
  if (mode === 'dry-run') return `dry run, nothing was changed (${duration(durationMs)})`;
  const took = duration(durationMs);
  if (tags.planned === 0) return `nothing to ${undo === undefined ? 'remove' : 'put back'} (${took})`;
  if (undo !== undefined) {
    return `${counted(tags.restored ?? 0, 'tag')} put back on ${counted(resources.changed, 'resource')} in ${took}, ${outcome}`;
  }
  return `${counted(tags.removed, 'tag')} removed from ${counted(resources.changed, 'resource')} in ${took}, ${outcome}`;
}

function facts(report: Report, paint: Paint): string {
  const { proof, audit, mode, planDigest, trigger } = report;
  const rows: (readonly [string, string])[] = [
    ['started by', `${trigger.type} ${safeText(trigger.name)}`.trim()],
    ['calls', describeCalls(report)],
  ];
  if (report.noticed > 0) rows.push(['noticed', describeNotices(report)]);
  if (mode === 'apply') rows.push(['proof', describeProof(proof, paint)]);
  const next =
    new Set(report.children.map(({ runId }) => runId)).size + (report.continuation === null ? 0 : 1);
  if (next > 0) {
    rows.push([
      'goes on',
      `in ${counted(next, 'invocation')}; \`tagsweep history\` tells how all of it ended`,
    ]);
  }
  if (planDigest !== null) rows.push(['plan', safeText(planDigest)]);
  rows.push(['records', describeAudit(audit)]);
  return rows.map(([name, text]) => `  ${paint.dim(name.padEnd(12))}${text}`).join('\n');
}

function describeNotices({ noticed, notices }: Report): string {
  const parts = [`${counted(noticed, 'tag')} kept until their notice is over`];
  if (notices.given > 0) parts.push(`${count(notices.given)} of them announced now`);
  if (notices.withdrawn > 0) parts.push(`${counted(notices.withdrawn, 'notice')} taken back`);
  if (notices.untold > 0) parts.push(`${count(notices.untold)} could not be announced`);
  return parts.join(', ');
}

/** What of a plan was left undone took no calls: then nothing is said of how few there could have been. */
function boundNote({ calls: { untag, untagLowerBound }, tags }: Report): string {
  if (untagLowerBound === 0) return '';
  if (tags.notReached > 0 || untag < untagLowerBound) {
    return ` (the whole plan takes at least ${count(untagLowerBound)})`;
  }
  return untag === untagLowerBound
    ? ' (certified minimum)'
    : ` (at least ${count(untagLowerBound)} were needed)`;
}

function describeCalls(report: Report): string {
  const { calls, mode, undo } = report;
  const parts = [`${count(calls.list)} to read`];
  if (undo === undefined && mode === 'apply') {
    parts.push(`${count(calls.untag)} to remove${boundNote(report)}`);
  }
  if (undo !== undefined && mode === 'apply') parts.push(`${count(calls.tag)} to put back`);
  parts.push(counted(calls.retries, 'retry', 'retries'), `${count(calls.throttled)} throttled`);
  const ahead = undo === undefined && mode === 'dry-run' && calls.untagLowerBound > 0;
  return `${parts.join(', ')}${ahead ? `; applying takes at least ${count(calls.untagLowerBound)}` : ''}`;
}

function describeProof({ verified, foreign, unexplained }: Report['proof'], paint: Paint): string {
  if (unexplained > 0) return paint.red(`${counted(unexplained, 'difference')} that nobody explains`);
  if (!verified) return 'not verified';
  const others = foreign === 0 ? '' : `; ${counted(foreign, 'change')} made by others meanwhile`;
  return `${paint.green('read again, every difference accounted for')}${others}`;
}

function describeAudit(audit: Report['audit']): string {
  if (audit === null) return 'none';
  const place = 'file' in audit ? audit.file : `${audit.project}/${audit.logstore}`;
  return `${count(audit.records)} in ${safeText(place)}`;
}

function keysSection(
  title: string,
  byKey: readonly (readonly [string, number])[],
  paint: Paint,
  all: boolean,
): string {
  const shown = all ? byKey : byKey.slice(0, SHOWN);
  const rows = shown.map(([key, tags]) => [paint.cyan(safeText(key)), count(tags)]);
  const rest = byKey.length - shown.length;
  const note = rest > 0 ? [paint.dim(`  … and ${count(rest)} more keys: --all shows them`)] : [];
  return [
    paint.bold(title),
    table(
      [
        { head: 'key', fit: 'cut' },
        { head: 'tags', align: 'right' },
      ],
      rows,
      paint,
    ),
    ...note,
  ].join('\n');
}

function failuresSection({ failures, failuresCut }: Report, paint: Paint, all: boolean): string {
  const shown = all ? failures : failures.slice(0, SHOWN);
  const rest = failures.length - shown.length + (failuresCut ?? 0);
  const note = rest > 0 ? [paint.dim(`  … and ${count(rest)} more`)] : [];
  return [paint.red('Failed'), ...shown.map((failure) => failureLine(failure, paint)), ...note].join('\n');
}

function failureLine(
  { region, resourceType, resourceId, keys, code, message, requestId }: Failure,
  paint: Paint,
): string {
  const where = `${safeText(region)} ${resourceType} ${paint.bold(safeText(resourceId))}`;
  const tags = keys.map(safeText).join(', ');
  const request = requestId === undefined ? '' : paint.dim(` (request ${safeText(requestId)})`);
  return `  ${where} ${paint.cyan(tags)}\n    ${safeText(code)}: ${safeText(message)}${request}`;
}

function leftSection({ left, leftCut }: UndoAccount, paint: Paint, all: boolean): string {
  const shown = all ? left : left.slice(0, SHOWN);
  const rest = left.length - shown.length + (leftCut ?? 0);
  const note = rest > 0 ? [paint.dim(`  … and ${count(rest)} more`)] : [];
  const lines = shown.map(
    ({ region, resourceType, resourceId, key, why }) =>
      `  ${safeText(region)} ${resourceType} ${paint.bold(safeText(resourceId))} ${paint.cyan(safeText(key))}  ${safeText(why)}`,
  );
  return [paint.yellow('Not put back'), ...lines, ...note].join('\n');
}
