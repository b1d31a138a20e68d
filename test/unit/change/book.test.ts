import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { causeOf } from '../../../lib/apply/settle.ts';
import { createBook, MAX_FAILURES_NAMED } from '../../../lib/change/book.ts';
import { columnOf, tagOf } from '../../../lib/change/column.ts';
import { createChangeTable } from '../../../lib/change/table.ts';
import { EciError } from '../../../lib/errors.ts';
import { TAG_ENDS } from '../../../lib/report/report.ts';
import { MAX_KEYS_NAMED, totalsOf } from '../../../lib/report/totals.ts';
import { aBatch, aRemoval } from '../../support/removals.ts';

const CAUSE = { code: 'NoPermission.Tag', message: 'No.' };

describe('createLedger', () => {
  it('adds up one end for every planned tag', () => {
    const book = createBook(
      createChangeTable([aRemoval('eci-1', { a: '1', b: '2' }), aRemoval('eci-2', { a: '1' })]),
    );

    book.end(0, 'removed');
    book.end(1, 'stale');
    book.end(2, 'removed');

    expect(totalsOf(book)).toEqual({
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
    const book = createBook(createChangeTable([aRemoval('eci-1', { a: '1' })]));
    book.end(0, 'removed');

    expect(() => book.end(0, 'removed')).toThrow(expect.objectContaining({ code: 'REPORT_UNBALANCED' }));
    expect(() => book.end(0, 'failed')).toThrow('ended as removed');
  });

  it('refuses an end for a tag that is not planned', () => {
    const book = createBook(createChangeTable([aRemoval('eci-1', { a: '1' })]));

    expect(() => book.end(1, 'removed')).toThrow('not planned');
    expect(() => book.fail(0, [1], CAUSE)).toThrow('not planned');
  });

  it('refuses to add up while a tag has no end', () => {
    const book = createBook(createChangeTable([aRemoval('eci-1', { a: '1', b: '' })]));
    book.end(0, 'absent');

    expect(() => totalsOf(book)).toThrow('1 of 2 planned tags have no end');
  });

  it('ends what was not reached when it closes', () => {
    const book = createBook(createChangeTable([aRemoval('eci-1', { a: '1', b: '' })]));
    book.end(1, 'vanished');

    book.close();

    expect(book.open()).toBe(0);
    expect(totalsOf(book).tags).toMatchObject({ vanished: 1, notReached: 1 });
  });

  it('merges failures of one resource with one code, and keeps causes apart', () => {
    const book = createBook(createChangeTable([aRemoval('eci-1', { a: '1', b: '2', c: '3' })]));

    book.fail(0, [0], { ...CAUSE, requestId: 'R1' });
    book.fail(0, [1], CAUSE);
    book.fail(0, [2], { code: 'Other', message: 'Other.' });

    expect(totalsOf(book).failures).toEqual([
      expect.objectContaining({
        resourceId: 'eci-1',
        keys: ['a', 'b'],
        code: 'NoPermission.Tag',
        requestId: 'R1',
      }),
      expect.objectContaining({ resourceId: 'eci-1', keys: ['c'], code: 'Other' }),
    ]);
    expect(totalsOf(book).resourcesFailed).toBe(1);
  });

  it('names a hundred failures and counts the rest', () => {
    const removals = Array.from({ length: MAX_FAILURES_NAMED + 3 }, (_, n) =>
      aRemoval(`eci-${n}`, { a: '' }),
    );
    const book = createBook(createChangeTable(removals));

    for (const position of removals.keys()) book.fail(position, [position], CAUSE);

    expect(totalsOf(book).failures).toHaveLength(MAX_FAILURES_NAMED);
    expect(totalsOf(book).failuresCut).toBe(3);
    expect(totalsOf(book).tags.failed).toBe(MAX_FAILURES_NAMED + 3);
  });

  it('names the keys with the most removals, and counts the others', () => {
    const tags = Object.fromEntries(Array.from({ length: MAX_KEYS_NAMED + 2 }, (_, n) => [`k-${n}`, '']));
    const book = createBook(
      createChangeTable([aRemoval('eci-1', tags), aRemoval('eci-2', { 'k-1001': '' })]),
    );

    for (let slot = 0; slot < book.planned; slot++) book.end(slot, 'removed');

    expect(Object.keys(totalsOf(book).removedByKey)).toHaveLength(MAX_KEYS_NAMED);
    expect(totalsOf(book).removedByKey['k-1001']).toBe(2);
    expect(totalsOf(book).removedByKeyCut).toBe(2);
  });

  it('counts a key named __proto__ like any other', () => {
    const book = createBook(createChangeTable([aRemoval('eci-1', JSON.parse('{"__proto__":"x"}'))]));
    book.end(0, 'removed');

    expect(JSON.stringify(totalsOf(book).removedByKey)).toBe('{"__proto__":1}');
  });

  it('balances after any course of events', () => {
    const course = fc.array(fc.tuple(fc.nat(30), fc.constantFrom(...TAG_ENDS)));
    fc.assert(
      fc.property(course, (events) => {
        const removals = Array.from({ length: 8 }, (_, n) => aRemoval(`eci-${n}`, { a: '', b: '', c: '' }));
        const book = createBook(createChangeTable(removals));
        for (const [slot, end] of events) {
          if (slot < book.planned && book.endOf(slot) === undefined) book.end(slot, end);
          else expect(() => book.end(slot, end)).toThrow('does not balance');
        }
        book.close();
        const { planned, ...ends } = totalsOf(book).tags;
        expect(Object.values(ends).reduce((sum, n) => sum + n, 0)).toBe(planned);
      }),
    );
  });
});

describe('createBook, on requests', () => {
  const table = createChangeTable([aRemoval('eci-1', { a: '1', b: '2' }), aRemoval('eci-2', { b: '1' })]);
  const SLOTS = [0, 1, 2];

  it('notes requests, their planned tags, and how many resources of each kind they named', () => {
    const book = createBook(table);
    const beijing = aBatch(['eci-9'], ['a'], { region: 'cn-beijing' });

    book.noteSent(aBatch(['eci-1', 'eci-2'], ['b']));
    book.noteSent(beijing);
    book.noteSent(aBatch(['eci-1'], ['b']));

    expect(book.sent).toHaveLength(3);
    expect(book.sent[1]).toBe(beijing);
    expect(SLOTS.filter(book.wasSent)).toEqual([1, 2]);
    expect(Object.fromEntries(book.sentByKind)).toEqual({
      'cn-hangzhou/ContainerGroup': ['ContainerGroup', 3],
      'cn-beijing/ContainerGroup': ['ContainerGroup', 1],
    });
    expect(SLOTS.filter(book.isAnswered)).toEqual([]);
  });

  it('finds the planned tags of a request, and passes over all other pairs', () => {
    const book = createBook(table);

    expect(book.slotsIn(aBatch(['eci-2', 'eci-9', 'eci-1'], ['b', 'a']))).toEqual([2, 1, 0]);
    expect(book.slotsIn(aBatch(['eci-1'], ['c']))).toEqual([]);
  });

  it('calls a tag open until it has its end, or an answer that waits for its proof', () => {
    const book = createBook(table);
    book.end(0, 'removed');
    book.noteAnswered(1);

    expect([-1, 0, 1, 2, 3].filter(book.isOpen)).toEqual([2]);
    expect([book.openOf(0), book.openOf(1)]).toEqual([[], [2]]);
  });

  it('keeps what was answered when it closes, and what is journaled through every end', () => {
    const book = createBook(table);
    book.noteJournaled([0, 2]);
    book.noteAnswered(1);
    book.end(0, 'stale');

    book.close();

    expect(SLOTS.map(book.endOf)).toEqual(['stale', 'removed', 'notReached']);
    expect(SLOTS.filter(book.isJournaled)).toEqual([0, 2]);
    expect(SLOTS.filter(book.isAnswered)).toEqual([]);
  });

  it('does not take an answer for a tag that has its end', () => {
    const book = createBook(table);
    book.end(0, 'vanished');

    book.noteAnswered(0);

    expect([book.endOf(0), book.isAnswered(0)]).toEqual(['vanished', false]);
  });
});

describe('createBook, of tags that are put', () => {
  const table = createChangeTable([aRemoval('eci-1', { a: '1', b: '2', c: '3' })], 'put');

  it('counts what was put back, and names what was left with why', () => {
    const book = createBook(table, { namesLeft: 2 });

    book.end(0, 'restored');
    book.end(1, 'stale', 'It is there again.');
    book.close('Not reached.');

    expect(totalsOf(book).tags).toMatchObject({
      planned: 3,
      removed: 0,
      restored: 1,
      stale: 1,
      notReached: 1,
    });
    expect(totalsOf(book).resourcesChanged).toBe(1);
    expect(book.left).toEqual({
      named: [
        { row: 0, key: 'b', why: 'It is there again.' },
        { row: 0, key: 'c', why: 'Not reached.' },
      ],
      cut: 0,
    });
  });

  it('counts what it does not name any more', () => {
    const book = createBook(table, { namesLeft: 1 });

    book.fail(0, [0, 1], CAUSE);
    book.close('Not reached.');

    expect(book.left).toEqual({ named: [{ row: 0, key: 'a', why: 'No.' }], cut: 2 });
  });

  it('finds a tag by key and value', () => {
    expect(table.slotOf(0, columnOf('put', { key: 'b', value: '2' }))).toBe(1);
    expect(table.slotOf(0, columnOf('put', { key: 'b', value: 'x' }))).toBe(-1);
    expect(tagOf(columnOf('put', { key: 'b', value: 'x=&1' }))).toEqual({ key: 'b', value: 'x=&1' });
    expect(columnOf('remove', { key: 'b', value: 'x' })).toBe('b');
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
    const table = createChangeTable([aRemoval('eci-1', { a: '', b: '' }), aRemoval('eci-2', { c: '' })]);

    expect(table.slotOf(table.find('cn-hangzhou', 'ContainerGroup', 'eci-2'), 'c')).toBe(2);
    expect(table.slotOf(0, 'c')).toBe(-1);
    expect(table.find('cn-hangzhou', 'ImageCache', 'eci-2')).toBe(-1);
    expect(table.slotOf(-1, 'a')).toBe(-1);
  });

  it('refuses a plan that names a resource or a key twice', () => {
    expect(() => createChangeTable([aRemoval('eci-1', { a: '' }), aRemoval('eci-1', { b: '' })])).toThrow(
      'twice',
    );
    const twice = {
      ...aRemoval('eci-1', { a: '' }),
      tags: [...aRemoval('', { a: '' }).tags, ...aRemoval('', { a: '' }).tags],
    };
    expect(() => createChangeTable([twice])).toThrow('twice');
  });
});
