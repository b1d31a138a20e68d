import { describe, expect, it } from 'vitest';
import { createBook } from '../../../lib/change/book.ts';
import { createChangeTable } from '../../../lib/change/table.ts';
import { type ProofOptions, proveRun } from '../../../lib/proof/prove.ts';
import { createReader } from '../../../lib/proof/reader.ts';
import { createWitness } from '../../../lib/proof/witness.ts';
import type { Resource } from '../../../lib/resource.ts';
import { anEciError, fakeEci } from '../../support/fake-eci.ts';
import { aBatch, aRemoval } from '../../support/removals.ts';
import { aResource } from '../../support/resources.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const SEEN = ['eci-1', 'eci-2', 'eci-3'].map((id) => aResource({ id, tags: { a: '1', env: 'dev' } }));
/** The sum of all pauses. */
const PATIENCE_MS = 60_500;

interface Part {
  /** What is there at the end. */
  readonly live?: readonly Resource[];
  readonly seen?: readonly Resource[];
  readonly onList?: (number: number) => void;
  readonly timeMs?: number;
  readonly onProgress?: ProofOptions['onProgress'];
}

/** A run that removed `a` from eci-2 alone. */
function aProof(part: Part = {}) {
  const seen = part.seen ?? SEEN;
  const clock = virtualClock();
  const endsAtMs = clock.now() + (part.timeMs ?? Number.POSITIVE_INFINITY);
  let lists = 0;
  const eci = fakeEci({
    resources: part.live ?? without('a', 'eci-2'),
    onCall: () => part.onList?.(lists++),
  });
  const book = createBook(createChangeTable([aRemoval('eci-2', { a: '1' })]));
  book.end(0, 'removed');
  book.noteSent(aBatch(['eci-2'], ['a']));
  const options: ProofOptions = {
    seen,
    book,
    read: createReader(eci, 1),
    witness: createWitness(eci),
    notShown: { code: 'NotRemoved', message: 'Still there.' },
    clock,
    time: { leftMs: () => Math.max(0, endsAtMs - clock.now()), mayStart: () => clock.now() < endsAtMs },
    ...(part.onProgress !== undefined && { onProgress: part.onProgress }),
  };
  return { options, eci, clock, startMs: clock.now() };
}

function without(key: string, id: string): readonly Resource[] {
  return SEEN.map((one) =>
    one.id === id ? { ...one, tags: one.tags!.filter((tag) => tag.key !== key) } : one,
  );
}

describe('proveRun', () => {
  it('verifies a run whose every difference is planned', async () => {
    const { options, clock, startMs } = aProof();

    expect(await proveRun(options)).toEqual({
      verified: true,
      foreign: 0,
      lost: 0,
      unread: 0,
      unexplained: 0,
    });
    expect(clock.now()).toBe(startMs);
  });

  it('reads nothing where nothing was sent', async () => {
    const { options, eci } = aProof({ live: [] });

    const proof = await proveRun({ ...options, book: createBook(options.book.table) });

    expect(proof).toEqual({ verified: true, foreign: 0, lost: 0, unread: 0, unexplained: 0 });
    expect(eci.calls).toEqual([]);
  });

  it('reads first what requests named, then the rest, and tells how far it is', async () => {
    const told: number[] = [];
    const { options, eci } = aProof({ onProgress: (read) => told.push(read) });

    await proveRun(options);

    expect(eci.calls.map((call) => call.query.ids)).toEqual([['eci-2'], ['eci-1', 'eci-3']]);
    expect(told).toEqual([1, 3]);
  });

  it('reads a resource later that the plan names and no request did', async () => {
    const { options, eci } = aProof();
    const table = createChangeTable([aRemoval('eci-1', { a: '1' }), aRemoval('eci-2', { a: '1' })]);
    const book = createBook(table);
    book.end(0, 'notReached');
    book.end(1, 'removed');
    book.noteSent(aBatch(['eci-2'], ['a']));

    await proveRun({ ...options, book });

    expect(eci.calls.map((call) => call.query.ids)).toEqual([['eci-2'], ['eci-1', 'eci-3']]);
  });

  it('counts what others did, and verifies all the same', async () => {
    const [one, two] = without('a', 'eci-2');
    const { options } = aProof({ live: [{ ...one!, tags: [] }, two!] });

    expect(await proveRun(options)).toEqual({
      verified: true,
      foreign: 3,
      lost: 0,
      unread: 0,
      unexplained: 0,
    });
  });

  it('waits for a removal that shows late', async () => {
    const { options, eci, clock, startMs } = aProof({
      live: SEEN,
      onList: (number) => {
        if (number === 3) eci.put(without('a', 'eci-2')[1]!);
      },
    });

    expect(await proveRun(options)).toMatchObject({ verified: true, unexplained: 0 });
    expect(clock.now() - startMs).toBe(500 + 1000);
    expect(eci.calls.slice(2).map((call) => call.query.ids)).toEqual([['eci-2'], ['eci-2']]);
  });

  it('sees what else went with a removal that shows late', async () => {
    const { options, eci } = aProof({
      live: SEEN,
      onList: (number) => {
        if (number === 3) eci.put({ ...SEEN[1]!, tags: [] });
      },
    });

    expect(await proveRun(options)).toMatchObject({ verified: true, foreign: 0, lost: 1, unexplained: 0 });
  });

  it('names a removed tag that is still there when patience ends', async () => {
    const { options, clock, startMs } = aProof({ live: SEEN });

    expect(await proveRun(options)).toEqual({
      verified: false,
      foreign: 0,
      lost: 0,
      unexplained: 1,
      differences: ['cn-hangzhou/ContainerGroup/eci-2 a'],
      unread: 0,
    });
    expect(clock.now() - startMs).toBe(PATIENCE_MS);
  });

  it('accuses nobody when the time ends before patience does', async () => {
    const { options, clock, startMs } = aProof({ live: SEEN, timeMs: 3000 });

    expect(await proveRun(options)).toEqual({
      verified: false,
      foreign: 0,
      lost: 0,
      unread: 1,
      unexplained: 0,
    });
    expect(clock.now() - startMs).toBe(1500);
  });

  it('accuses nobody by a reading that could not be repeated when patience ends', async () => {
    const { options } = aProof({
      live: SEEN,
      onList: (number) => {
        if (number > 3) throw anEciError();
      },
    });

    expect(await proveRun(options)).toEqual({
      verified: false,
      foreign: 0,
      lost: 0,
      unread: 1,
      unexplained: 0,
    });
    expect(options.book.endOf(0)).toBe('removed');
  });

  it('does not go on asking an account that is refused', async () => {
    const { options, clock, startMs } = aProof({
      live: SEEN,
      onList: (number) => {
        if (number > 1) throw anEciError({ kind: 'fatal', code: 'InvalidSecurityToken.Expired' });
      },
    });

    expect(await proveRun(options)).toMatchObject({ verified: false, unread: 1, unexplained: 0 });
    expect(clock.now() - startMs).toBe(500);
  });

  it('says how much could not be read', async () => {
    const { options } = aProof({
      onList: (number) => {
        if (number === 1) throw anEciError();
      },
    });

    expect(await proveRun(options)).toEqual({
      verified: false,
      foreign: 0,
      lost: 0,
      unread: 2,
      unexplained: 0,
    });
  });

  it('reads nothing once the time has ended', async () => {
    const { options, eci } = aProof({ timeMs: 0 });

    expect(await proveRun(options)).toEqual({
      verified: false,
      foreign: 0,
      lost: 0,
      unread: 3,
      unexplained: 0,
    });
    expect(eci.calls).toEqual([]);
  });

  it('calls a resource unread whose tags are not shown any more', async () => {
    const live = without('a', 'eci-2').map((one) =>
      one.id === 'eci-1' ? aResource({ id: 'eci-1', tags: undefined }) : one,
    );
    const { options } = aProof({ live });

    expect(await proveRun(options)).toEqual({
      verified: false,
      foreign: 0,
      lost: 0,
      unread: 1,
      unexplained: 0,
    });
  });

  it('stops waiting once nothing waits', async () => {
    const { options, eci } = aProof({
      live: SEEN,
      onList: (number) => {
        if (number === 2) eci.put(without('a', 'eci-2')[1]!);
      },
    });

    await proveRun(options);

    expect(eci.calls).toHaveLength(3);
  });

  it('verifies when the last pause shows that all is gone', async () => {
    const { options, eci } = aProof({
      live: SEEN,
      onList: (number) => {
        if (number === 7) eci.put(without('a', 'eci-2')[1]!);
      },
    });

    expect(await proveRun(options)).toMatchObject({ verified: true, unexplained: 0, unread: 0 });
  });

  it('names at most a hundred differences, and counts them all', async () => {
    const seen = Array.from({ length: 101 }, (_, n) => aResource({ id: `eci-${n}`, tags: { a: '1' } }));
    const { options } = aProof({ seen, live: seen.map((one) => ({ ...one, tags: [] })) });
    const table = createChangeTable(seen.map((one) => aRemoval(one.id, { a: '1' })));
    const book = createBook(table);
    for (let slot = 0; slot < table.slots; slot++) book.end(slot, 'stale');
    book.noteSent(
      aBatch(
        seen.map((one) => one.id),
        ['a'],
      ),
    );

    const proof = await proveRun({ ...options, book });

    expect(proof).toMatchObject({ verified: false, unexplained: 101 });
    expect(proof.differences).toHaveLength(100);
  });

  it('reads a large inventory in parts, each resource once', async () => {
    const seen = Array.from({ length: 20_002 }, (_, n) => aResource({ id: `eci-${n}`, tags: { b: '1' } }));
    const byId = new Map(seen.map((one) => [one.id, one]));
    const told: number[] = [];
    const { options } = aProof({ seen, live: [], onProgress: (read) => told.push(read) });
    const listResources = async ({ ids = [] }: { readonly ids?: readonly string[] }) => ({
      items: ids.map((id) => byId.get(id)!),
    });

    const proof = await proveRun({ ...options, read: createReader({ ...fakeEci(), listResources }, 1) });

    expect(told).toEqual([1, 20_001, 20_002]);
    expect(proof).toEqual({ verified: true, foreign: 0, lost: 0, unread: 0, unexplained: 0 });
  });
});
