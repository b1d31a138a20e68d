import { describe, expect, it } from 'vitest';
import { createSentLog, isOpen, slotsIn } from '../../../lib/apply/context.ts';
import { createLedger } from '../../../lib/report/ledger.ts';
import { createRemovalIndex } from '../../../lib/report/removal-index.ts';
import { aBatch, aRemoval } from '../../support/removals.ts';

const index = createRemovalIndex([aRemoval('eci-1', { a: '1', b: '2' }), aRemoval('eci-2', { b: '1' })]);

describe('createSentLog', () => {
  it('notes requests, their planned tags, and how many resources of each kind they named', () => {
    const sent = createSentLog(index);
    const beijing = aBatch(['eci-9'], ['a'], { region: 'cn-beijing' });

    sent.add(aBatch(['eci-1', 'eci-2'], ['b']));
    sent.add(beijing);
    sent.add(aBatch(['eci-1'], ['b']));

    expect(sent.batches).toHaveLength(3);
    expect(sent.batches[1]).toBe(beijing);
    expect([...sent.slots]).toEqual([0, 1, 1]);
    expect(Object.fromEntries(sent.resourcesByKind)).toEqual({
      'cn-hangzhou/ContainerGroup': ['ContainerGroup', 3],
      'cn-beijing/ContainerGroup': ['ContainerGroup', 1],
    });
    expect([...sent.answered]).toEqual([0, 0, 0]);
    expect(sent.provisional).toBe(false);
  });
});

describe('slotsIn', () => {
  it('finds the planned tags of a request, and passes over all other pairs', () => {
    expect(slotsIn(index, aBatch(['eci-2', 'eci-9', 'eci-1'], ['b', 'a']))).toEqual([2, 1, 0]);
    expect(slotsIn(index, aBatch(['eci-1'], ['c']))).toEqual([]);
  });
});

describe('isOpen', () => {
  it('is so until a tag has its end, or an answer that waits for its proof', () => {
    const context = { ledger: createLedger(index), sent: createSentLog(index) };
    context.ledger.end(0, 'removed');
    context.sent.answered[1] = 1;

    expect([0, 1, 2].map((slot) => isOpen(context, slot))).toEqual([false, false, true]);
  });

  it('is never so of a tag that is not planned', () => {
    expect(isOpen({ ledger: createLedger(index), sent: createSentLog(index) }, -1)).toBe(false);
  });
});
