import type { Clock } from '../clock.ts';
import type { CallTrail, TrailEvent } from '../ports.ts';
import { describeError } from '../redact.ts';
import type { Region } from '../resource.ts';
import { counted } from '../text.ts';
import type { Taken, WhoAnswer } from './who.ts';

/** A record is written after its answer, and clocks differ. */
const BEFORE_MS = 15 * 60_000;
const AFTER_MS = 5 * 60_000;

/** Events are kept that long. */
const KEPT_MS = 90 * 86_400_000;

/** The service takes two questions a second. */
const PAUSE_MS = 500;

/**
 * Adds to each request what the account's own trail of calls tells of it: who made it, from where. What may not be
 * asked, or is not there, is told; the records stand for themselves.
 */
export async function joinTrail(
  answer: WhoAnswer,
  trail: CallTrail,
  clock: Pick<Clock, 'now' | 'sleep'>,
): Promise<WhoAnswer> {
  const oldestAt = clock.now() - KEPT_MS + BEFORE_MS;
  const asked = answer.taken.filter(({ requestId }) => requestId !== undefined);
  const known = asked.filter(({ at }) => Date.parse(at) >= oldestAt);
  const found = new Map<string, TrailEvent>();
  const warnings: string[] = [];
  if (known.length < asked.length) {
    warnings.push(
      `${counted(asked.length - known.length, 'request')} lie further back than the 90 days for which ActionTrail keeps events.`,
    );
  }
  try {
    for (const window of windowsOf(known)) await lookThrough(window, trail, clock, found);
  } catch (error) {
    warnings.push(
      `ActionTrail was not asked to the end, so that what it calls the caller may be missing: ${describeError(error)} It needs actiontrail:LookupEvents ("tagsweep ram --for auditor").`,
    );
    return join(answer, found, warnings);
  }
  const missing = new Set(known.flatMap(({ requestId = '' }) => (found.has(requestId) ? [] : [requestId])));
  if (missing.size > 0) {
    warnings.push(
      `ActionTrail tells of no request ${[...missing].slice(0, 5).join(', ')}: it shows events some minutes late.`,
    );
  }
  return join(answer, found, warnings);
}

/** A region, and when something was asked of it there. */
interface Window {
  readonly region: Region;
  readonly fromMs: number;
  readonly toMs: number;
  readonly requestIds: Set<string>;
}

/** As few questions as there are stretches of time that do not touch. */
function windowsOf(taken: readonly Taken[]): readonly Window[] {
  const windows: Window[] = [];
  for (const { region, at, requestId = '' } of [...taken].sort(
    (a, b) => Date.parse(a.at) - Date.parse(b.at),
  )) {
    const fromMs = Date.parse(at) - BEFORE_MS;
    const toMs = Date.parse(at) + AFTER_MS;
    const last = windows.findLast((window) => window.region === region);
    if (last === undefined || last.toMs < fromMs)
      windows.push({ region, fromMs, toMs, requestIds: new Set([requestId]) });
    else {
      last.requestIds.add(requestId);
      windows[windows.indexOf(last)] = { ...last, toMs };
    }
  }
  return windows;
}

/** Page by page, until every request is found. */
async function lookThrough(
  { region, fromMs, toMs, requestIds }: Window,
  trail: CallTrail,
  clock: Pick<Clock, 'now' | 'sleep'>,
  found: Map<string, TrailEvent>,
): Promise<void> {
  const until = Math.min(toMs, clock.now());
  for await (const page of trail.lookUp({ region, eventName: 'UntagResources', fromMs, toMs: until })) {
    for (const event of page) if (requestIds.has(event.requestId)) found.set(event.requestId, event);
    if ([...requestIds].every((id) => found.has(id))) return;
    await clock.sleep(PAUSE_MS);
  }
}

function join(
  { taken, warnings }: WhoAnswer,
  found: ReadonlyMap<string, TrailEvent>,
  further: string[],
): WhoAnswer {
  const joined = taken.map((one) => {
    const event = found.get(one.requestId ?? '');
    if (event === undefined) return one;
    if (isSomebodyElse(one.startedBy.actor, event)) {
      further.push(
        `The records say that ${one.startedBy.actor} made request ${event.requestId}, and ActionTrail says that ${event.caller.type} ${event.caller.name} did.`,
      );
    }
    return { ...one, trail: event };
  });
  return { taken: joined, warnings: [...new Set([...warnings, ...further])] };
}

/** Whether a record names another user or role than the trail does; a session's name may differ. */
function isSomebodyElse(actor: string | undefined, { caller }: TrailEvent): boolean {
  const [, kind, name] = /:(user|assumed-role)\/([^/]+)/.exec(actor ?? '') ?? [];
  if (kind === undefined || caller.name === '') return false;
  if (kind === 'user') return caller.type !== 'ram-user' || caller.name !== name;
  return caller.type !== 'assumed-role' || caller.name.split(':')[0] !== name;
}
