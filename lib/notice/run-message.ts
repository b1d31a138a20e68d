import type { Message } from '../ports.ts';
import { redactSecrets } from '../redact.ts';
import type { Report } from '../report/report.ts';
import { endInWords, TAG_ENDS } from '../report/report.ts';
import { counted, safeText } from '../text.ts';

/** Keys that the message of a run names, those with the most removals. */
const MOST_KEYS = 20;

/**
 * Whether people are told of a run: of one that changed, announced or refused something, and of a dry run that found
 * something. A night in which there was nothing to do wakes nobody, and a run that only goes on with another's work, or
 * answers one created resource, is told where it did not end well.
 */
export function isWorthTelling(report: Report, isPart: boolean): boolean {
  if (report.outcome !== 'success') return report.outcome !== 'partial' || report.continuation === null;
  if (isPart) return false;
  const { tags, notices } = report;
  return tags.planned + notices.given + notices.untold > 0;
}

/** What is told of a run as a whole; `undo`: it put back what another one removed. */
export function writeRunMessage(report: Report, link: string | undefined): Message {
  const { policy, tags, resources, mode, outcome, runId } = report;
  const isUndo = report.undo !== undefined;
  const name = isUndo ? 'undo' : policy.name;
  const keys = Object.entries(report.removedByKey).sort(([, a], [, b]) => b - a);
  const shown = keys.slice(0, MOST_KEYS);
  return {
    title: `tagsweep: ${name}, ${mode === 'dry-run' ? 'dry run, ' : ''}${outcome}`,
    about: { kind: 'run', runId, policy: policy.name },
    lines: [
      `${countsText(report)} ${counted(resources.seen, 'resource')} seen, ${resources.changed} changed.`,
      ...(report.noticed > 0 ? [noticedText(report)] : []),
      ...(report.reason === '' ? [] : [oneLine(redactSecrets(report.reason))]),
      ...(report.code === undefined ? [] : [`Code: ${report.code}.`]),
    ],
    items: [
      ...shown.map(([key, count]) => `${oneLine(key)}: ${count}`),
      ...report.warnings.map((warning) => `Warning: ${oneLine(redactSecrets(warning))}`),
    ],
    itemsCut: keys.length - shown.length,
    closing: [
      `Run ${runId}: tagsweep show ${runId}${tags.removed > 0 ? `; to put everything back: tagsweep undo ${runId}` : ''}.`,
    ],
    ...(link !== undefined && { link }),
  };
}

function countsText({ tags, mode }: Report): string {
  if (mode === 'dry-run') return `${counted(tags.planned, 'tag')} would be removed.`;
  if (tags.restored !== undefined) return `${tags.restored} of ${counted(tags.planned, 'tag')} put back.`;
  const others = TAG_ENDS.filter((end) => end !== 'removed' && tags[end] > 0)
    .map((end) => `${tags[end]} ${endInWords(end)}`)
    .join(', ');
  return `${tags.removed} of ${counted(tags.planned, 'planned tag')} removed${others === '' ? '' : ` (${others})`}.`;
}

function noticedText({ noticed, notices }: Report): string {
  const untold = notices.untold === 0 ? '' : `, ${notices.untold} could not be announced`;
  return `${counted(noticed, 'tag')} kept until their notice is over: ${notices.given} announced now${untold}.`;
}

function oneLine(text: string): string {
  const safe = safeText(text);
  return safe.length <= 500 ? safe : `${safe.slice(0, 499)}…`;
}
