import { describe, expect, it } from 'vitest';
import { diffPlans } from '../../../lib/plan/diff.ts';
import { aRemoval } from '../../support/planned.ts';

describe('diffPlans', () => {
  it('finds nothing between equal plans', () => {
    const plan = { removals: [aRemoval('eci-1', { a: '1', b: '2' })] };

    expect(diffPlans(plan, plan)).toEqual({ onlyA: [], onlyB: [], both: 2 });
  });

  it('tells what only one of two plans removes, tag by tag', () => {
    const a = { removals: [aRemoval('eci-1', { a: '1', b: '2' }), aRemoval('eci-3', { a: '1' })] };
    const b = {
      removals: [
        aRemoval('eci-0', { z: '1' }),
        aRemoval('eci-1', { b: '2', c: '3' }),
        aRemoval('eci-2', { a: '1' }),
        aRemoval('eci-4', { a: '1' }),
      ],
    };

    expect(diffPlans(a, b)).toEqual({
      onlyA: [aRemoval('eci-1', { a: '1' }), aRemoval('eci-3', { a: '1' })],
      onlyB: [
        aRemoval('eci-0', { z: '1' }),
        aRemoval('eci-1', { c: '3' }),
        aRemoval('eci-2', { a: '1' }),
        aRemoval('eci-4', { a: '1' }),
      ],
      both: 1,
    });
  });

  it('takes a tag with another value as another removal, and the rule as no difference', () => {
    const a = { removals: [aRemoval('eci-1', { a: '1', b: '1' })] };
    const b = {
      removals: [
        {
          ...a.removals[0]!,
          tags: [
            { key: 'a', value: '2', rule: 'r' },
            { key: 'b', value: '1', rule: 'other' },
          ],
        },
      ],
    };

    const { onlyA, onlyB, both } = diffPlans(a, b);

    expect([onlyA[0]!.tags[0]!.value, onlyB[0]!.tags[0]!.value, both]).toEqual(['1', '2', 1]);
  });
});
