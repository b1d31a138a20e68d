import { describe, expect, it } from 'vitest';
import { createBrake } from '../../../lib/report/halt.ts';
import { createUndoBudget, MAX_REFUSED } from '../../../lib/undo/budget.ts';

/** A budget of an undo that has put back so many tags. */
function aBudget(restored: number) {
  const brake = createBrake();
  return { brake, budget: createUndoBudget({ count: () => restored }, brake) };
}

describe('createUndoBudget', () => {
  it('lets a few refusals pass even where nothing was put back', () => {
    const { brake, budget } = aBudget(0);

    budget.refuse(MAX_REFUSED, 'Locked.');

    expect(brake.pulled).toBeUndefined();
  });

  it('stops an undo that gets nowhere, and says why', () => {
    const { brake, budget } = aBudget(3);

    budget.refuse(MAX_REFUSED, 'Locked.');
    budget.refuse(1, 'No permission.');

    expect(brake.pulled).toMatchObject({ cause: 'budget' });
    expect(brake.pulled?.reason).toMatch(/^11 tags were refused, and 3 could be put back.*No permission/);
  });

  it('goes on where more is put back than refused', () => {
    const { brake, budget } = aBudget(50);

    budget.refuse(49, 'Locked.');

    expect(brake.pulled).toBeUndefined();
  });
});
