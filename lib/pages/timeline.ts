import type { AuditRecord } from '../audit/record.ts';
import type { Timeline, TimelineSlot } from './model.ts';

/** So many bars can be told apart; a longer run has longer ones. */
const MOST_SLOTS = 120;

/** Lengths that a reader has a feeling for, in seconds. */
const LENGTHS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

/** When requests of a run ended and what they changed, by the records of them; nothing where there are none. */
export function timelineOf(records: readonly AuditRecord[]): Timeline | undefined {
  const batches = records.filter(({ event_name }) => event_name === 'batch_completed');
  const waves = records.filter(({ event_name }) => event_name.endsWith('_planned'));
  const times = [...batches, ...waves].map(({ event_time }) => Date.parse(event_time));
  if (batches.length === 0) return undefined;
  const { least: fromMs, most: toMs } = boundsOf(times);
  const spanMs = toMs - fromMs;
  const slotMs =
    1000 * (LENGTHS.find((seconds) => spanMs / (seconds * 1000) < MOST_SLOTS) ?? Math.ceil(spanMs / 120_000));
  const slotOf = ({ event_time }: AuditRecord) => Math.floor((Date.parse(event_time) - fromMs) / slotMs);
  const slots = Array.from({ length: Math.floor(spanMs / slotMs) + 1 }, (_, at) => emptySlot(at * slotMs));
  for (const record of batches) {
    const slot = slots[slotOf(record)]!;
    slot.tags += Number(record.tags_removed ?? record.tags_restored ?? 0);
    // A request whose ids took several records is one call.
    if (Number(record.chunk_index ?? 0) === 0) slot[partOf(record)] += 1;
  }
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    slotMs,
    slots,
    waves: joinWaves(waves, slotOf, slotMs),
  };
}

/** The records of one wave, which may be many, are one mark. */
function joinWaves(
  records: readonly AuditRecord[],
  slotOf: (record: AuditRecord) => number,
  slotMs: number,
): Timeline['waves'] {
  const tags = new Map<number, number>();
  for (const record of records) {
    const slot = slotOf(record);
    tags.set(slot, (tags.get(slot) ?? 0) + Number(record.tags_planned ?? 0));
  }
  return [...tags].map(([slot, sum]) => ({ atMs: slot * slotMs, tags: sum }));
}

function partOf({ outcome }: AuditRecord): 'done' | 'failed' | 'unknown' {
  if (outcome === 'success') return 'done';
  return outcome === 'failure' ? 'failed' : 'unknown';
}

function emptySlot(fromMs: number): { -readonly [Field in keyof TimelineSlot]: TimelineSlot[Field] } {
  return { fromMs, done: 0, failed: 0, unknown: 0, tags: 0 };
}

function boundsOf(numbers: readonly number[]): { readonly least: number; readonly most: number } {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const number of numbers) {
    least = Math.min(least, number);
    most = Math.max(most, number);
  }
  return { least, most };
}
