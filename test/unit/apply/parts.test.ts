import { describe, expect, it } from 'vitest';
import { halve, lengthOf, remainingParts } from '../../../lib/apply/parts.ts';
import { anApplyBench } from '../../support/apply-bench.ts';
import { aBatch, aRemoval } from '../../support/removals.ts';

const REMOVALS = [
  aRemoval('eci-1', { a: '1', b: '2' }),
  aRemoval('eci-2', { a: '1', b: '2' }),
  aRemoval('eci-3', { a: '1' }),
];
const isFree = (ref: { readonly id: string }, key: string) => ref.id === 'eci-3' && key === 'b';
/** The slots of the six pairs. */
const [A1, B1, A2, B2, A3] = [0, 1, 2, 3, 4] as const;
const whole = aBatch(['eci-1', 'eci-2', 'eci-3'], ['a', 'b']);

describe('remainingParts', () => {
  it('gives a batch back whole where nothing happened yet', () => {
    const { context } = anApplyBench(REMOVALS, { context: { isFree } });

    expect(remainingParts(context, whole)).toEqual([whole]);
  });

  it('leaves nothing of a batch whose every tag has its end', () => {
    const { context } = anApplyBench(REMOVALS, { context: { isFree } });
    for (const slot of [A1, B1, A2, B2, A3]) context.book.end(slot, 'removed');

    expect(remainingParts(context, whole)).toEqual([]);
  });

  it('leaves rows and keys out that have nothing open', () => {
    const { context } = anApplyBench(REMOVALS, { context: { isFree } });
    for (const slot of [A1, B1, A2, A3]) context.book.end(slot, 'removed');

    expect(remainingParts(context, whole)).toEqual([aBatch(['eci-2'], ['b'])]);
  });

  it('keeps pairs in a rectangle that are gone by our own hand', () => {
    const { context } = anApplyBench(REMOVALS, { context: { isFree } });
    context.book.end(A1, 'removed');

    expect(remainingParts(context, whole)).toEqual([whole]);
  });

  it.each(['stale', 'absent', 'vanished', 'failed'] as const)(
    'never asks again for a tag that is %s',
    (end) => {
      const { context } = anApplyBench(REMOVALS, { context: { isFree } });
      context.book.end(A1, end);

      expect(remainingParts(context, whole)).toEqual([
        aBatch(['eci-1'], ['b']),
        aBatch(['eci-2', 'eci-3'], ['a', 'b']),
      ]);
    },
  );

  it('cuts off a pair that is not planned and not free any more', () => {
    const { context } = anApplyBench(REMOVALS, { context: { isFree: () => false } });

    expect(remainingParts(context, whole)).toEqual([
      aBatch(['eci-1', 'eci-2'], ['a', 'b']),
      aBatch(['eci-3'], ['a']),
    ]);
  });

  it('leaves out what was answered as removed and waits for its proof', () => {
    const { context } = anApplyBench(REMOVALS, { context: { isFree } });
    for (const slot of [A1, B1, A2, B2]) context.book.noteAnswered(slot);

    expect(remainingParts(context, whole)).toEqual([aBatch(['eci-3'], ['a'])]);
  });

  it('leaves out a resource that the plan does not name', () => {
    const { context } = anApplyBench(REMOVALS, { context: { isFree: () => true } });

    expect(remainingParts(context, aBatch(['eci-9', 'eci-1'], ['a']))).toEqual([aBatch(['eci-1'], ['a'])]);
  });

  it('keeps region, type and the order of ids and keys', () => {
    const place = { region: 'cn-beijing', type: 'DataCache' } as const;
    const { context } = anApplyBench([
      aRemoval('dc-2', { b: '1', a: '1' }, place),
      aRemoval('dc-1', { b: '1', a: '1' }, place),
    ]);
    const batch = aBatch(['dc-2', 'dc-1'], ['b', 'a'], place);

    expect(remainingParts(context, batch)).toEqual([batch]);
  });
});

describe('halve', () => {
  it.each([
    { ids: ['1', '2'], halves: [['1'], ['2']] },
    { ids: ['1', '2', '3'], halves: [['1', '2'], ['3']] },
    {
      ids: ['1', '2', '3', '4', '5'],
      halves: [
        ['1', '2', '3'],
        ['4', '5'],
      ],
    },
  ])('cuts $ids in two along its resources, and loses none', ({ ids, halves }) => {
    const batch = aBatch(ids, ['a', 'b']);

    expect(halve(batch, 'resources')).toEqual(halves.map((half) => aBatch(half, ['a', 'b'])));
    expect(batch.ids).toEqual(ids);
  });

  it('cuts along its keys', () => {
    expect(halve(aBatch(['eci-1', 'eci-2'], ['a', 'b', 'c']), 'keys')).toEqual([
      aBatch(['eci-1', 'eci-2'], ['a', 'b']),
      aBatch(['eci-1', 'eci-2'], ['c']),
    ]);
  });

  it('knows how long each side is', () => {
    const batch = aBatch(['eci-1', 'eci-2'], ['a', 'b', 'c']);

    expect(lengthOf(batch, 'resources')).toBe(2);
    expect(lengthOf(batch, 'keys')).toBe(3);
  });
});
