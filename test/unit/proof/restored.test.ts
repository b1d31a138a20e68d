import { describe, expect, it } from 'vitest';
import { createBook } from '../../../lib/change/book.ts';
import { createChangeTable } from '../../../lib/change/table.ts';
import type { EciApi } from '../../../lib/ports.ts';
import { createReader } from '../../../lib/proof/reader.ts';
import { proveRestored } from '../../../lib/proof/restored.ts';
import { createWitness } from '../../../lib/proof/witness.ts';
import type { Resource } from '../../../lib/resource.ts';
import { aResource } from '../../support/builders.ts';
import { anEciError, fakeEci } from '../../support/fake-eci.ts';
import { aRemoval } from '../../support/planned.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

/** An undo that put `a` and `b` back on one resource, and what readers see of that, by the number of the call. */
async function verifyOne(
  shows: (call: number) => Resource | undefined | Error,
  { leftMs = 1e9, isKnown = false }: { readonly leftMs?: number; readonly isKnown?: boolean } = {},
) {
  const book = createBook(createChangeTable([aRemoval('eci-1', { a: '1', b: '2' })], 'put'));
  for (let slot = 0; slot < book.planned; slot++) book.end(slot, 'restored');
  const clock = virtualClock();
  const startedAtMs = clock.now();
  const untilMs = startedAtMs + leftMs;
  let calls = 0;
  const listTagResources: EciApi['listTagResources'] = async ({ type }) => {
    if (isKnown) return { items: [{ type, id: 'eci-1', key: 'a', value: '1' }] };
    throw anEciError({ api: 'ListTagResources', kind: 'rejected', code: 'NoPermission.Tag' });
  };
  const listResources: EciApi['listResources'] = async (query) => {
    const shown = shows(calls++);
    if (shown instanceof Error) throw shown;
    return await fakeEci({ resources: shown === undefined ? [] : [shown] }).listResources(query);
  };
  const proof = await proveRestored({
    book,
    read: createReader({ listResources, listTagResources }, 1),
    witness: createWitness({ listResources, listTagResources }),
    notShown: { code: 'NotRestored', message: 'Not there.' },
    clock,
    time: {
      leftMs: () => untilMs - clock.now(),
      mayStart: () => clock.now() < untilMs,
      wasInterrupted: () => false,
    },
  });
  return { proof, calls, tookMs: clock.now() - startedAtMs };
}

const shown = (tags: Readonly<Record<string, string>>) => aResource({ id: 'eci-1', tags });
const WHOLE = shown({ a: '1', b: '2' });

describe('proveRestored', () => {
  it('looks once where everything shows', async () => {
    const { proof, calls, tookMs } = await verifyOne(() => WHOLE);

    expect(proof).toEqual({ verified: true, foreign: 0, lost: 0, unread: 0, unexplained: 0 });
    expect([calls, tookMs]).toEqual([1, 0]);
  });

  it('waits for a tag that shows late, with growing pauses', async () => {
    const { proof, calls, tookMs } = await verifyOne((call) => (call < 4 ? shown({ a: '1' }) : WHOLE));

    expect(proof).toEqual({ verified: true, foreign: 0, lost: 0, unread: 0, unexplained: 0 });
    expect([calls, tookMs]).toEqual([5, 500 + 1000 + 2000 + 4000]);
  });

  it('names a tag that never shows', async () => {
    const { proof, tookMs } = await verifyOne(() => shown({ a: '1' }));

    expect(proof).toEqual({
      verified: false,
      foreign: 0,
      lost: 0,
      unread: 0,
      unexplained: 1,
      differences: ['cn-hangzhou/ContainerGroup/eci-1 b'],
    });
    expect(tookMs).toBe(60_500);
  });

  it('holds nothing against a tag that may show late when time ends too early', async () => {
    const { proof, tookMs } = await verifyOne(() => shown({ a: '1' }), { leftMs: 5000 });

    expect(proof).toEqual({ verified: false, foreign: 0, lost: 0, unread: 0, unexplained: 0 });
    expect(tookMs).toBe(3500);
  });

  it('counts what others changed or took away with the resource as theirs', async () => {
    const changed = await verifyOne(() => shown({ a: 'theirs', b: '2' }));
    const gone = await verifyOne(() => undefined);

    expect(changed.proof).toEqual({ verified: true, foreign: 1, lost: 0, unread: 0, unexplained: 0 });
    expect(gone.proof).toEqual({ verified: true, foreign: 1, lost: 0, unread: 0, unexplained: 0 });
  });

  it('does not take a resource for gone that a second witness knows', async () => {
    const { proof } = await verifyOne(() => undefined, { isKnown: true });

    expect(proof).toEqual({ verified: false, foreign: 0, lost: 0, unread: 1, unexplained: 0 });
  });

  it('accuses nobody by a reading that could not be repeated when patience ends', async () => {
    const { proof } = await verifyOne((call) => (call < 3 ? shown({ a: '1' }) : anEciError()));

    expect(proof).toEqual({ verified: false, foreign: 0, lost: 0, unread: 1, unexplained: 0 });
  });

  it('does not go on asking an account that is refused', async () => {
    const refused = anEciError({ kind: 'fatal', code: 'InvalidSecurityToken.Expired' });
    const { proof, calls, tookMs } = await verifyOne((call) => (call < 1 ? shown({ a: '1' }) : refused));

    expect(proof).toMatchObject({ verified: false, unread: 1, unexplained: 0 });
    expect([calls, tookMs]).toEqual([2, 500]);
  });

  it('verifies nothing, and accuses nobody, where the resource cannot be read', async () => {
    const { tags: _, ...untold } = WHOLE;

    const failed = await verifyOne(() => anEciError());
    const unseen = await verifyOne(() => untold);

    expect(failed.proof).toEqual({ verified: false, foreign: 0, lost: 0, unread: 1, unexplained: 0 });
    expect(unseen.proof).toEqual({ verified: false, foreign: 0, lost: 0, unread: 1, unexplained: 0 });
  });
});
