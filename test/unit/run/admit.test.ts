import { describe, expect, it } from 'vitest';
import type { Gap } from '../../../lib/inventory/inventory.ts';
import { admitPlan } from '../../../lib/run/admit.ts';
import { aPolicy } from '../../support/builders.ts';
import { aPlan } from '../../support/planned.ts';

describe('a plan of an inventory that is not complete', () => {
  const refusal = (gaps: readonly Gap[]): string => {
    const policy = aPolicy();
    const plan = aPlan([], policy);
    try {
      admitPlan(
        { ...plan, inventory: { ...plan.inventory, complete: false } },
        { policy, mode: 'apply', audit: null, isFree: () => false, formBody: false, gaps },
      );
    } catch (error) {
      return String(error);
    }
    return 'admitted';
  };

  it('is refused, with the place and the cause', () => {
    const gap = { region: 'cn-beijing', code: 'InternalError', message: 'It broke.' };

    expect(refusal([{ ...gap, resourceType: 'ImageCache' }, gap])).toMatch(
      /ImageCache in cn-beijing could not be read \(InternalError: It broke\.\), and 1 more\. Nothing was removed; run again/,
    );
  });

  it('tells what to do where time was too short to read all', () => {
    const gap = { region: 'cn-beijing', code: 'DeadlineReached', message: 'Not sent.' };

    expect(refusal([gap])).toMatch(
      /Nothing was removed; .*raise the timeout of the function .* or narrow regions/,
    );
  });
});
