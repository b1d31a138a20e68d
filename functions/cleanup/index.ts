import { closeConnections } from '../../lib/cloud/connections.ts';
import { environmentSecrets, secretsOf } from '../../lib/cloud/credentials.ts';
import type { Report } from '../../lib/report/report.ts';
import { encodeJson, safeText } from '../../lib/text.ts';
import type { ApprovalAnswer } from './approve.ts';
import { deadlineOf, type FunctionContext } from './context.ts';
import { decodeEvent, type IgnoredEvent, type Start } from './event.ts';
import type { SetAnswer } from './run-set.ts';
import { safeAnswer } from './safe-answer.ts';
import { safeError } from './safe-error.ts';

/** Why an event started no run. */
export interface Ignored {
  readonly outcome: 'ignored';
  readonly reason: string;
  readonly events: readonly IgnoredEvent[];
}

/** What the function returns: the report of its run, or why there was none. */
export type Answer = (Report | SetAnswer | ApprovalAnswer | Ignored) & {
  readonly ignored?: readonly IgnoredEvent[];
};

/**
 * The function: decodes the event, connects, runs, and returns the report.
 *
 * Nothing is kept between invocations, but whose an access key is. Every record is also printed as one JSON line.
 *
 * @throws {Error} when the event or the settings are wrong: nothing was done then, and the message says why.
 */
export async function handler(event: Uint8Array, context: FunctionContext): Promise<Answer> {
  const startedAtMs = Date.now();
  try {
    return safeAnswer(await answer(decodeEvent(event), context, deadlineOf(context, startedAtMs)));
  } catch (error) {
    const safe = safeError(error, [
      ...secretsOf(context.credentials ?? {}),
      ...environmentSecrets(process.env),
    ]);
    await noteUnrecorded(error, safe);
    throw safe;
  } finally {
    closeConnections();
  }
}

async function answer(start: Start, context: FunctionContext, deadlineAtMs: number): Promise<Answer> {
  if (start.kind === 'destination') return noteDestination(start);
  if (start.kind === 'creations' && start.events.created.length === 0) return ignore(start.events.ignored);
  // Only now: the many events that start no run are answered without loading what runs.
  const { prepareJob } = await import('./job.ts');
  const { dispatch } = await import('./dispatch.ts');
  const { report, ignored } = await dispatch(
    start,
    await prepareJob(start, context, deadlineAtMs, printLine),
  );
  if (report === undefined) return ignore(ignored);
  return ignored.length === 0 ? report : { ...report, ignored };
}

function ignore(events: readonly IgnoredEvent[]): Ignored {
  const reason =
    events.length === 0 ? 'there was no event in the list' : events.map((event) => event.reason).join('; ');
  return {
    outcome: 'ignored',
    reason: `Nothing was done: ${reason.slice(0, 1000)}.`,
    events: events.slice(0, 100),
  };
}

/** The platform tells that an earlier invocation ended: for the log, and nothing else. */
function noteDestination({ requestId, condition }: Extract<Start, { kind: 'destination' }>): Ignored {
  const reason = `it is the record of invocation ${requestId}, which ended as ${condition}`;
  printLine({ event_name: 'destination_record', request_id: requestId, condition });
  return { outcome: 'ignored', reason: `Nothing was done: ${reason}.`, events: [] };
}

/** An alarm looks for this word in what the platform keeps: nothing else tells of what failed before, or without, a record. */
async function noteUnrecorded(error: unknown, safe: Error): Promise<void> {
  const { isRecorded } = await import('../../lib/run/leave-to-platform.ts');
  if (isRecorded(error)) return;
  process.stdout.write(`tagsweep invocation_failed ${safeText(safe.message).slice(0, 1000)}\n`);
}

/** `console` would put a prefix before the line, and a log index could not read it. */
function printLine(record: Readonly<Record<string, string>>): void {
  process.stdout.write(`${encodeJson(record)}\n`);
}
