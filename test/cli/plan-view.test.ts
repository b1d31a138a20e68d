import { describe, expect, it } from 'vitest';
import { planView } from '../../cli/plan-view.ts';
import { planCleanup } from '../../lib/run/cleanup.ts';
import { aPolicy, aResource } from '../support/builders.ts';
import { fakeEci } from '../support/fake-eci.ts';
import { aRequest } from '../support/runs.ts';
import { virtualClock } from '../support/virtual-clock.ts';

/** What `plan` says of the reading of so many container groups, one in twenty with the key `old`. */
async function readingOf(resources: number, part: Readonly<Record<string, unknown>>) {
  const fleet = Array.from({ length: resources }, (_, n) =>
    aResource({
      id: `eci-${String(n).padStart(5, '0')}`,
      tags: n % 20 === 7 ? { old: '1' } : { env: 'dev' },
    }),
  );
  const policy = aPolicy({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['ContainerGroup'] }, ...part });
  const planned = await planCleanup(
    aRequest({ policy }),
    { eci: fakeEci({ resources: fleet }), audit: null, clock: virtualClock(), chance: () => 0.5 },
    { identity: {} },
  );
  return planView(planned, policy).reading;
}

describe('planView', () => {
  it('says which way was taken, what it saved at least, and how far the others were counted', async () => {
    expect(await readingOf(4000, { remove: [{ key: 'old' }] })).toBe(
      'read with 14 calls, instead of 29 or more: filtered by old; population counted up to 580: enough to show that the plan stays within maxPercent',
    );
  });

  it('says what was saved exactly where all were counted', async () => {
    expect(await readingOf(900, { remove: [{ key: 'old' }], limits: { maxPercent: 5 } })).toMatch(
      /^read with \d+ calls, instead of 45: filtered by old$/,
    );
  });

  it('boasts of nothing where nothing was saved', async () => {
    expect(
      await readingOf(400, { remove: [{ key: 'old' }, { key: 'e*' }], limits: { maxPercent: 100 } }),
    ).toBe('read with 22 calls: ids 200 a page, details by 20 side by side');
  });
});
