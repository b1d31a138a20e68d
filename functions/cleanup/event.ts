import type { ResourceRef } from '../../lib/resource.ts';
import { resourceKey } from '../../lib/resource.ts';
import type { ContinuationPayload } from '../../lib/run/chain.ts';
import { hasContinuationMarker, parseContinuation } from './continuation.ts';
import { asCloudEvent, type CloudEvent, readCreation } from './creation.ts';
import { readJsonBytes, readJsonText, refused } from './json.ts';
import { isRecord, parseWish, type Wish } from './request.ts';

/** What started the function, in the one form that the handler works with. */
export type Start =
  /** Nothing was sent: the default policy, as a dry run. */
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'timer';
      readonly triggerName: string;
      readonly triggerTime: string;
      readonly wish: Wish;
    }
  | { readonly kind: 'request'; readonly wish: Wish }
  | { readonly kind: 'creations'; readonly events: Creations }
  | { readonly kind: 'continuation'; readonly payload: ContinuationPayload }
  /** The record of an earlier invocation, delivered to a destination: only logged. */
  | { readonly kind: 'destination'; readonly requestId: string; readonly condition: string };

/** What the events of one delivery created. */
export interface Creations {
  /** Each resource once, in the order of the events. */
  readonly created: readonly ResourceRef[];
  readonly ignored: readonly IgnoredEvent[];
  /** `source` and `id` of the events that created something: what the run is named after. */
  readonly causes: readonly string[];
  /** For the report: the call's name, or how many events it stands for. */
  readonly name: string;
}

/** An event that starts nothing, and why. */
export interface IgnoredEvent {
  readonly id: string;
  readonly source: string;
  readonly reason: string;
}

/** A stream's batch is smaller by far; what is longer is no delivery of EventBridge. */
const MAX_STREAM_EVENTS = 10_000;

/**
 * Tells from the raw bytes what started the function.
 *
 * The order matters and is that of the contract: nothing; a stream of EventBridge; a continuation of our
 * own; a timer; one event; a destination's record; else a request, read strictly.
 *
 * @throws {CleanupError} code `INVALID_REQUEST` for anything else; nothing was done then.
 * @example
 * decodeEvent(Buffer.from('')) // { kind: 'empty' }
 */
export function decodeEvent(bytes: Uint8Array): Start {
  const event = readJsonBytes(bytes);
  if (event === undefined) return { kind: 'empty' };
  if (Array.isArray(event)) return { kind: 'creations', events: readStream(event) };
  if (!isRecord(event)) throw refused('it is neither an object nor a list of events');
  if (hasContinuationMarker(event)) return { kind: 'continuation', payload: parseContinuation(event) };
  if (typeof event.triggerTime === 'string' && typeof event.triggerName === 'string') {
    return readTimer(event.triggerName, event.triggerTime, event.payload);
  }
  const cloudEvent = asCloudEvent(event);
  if (cloudEvent !== undefined) return { kind: 'creations', events: readEvents([cloudEvent], []) };
  if ('requestPayload' in event && isRecord(event.responseContext)) return readDestination(event);
  if (typeof event.rawPath === 'string' && isRecord(event.requestContext)) {
    throw refused(
      'it came through an HTTP trigger, which anybody could call; use a timer, an event or an invocation',
    );
  }
  return { kind: 'request', wish: parseWish(event) };
}

function readTimer(triggerName: string, triggerTime: string, payload: unknown): Start {
  const value = typeof payload === 'string' ? readJsonText(payload, "the timer's payload") : payload;
  const wish = parseWish(value ?? {});
  if ('runId' in wish && wish.runId !== undefined) {
    throw refused(
      "the timer's payload fixes a run id, which would make every night the same run; leave runId out",
    );
  }
  return { kind: 'timer', triggerName, triggerTime, wish };
}

function readDestination(event: Readonly<Record<string, unknown>>): Start {
  const context = isRecord(event.requestContext) ? event.requestContext : {};
  return {
    kind: 'destination',
    requestId: shortText(context.requestId),
    condition: shortText(context.condition),
  };
}

function readStream(elements: readonly unknown[]): Creations {
  if (elements.length > MAX_STREAM_EVENTS) {
    throw refused(`it lists ${elements.length} events, and at most ${MAX_STREAM_EVENTS} are read`);
  }
  const events: CloudEvent[] = [];
  const ignored: IgnoredEvent[] = [];
  for (const [index, element] of elements.entries()) {
    const reading = readStreamElement(element);
    if (typeof reading === 'string')
      ignored.push({ id: '', source: '', reason: `element ${index} ${reading}` });
    else events.push(reading);
  }
  if (events.length === 0 && elements.length > 0) {
    throw refused('it is a list, but none of its elements is an event of EventBridge');
  }
  return readEvents(events, ignored);
}

/** An element as an event, or what it is instead: one bad one must not make EventBridge send the good ones again. */
function readStreamElement(element: unknown): CloudEvent | string {
  let value = element;
  if (typeof element === 'string') {
    try {
      value = readJsonText(element, 'it');
    } catch {
      return 'is text that cannot be read as JSON';
    }
  }
  return (isRecord(value) ? asCloudEvent(value) : undefined) ?? 'is no event of EventBridge';
}

function readEvents(events: readonly CloudEvent[], malformed: readonly IgnoredEvent[]): Creations {
  const created = new Map<string, ResourceRef>();
  const ignored = [...malformed];
  const causes = new Set<string>();
  const names = new Set<string>();
  for (const event of events) {
    const reading = readCreation(event);
    if ('ignoredBecause' in reading) {
      ignored.push({
        id: shortText(event.id),
        source: shortText(event.source),
        reason: reading.ignoredBecause,
      });
      continue;
    }
    created.set(resourceKey(reading.created), reading.created);
    causes.add(`${event.source} ${event.id}`);
    names.add(reading.eventName);
  }
  const name =
    events.length === 1 ? ([...names][0] ?? shortText(events[0]?.type)) : `${events.length} events`;
  return { created: [...created.values()], ignored, causes: [...causes].sort(), name };
}

function shortText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 128) : '';
}
