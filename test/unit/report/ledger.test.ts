import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EciError } from '../../../lib/errors.ts';
import { causeOf, createLedger, MAX_FAILURES_NAMED, MAX_KEYS_NAMED } from '../../../lib/report/ledger.ts';
import { createRemovalIndex } from '../../../lib/report/removal-index.ts';
import { TAG_ENDS } from '../../../lib/report/report.ts';
import { aRemoval } from '../../support/planned.ts';

const CAUSE = { code: 'NoPermission.Tag', message: 'No.' };

describe('createLedger', () => {
  it('adds up one end for every planned tag', () => {
    const ledger = createLedger(
      createRemovalIndex([aRemoval('eci-1', { a: '1', b: '2' }), aRemoval('eci-2', { a: '1' })]),
    );

    ledger.end(0, 'removed');
    ledger.end(1, 'stale');
    ledger.end(2, 'removed');

    expect(ledger.totals()).toEqual({
      tags: { planned: 3, removed: 2, absent: 0, stale: 1, vanished: 0, ended: 0, failed: 0, notReached: 0 },
      resourcesChanged: 2,
      resourcesFailed: 0,
      resourcesLeft: 0,
      removedByKey: { a: 2 },
      removedByKeyCut: 0,
      failures: [],
      failuresCut: 0,
    });
  });

  it('refuses a second end, even the same one', () => {
    const ledger = createLedger(createRemovalIndex([aRemoval('eci-1', { a: '1' })]));
    ledger.end(0, 'removed');

    expect(() => ledger.end(0, 'removed')).toThrow(expect.objectContaining({ code: 'REPORT_UNBALANCED' }));
    expect(() => ledger.end(0, 'failed')).toThrow('ended as removed');
  });

  it('refuses an end for a tag that is not planned', () => {
    const ledger = createLedger(createRemovalIndex([aRemoval('eci-1', { a: '1' })]));

    expect(() => ledger.end(1, 'removed')).toThrow('not planned');
    expect(() => ledger.fail(0, ['b'], CAUSE)).toThrow('not planned');
  });

  it('refuses to add up while a tag has no end', () => {
    const ledger = createLedger(createRemovalIndex([aRemoval('eci-1', { a: '1', b: '' })]));
    ledger.end(0, 'absent');

    expect(() => ledger.totals()).toThrow('1 of 2 planned tags have no end');
  });

  it('ends what was not reached when it closes', () => {
    const ledger = createLedger(createRemovalIndex([aRemoval('eci-1', { a: '1', b: '' })]));
    ledger.end(1, 'vanished');

    ledger.close();

    expect(ledger.open()).toBe(0);
    expect(ledger.totals().tags).toMatchObject({ vanished: 1, notReached: 1 });
  });

  it('merges failures of one resource with one code, and keeps causes apart', () => {
    const ledger = createLedger(createRemovalIndex([aRemoval('eci-1', { a: '1', b: '2', c: '3' })]));

    ledger.fail(0, ['a'], { ...CAUSE, requestId: 'R1' });
    ledger.fail(0, ['b'], CAUSE);
    ledger.fail(0, ['c'], { code: 'Other', message: 'Other.' });

    expect(ledger.totals().failures).toEqual([
      expect.objectContaining({
        resourceId: 'eci-1',
        keys: ['a', 'b'],
        code: 'NoPermission.Tag',
        requestId: 'R1',
      }),
      expect.objectContaining({ resourceId: 'eci-1', keys: ['c'], code: 'Other' }),
    ]);
    expect(ledger.totals().resourcesFailed).toBe(1);
  });

  it('names a hundred failures and counts the rest', () => {
    const removals = Array.from({ length: MAX_FAILURES_NAMED + 3 }, (_, n) =>
      aRemoval(`eci-${n}`, { a: '' }),
    );
    const ledger = createLedger(createRemovalIndex(removals));

    for (const position of removals.keys()) ledger.fail(position, ['a'], CAUSE);

    expect(ledger.totals().failures).toHaveLength(MAX_FAILURES_NAMED);
    expect(ledger.totals().failuresCut).toBe(3);
    expect(ledger.totals().tags.failed).toBe(MAX_FAILURES_NAMED + 3);
  });

  it('names the keys with the most removals, and counts the others', () => {
    const tags = Object.fromEntries(Array.from({ length: MAX_KEYS_NAMED + 2 }, (_, n) => [`k-${n}`, '']));
    const ledger = createLedger(
      createRemovalIndex([aRemoval('eci-1', tags), aRemoval('eci-2', { 'k-1001': '' })]),
    );

    for (let slot = 0; slot < ledger.planned; slot++) ledger.end(slot, 'removed');

    expect(Object.keys(ledger.totals().removedByKey)).toHaveLength(MAX_KEYS_NAMED);
    expect(ledger.totals().removedByKey['k-1001']).toBe(2);
    expect(ledger.totals().removedByKeyCut).toBe(2);
  });

  it('counts a key named __proto__ like any other', () => {
    const ledger = createLedger(createRemovalIndex([aRemoval('eci-1', JSON.parse('{"__proto__":"x"}'))]));
    ledger.end(0, 'removed');

    expect(JSON.stringify(ledger.totals().removedByKey)).toBe('{"__proto__":1}');
  });

  it('balances after any course of events', () => {
    const course = fc.array(fc.tuple(fc.nat(30), fc.constantFrom(...TAG_ENDS)));
    fc.assert(
      fc.property(course, (events) => {
        const removals = Array.from({ length: 8 }, (_, n) => aRemoval(`eci-${n}`, { a: '', b: '', c: '' }));
        const ledger = createLedger(createRemovalIndex(removals));
        for (const [slot, end] of events) {
          if (slot < ledger.planned && ledger.endOf(slot) === undefined) ledger.end(slot, end);
          else expect(() => ledger.end(slot, end)).toThrow('does not balance');
        }
        ledger.close();
        const { planned, ...ends } = ledger.totals().tags;
        expect(Object.values(ends).reduce((sum, n) => sum + n, 0)).toBe(planned);
      }),
    );
  });
});

describe('causeOf', () => {
  it('carries the code of the API and its request id', () => {
    const details = {
      kind: 'rejected',
      apiCode: 'X',
      apiName: 'UntagResources',
      region: 'r',
      outcomeUnknown: false,
    } as const;

    expect(causeOf(new EciError('No.', { ...details, requestId: 'R' }))).toEqual({
      code: 'X',
      message: 'No.',
      requestId: 'R',
    });
    expect(causeOf(new EciError('No.', details))).toEqual({ code: 'X', message: 'No.' });
  });
});

describe('createRemovalIndex', () => {
  it('finds the slot of each planned tag, and -1 for anything else', () => {
    const index = createRemovalIndex([aRemoval('eci-1', { a: '', b: '' }), aRemoval('eci-2', { c: '' })]);

    expect(index.slotOf(index.find('cn-hangzhou', 'ContainerGroup', 'eci-2'), 'c')).toBe(2);
    expect(index.slotOf(0, 'c')).toBe(-1);
    expect(index.find('cn-hangzhou', 'ImageCache', 'eci-2')).toBe(-1);
    expect(index.slotOf(-1, 'a')).toBe(-1);
  });

  it('refuses a plan that names a resource or a key twice', () => {
    expect(() => createRemovalIndex([aRemoval('eci-1', { a: '' }), aRemoval('eci-1', { b: '' })])).toThrow(
      'twice',
    );
    const twice = {
      ...aRemoval('eci-1', { a: '' }),
      tags: [...aRemoval('', { a: '' }).tags, ...aRemoval('', { a: '' }).tags],
    };
    expect(() => createRemovalIndex([twice])).toThrow('twice');
  });
});
