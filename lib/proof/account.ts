import type { Batch } from '../batch/types.ts';
import type { Ledger } from '../report/ledger.ts';
import type { RemovalIndex } from '../report/removal-index.ts';
import { type Resource, type ResourceRef, resourceKey, type TagKey } from '../resource.ts';

/** What differences are judged by. */
export interface AccountOptions {
  readonly index: RemovalIndex;
  readonly ledger: Pick<Ledger, 'endOf'>;
  /** Every request that was sent, and per slot whether one held it. */
  readonly sent: { readonly batches: readonly Batch[]; readonly slots: Uint8Array };
}

/** The differences found so far. */
export interface Account {
  /** False where the tags cannot be seen. */
  compare(before: Resource, live: Resource | undefined): boolean;
  lookAgain(ref: ResourceRef, live: Resource | undefined): void;
  /** Resources with a removed tag that still shows. */
  waiting(): readonly ResourceRef[];
  foreign(): number;
  /** `withWaiting`: also the tags that still show. */
  unexplained(withWaiting: boolean): readonly string[];
}

/** Opens an account in which nothing was compared yet. */
export function createAccount({ index, ledger, sent }: AccountOptions): Account {
  let foreign = 0;
  const unexplained: string[] = [];
  const stillThere = new Map<string, { readonly ref: ResourceRef; tags: Map<TagKey, string> }>();
  const named = createNamedPairs(sent.batches);

  const gone = (resource: Resource, position: number, key: TagKey): void => {
    const slot = index.slotOf(position, key);
    const end = ledger.endOf(slot);
    if (end === 'removed' || end === 'absent') return;
    // A request without an answer may be carried out late: what failed and is gone is what was planned.
    if (end === 'failed' && sent.slots[slot] === 1) return;
    const ours = slot < 0 ? named.has(resource, key) : sent.slots[slot] === 1;
    if (ours) unexplained.push(`${resourceKey(resource)} ${key}`);
    else foreign += 1;
  };
  const isRemoved = (position: number, key: TagKey): boolean => {
    return ledger.endOf(index.slotOf(position, key)) === 'removed';
  };

  return {
    compare(before, live) {
      if (live === undefined) {
        foreign += 1;
        return true;
      }
      if (before.tags === undefined || live.tags === undefined) return before.tags === undefined;
      const position = index.find(before.region, before.type, before.id);
      const now = new Map(live.tags.map((tag) => [tag.key, tag.value]));
      for (const { key, value } of before.tags) {
        const current = now.get(key);
        now.delete(key);
        if (current === undefined) gone(before, position, key);
        else if (current !== value) foreign += 1;
        else if (isRemoved(position, key)) hold(stillThere, before, key, value);
      }
      foreign += now.size;
      return true;
    },
    lookAgain(ref, live) {
      const held = stillThere.get(resourceKey(ref));
      if (held === undefined || (live !== undefined && live.tags === undefined)) return;
      const now = new Map((live?.tags ?? []).map((tag) => [tag.key, tag.value]));
      for (const [key, value] of held.tags) {
        if (now.get(key) === value) continue;
        held.tags.delete(key);
        if (now.has(key)) foreign += 1;
      }
      if (held.tags.size === 0) stillThere.delete(resourceKey(ref));
    },
    waiting: () => [...stillThere.values()].map((held) => held.ref),
    foreign: () => foreign,
    unexplained: (withWaiting) => [
      ...unexplained,
      ...[...(withWaiting ? stillThere : [])].flatMap(([name, held]) =>
        [...held.tags.keys()].map((key) => `${name} ${key}`),
      ),
    ],
  };
}

function hold(
  into: Map<string, { readonly ref: ResourceRef; tags: Map<TagKey, string> }>,
  { region, type, id }: Resource,
  key: TagKey,
  value: string,
): void {
  const name = resourceKey({ region, type, id });
  const held = into.get(name) ?? { ref: { region, type, id }, tags: new Map() };
  held.tags.set(key, value);
  into.set(name, held);
}

/** Every pair that our requests named, looked up only when a difference asks for it. */
function createNamedPairs(batches: readonly Batch[]) {
  let byResource: Map<string, Batch[]> | undefined;
  return {
    has(ref: ResourceRef, key: TagKey): boolean {
      byResource ??= indexBatches(batches);
      return byResource.get(resourceKey(ref))?.some((batch) => batch.keys.includes(key)) === true;
    },
  };
}

function indexBatches(batches: readonly Batch[]): Map<string, Batch[]> {
  const byResource = new Map<string, Batch[]>();
  for (const batch of batches) {
    for (const id of batch.ids) {
      const name = resourceKey({ region: batch.region, type: batch.type, id });
      const own = byResource.get(name);
      if (own === undefined) byResource.set(name, [batch]);
      else own.push(batch);
    }
  }
  return byResource;
}
