import { describe, expect, it } from 'vitest';
import { createPutting, MAX_REFUSED } from '../../../lib/apply/putting.ts';
import { reconcile } from '../../../lib/apply/reconcile.ts';
import { createBook } from '../../../lib/change/book.ts';
import { createChangeTable } from '../../../lib/change/table.ts';
import { aRemoval } from '../../support/removals.ts';
import { aResource } from '../../support/resources.ts';

const CAUSE = { code: 'X', message: 'Locked.' };

/** The direction of an undo that has put back so many of its hundred tags. */
function anUndo(restored: number) {
  const ids = Array.from({ length: 100 }, (_, n) => `eci-${n}`);
  const book = createBook(
    createChangeTable(
      ids.map((id) => aRemoval(id, { a: '1' })),
      'put',
    ),
  );
  for (let slot = 0; slot < restored; slot++) book.end(slot, 'restored');
  return createPutting({ book, wasAsked: () => true, isValueKept: () => true });
}

describe('the error budget of an undo', () => {
  it('lets a few refusals pass even where nothing was put back', () => {
    expect(anUndo(0).overBudget(MAX_REFUSED, CAUSE)).toBeUndefined();
  });

  it('stops an undo that gets nowhere, and says why', () => {
    const undo = anUndo(3);

    undo.overBudget(MAX_REFUSED, CAUSE);
    const halt = undo.overBudget(1, { code: 'Y', message: 'No permission.' });

    expect(halt).toMatchObject({ code: 'MAX_FAILURES' });
    expect(halt?.reason).toMatch(/^11 tags were refused, and 3 could be put back.*No permission/);
  });

  it('goes on where more is put back than refused', () => {
    expect(anUndo(50).overBudget(49, CAUSE)).toBeUndefined();
  });
});

describe('what an undo makes of a reading', () => {
  const change = aRemoval('eci-1', { a: '1', b: '2', 'acs:x': '3', d: '4' });
  const ends = (live: ReturnType<typeof aResource> | undefined, moment: 'before' | 'after' = 'before') => {
    const table = createChangeTable([change], 'put');
    const book = createBook(table, { namesLeft: 10 });
    if (moment === 'after') for (const column of [0]) book.noteSent(sentOf(column));
    const direction = createPutting({
      book,
      wasAsked: (slot) => slot !== 3,
      isValueKept: (slot) => slot !== 1,
    });
    reconcile({ book, direction }, 0, live, moment);
    return [0, 1, 2, 3].map((slot) => book.endOf(slot) ?? 'open');
  };
  const sentOf = (_: number) => ({
    region: change.region,
    type: change.type,
    ids: [change.id],
    keys: ['a\u0000Tag.20.Value=1'],
  });

  it('puts back what is absent, was asked for, and is known', () => {
    expect(ends(aResource({ id: 'eci-1', tags: {} }))).toEqual(['open', 'failed', 'failed', 'absent']);
  });

  it('leaves what is there again, whatever its value', () => {
    expect(ends(aResource({ id: 'eci-1', tags: { a: '1', b: '2', 'acs:x': 'new' } }))).toEqual([
      'absent',
      'stale',
      'stale',
      'absent',
    ]);
  });

  it('takes credit after a request for what it asked for', () => {
    expect(ends(aResource({ id: 'eci-1', tags: { a: '1' } }), 'after')[0]).toBe('restored');
  });

  it('puts nothing on a full resource, or one that is gone or unseen', () => {
    const full = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k-${n}`, '']));

    expect(ends(aResource({ id: 'eci-1', tags: full }))[0]).toBe('failed');
    expect(ends(undefined).slice(0, 3)).toEqual(['vanished', 'vanished', 'vanished']);
    expect(ends(aResource({ id: 'eci-1', tags: undefined })).slice(0, 3)).toEqual([
      'failed',
      'failed',
      'failed',
    ]);
  });
});
