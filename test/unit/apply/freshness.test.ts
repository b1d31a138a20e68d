import { describe, expect, it } from 'vitest';
import { createFreshness } from '../../../lib/apply/freshness.ts';
import { createBook } from '../../../lib/change/book.ts';
import { createChangeTable } from '../../../lib/change/table.ts';
import type { ReadById } from '../../../lib/proof/reader.ts';
import type { ResourceRef } from '../../../lib/resource.ts';
import { aBatch, aRemoval } from '../../support/removals.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

/** Readings of forty groups that are older than ten seconds, and a reader that takes its time for each. */
function aFreshness(secondsEach = 0, isUnread: (ref: ResourceRef) => boolean = () => false) {
  const clock = virtualClock();
  const ids = Array.from({ length: 40 }, (_, n) => `eci-${n}`);
  const book = createBook(createChangeTable(ids.map((id) => aRemoval(id, { a: '1' }))));
  const asked: (readonly string[])[] = [];
  const read: ReadById = async (refs, onRead) => {
    asked.push(refs.map(({ id }) => id));
    for (const ref of refs) {
      await clock.sleep(secondsEach * 1000);
      if (!isUnread(ref)) onRead(ref, undefined);
    }
    return { unread: refs.filter(isUnread) };
  };
  const readAtMs = new Float64Array(ids.length).fill(clock.now() - 11_000);
  const freshness = createFreshness({ book, read, clock, maxAgeMs: 10_000, readAtMs });
  const renew = (batch: ReturnType<typeof aBatch>) =>
    freshness.renew(
      batch,
      (ref) => freshness.note(book.table.find(ref.region, ref.type, ref.id)),
      () => true,
    );
  return { freshness, renew, asked, ids };
}

describe('createFreshness', () => {
  it('counts what was read, also where the others took longer than a reading may be old', async () => {
    const { renew, ids } = aFreshness(3);

    expect([...(await renew(aBatch(ids.slice(0, 20), ['a'])))]).toEqual([]);
  });

  it('names what could not be read', async () => {
    const { renew } = aFreshness(0, ({ id }) => id === 'eci-1');

    expect([...(await renew(aBatch(['eci-0', 'eci-1'], ['a'])))]).toEqual([1]);
  });

  it('reads for the batches that follow where a call has room, and not twice', async () => {
    const { freshness, renew, asked, ids } = aFreshness();
    const batches = [aBatch(ids.slice(0, 15), ['a']), aBatch(ids.slice(15, 30), ['a'])];
    freshness.follow(batches);

    await renew(batches[0]!);
    await renew(batches[1]!);

    expect(asked).toEqual([ids.slice(0, 20), ids.slice(20, 30)]);
  });
});
