import type { CleanupError } from '../../lib/errors.ts';
import { type Report, TAG_ENDS } from '../../lib/report/report.ts';
import type { CloudCall } from './cloud.ts';
import type { CourseEvent } from './tag-store.ts';
import type { World } from './world.ts';

/** One execution in the order of the story: when it began, when it ended, and what it told. */
export interface Chapter {
  readonly runId: string;
  readonly kind: string;
  readonly beganAtMs: number;
  endedAtMs?: number;
  /** Left out: it was killed, or did not even begin. */
  report?: Report;
  error?: CleanupError;
}

/** All that happened in a seed, line by line in the order of time, for a person who looks for what went wrong. */
export function tellStory({ cloud, log, chapters, clock, startedAtMs }: World): string {
  const lines: (readonly [atMs: number, text: string])[] = [
    ...cloud.calls.map((call) => [call.atMs, callText(call, startedAtMs)] as const),
    ...cloud.course.map((event) => [event.atMs, eventText(event)] as const),
    ...log.kept.map((record) => {
      const { event_name, run_id, resources, outcome } = record;
      const what = [event_name, run_id, resources, outcome].filter((text) => text !== undefined);
      return [Date.parse(record.event_time), `    log ${what.join(' ')}`] as const;
    }),
    ...chapters.flatMap((chapter) => chapterLines(chapter, clock.now())),
  ];
  return lines
    .map((line, at) => [...line, at] as const)
    .sort((a, b) => a[0] - b[0] || a[2] - b[2])
    .map(([atMs, text]) => `${((atMs - startedAtMs) / 1000).toFixed(3).padStart(9)} ${text}\n`)
    .join('');
}

function callText(
  { api, region, type, ids, keys, answer, answeredAtMs, at }: CloudCall,
  startMs: number,
): string {
  const what = [region, type, ids?.join(','), keys?.join(',')].filter((text) => text !== undefined);
  const when = answeredAtMs === undefined ? 'never' : ((answeredAtMs - startMs) / 1000).toFixed(3);
  return `  ${at} ${api} ${what.join(' ')}: ${answer ?? 'no answer'} at ${when}`;
}

function eventText({ name, what, key, before, after, call }: CourseEvent): string {
  const by = call === undefined ? 'by others' : `by call ${call}`;
  if (what !== 'changed') return `    ${name} ${what} ${by}`;
  const text = (value: string | undefined): string =>
    value === undefined ? 'absent' : JSON.stringify(value);
  return `    ${name} ${key}: ${text(before)} to ${text(after)} ${by}`;
}

function chapterLines({ runId, kind, beganAtMs, endedAtMs, report, error }: Chapter, nowMs: number) {
  const end = (): string => {
    if (error !== undefined) return `could not begin: ${error.message}`;
    if (report === undefined) return 'was killed';
    const { outcome, code, reason, tags, proof, failures } = report;
    const ends = TAG_ENDS.map((end) => `${end} ${tags[end]}`).join(', ');
    return `${outcome} ${code ?? ''} ${reason}\n  ${tags.planned} planned, ${ends}, restored ${tags.restored ?? 0}; ${JSON.stringify(proof)}; ${JSON.stringify(failures)}; ${JSON.stringify(report.undo?.left ?? [])}`;
  };
  return [
    [beganAtMs, `${kind} ${runId} begins`],
    [endedAtMs ?? nowMs, `${kind} ${runId} ${end()}`],
  ] as const;
}
