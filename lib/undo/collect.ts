import { readBatches, readJournal } from '../audit/decode.ts';
import type { AuditRecord } from '../audit/record.ts';
import type { Change } from '../change/table.ts';
import { compareText, type ResourceRef, resourceKey, type TagKey } from '../resource.ts';

/** What the records of a run say may have been removed. */
export interface Collected {
  /** Sorted by region, type, id and key. A tag whose value was not kept has the value ''. */
  readonly changes: readonly Change[];
  /** Per tag, in the order of the changes: whether its value was kept. */
  readonly valueKept: readonly boolean[];
  /** Per tag: whether a request asked to remove it. */
  readonly asked: readonly boolean[];
}

interface Candidate extends ResourceRef {
  readonly tags: Map<TagKey, { readonly value?: string; readonly asked: boolean }>;
}

/**
 * Collects from the records of a run and of the runs under it what may have been removed.
 *
 * The journal says what was about to go. Whether a request asked for it is told by the batch records,
 * but only where the run ended and all of them are there: of a run that was killed everything in the
 * journal may be gone. Where a tag was announced twice, the later value counts, or that it was not kept.
 *
 * @param records - oldest first.
 * @throws {CleanupError} code `AUDIT_UNAVAILABLE` when a journal record was cut or changed.
 */
export function collectRemovals(records: readonly AuditRecord[]): Collected {
  const candidates = new Map<string, Candidate>();
  for (const own of byAttempt(records).values()) addRun(candidates, own);
  const sorted = [...candidates.values()].sort(
    (a, b) => compareText(a.region, b.region) || compareText(a.type, b.type) || compareText(a.id, b.id),
  );
  const valueKept: boolean[] = [];
  const asked: boolean[] = [];
  const changes = sorted.map(({ region, type, id, tags }) => {
    const own = [...tags].sort((a, b) => compareText(a[0], b[0]));
    for (const [, tag] of own) {
      valueKept.push(tag.value !== undefined);
      asked.push(tag.asked);
    }
    return { region, type, id, tags: own.map(([key, { value = '' }]) => ({ key, value })) };
  });
  return { changes, valueKept, asked };
}

function byAttempt(records: readonly AuditRecord[]): ReadonlyMap<string, readonly AuditRecord[]> {
  const attempts = new Map<string, AuditRecord[]>();
  for (const record of records) {
    const name = `${record.run_id} ${record.attempt_id ?? ''}`;
    const own = attempts.get(name);
    if (own === undefined) attempts.set(name, [record]);
    else own.push(record);
  }
  return attempts;
}

function addRun(candidates: Map<string, Candidate>, records: readonly AuditRecord[]): void {
  const journal = readJournal(records, 'removals_planned');
  const wasAsked = askedPairs(records);
  for (const entry of journal.announced) {
    const { region, type, id } = entry;
    const name = resourceKey({ region, type, id });
    const candidate = candidates.get(name) ?? { region, type, id, tags: new Map() };
    candidates.set(name, candidate);
    for (const tag of entry.tags) {
      const asked = wasAsked(name, tag.key) || candidate.tags.get(tag.key)?.asked === true;
      candidate.tags.set(tag.key, { ...tag, asked });
    }
  }
}

/** Tells of a resource and key whether a request named them; everything, where the records do not tell. */
function askedPairs(records: readonly AuditRecord[]): (resource: string, key: TagKey) => boolean {
  const batches = readBatches(records);
  const ended = records.filter((record) => record.event_name === 'run_completed');
  const expected = ended.reduce((sum, record) => sum + Number(record.batches_total ?? Number.NaN), 0);
  const known = new Set(
    records
      .filter((record) => record.event_name === 'batch_completed')
      .map((record) => record.event_id.replace(/(:b\d+:\d+):\d+$/, '$1')),
  ).size;
  const cut = records.some(
    (record) => record.event_name === 'batch_completed' && record.truncated === 'true',
  );
  const begun = records.filter((record) => record.event_name === 'run_started').length;
  if (ended.length !== 1 || begun > 1 || known !== expected || cut) return () => true;
  const keysOf = new Map<string, Set<TagKey>>();
  for (const batch of batches) {
    for (const id of batch.ids) {
      const name = resourceKey({ region: batch.region, type: batch.type, id });
      const keys = keysOf.get(name) ?? new Set();
      keysOf.set(name, keys);
      for (const key of batch.keys) keys.add(key);
    }
  }
  return (resource, key) => keysOf.get(resource)?.has(key) === true;
}
