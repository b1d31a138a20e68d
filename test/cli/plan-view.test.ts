import { describe, expect, it } from 'vitest';
import { createPaint } from '../../cli/io.ts';
import { planView } from '../../cli/plan-view.ts';
import { renderPlan } from '../../cli/render-plan.ts';
import { planCleanup } from '../../lib/run/cleanup.ts';
import { aPolicy, aResource } from '../support/builders.ts';
import { fakeEci } from '../support/fake-eci.ts';
import { aRequest } from '../support/runs.ts';
import { virtualClock } from '../support/virtual-clock.ts';

type Tags = Readonly<Record<string, string>>;

/** What `plan` says of a fleet of container groups with these tags. */
async function viewOf(tags: readonly Tags[], part: Readonly<Record<string, unknown>>) {
  const fleet = tags.map((own, n) => aResource({ id: `eci-${String(n).padStart(5, '0')}`, tags: own }));
  const policy = aPolicy({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['ContainerGroup'] }, ...part });
  const planned = await planCleanup(
    aRequest({ policy }),
    { eci: fakeEci({ resources: fleet }), audit: null, clock: virtualClock(), chance: () => 0.5 },
    { identity: {} },
  );
  return planView(planned, policy);
}

/** What it says of the reading of so many, one in twenty with the key `old`. */
async function readingOf(resources: number, part: Readonly<Record<string, unknown>>) {
  const tags = Array.from(
    { length: resources },
    (_, n): Tags => (n % 20 === 7 ? { old: '1' } : { env: 'dev' }),
  );
  return (await viewOf(tags, part)).reading;
}

describe('planView', () => {
  it('says which way was taken, what it saved at least, and how far the others were counted', async () => {
    expect(await readingOf(4000, { remove: [{ key: 'old' }] })).toBe(
      'read with 15 calls, instead of 29 or more: filtered by old; population counted up to 580: enough to show that the plan stays within maxPercent',
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

describe('a plan on a page', () => {
  const plain = createPaint(false);
  /** Three keys on two resources each, so that at one key a request three are needed. */
  const FLEET: readonly Tags[] = [
    { a: '1', b: '1' },
    { b: '1', c: '1' },
    { a: '1', c: '1' },
  ];
  const POLICY = { remove: [{ key: '*' }], limits: { maxPercent: 100 }, batch: { resources: 2, keys: 1 } };
  const REASON =
    'cn-hangzhou ContainerGroup: at least 3. 3 resources take at least 6 places in requests, and a request has 2.';

  it('is called a certified minimum where no fewer calls are possible', async () => {
    const view = await viewOf(FLEET, POLICY);

    expect(view.plan.calls).toEqual({ untag: 3, lowerBound: 3 });
    expect(renderPlan(view, plain, { all: false })).toContain(
      '3 calls to remove them (certified minimum: fewer are not possible)',
    );
  });

  it('never claims a minimum that is not shown', async () => {
    const view = await viewOf(FLEET, POLICY);
    const worse = { ...view, plan: { ...view.plan, calls: { untag: 4, lowerBound: 3 } } };

    const page = renderPlan(worse, plain, { all: true });

    expect(page).toContain('at least 3 are needed');
    expect(page).not.toContain('certified');
  });

  it('says why not fewer, in a sentence that can be checked, to whoever asks for all', async () => {
    const view = await viewOf(FLEET, POLICY);

    expect(renderPlan(view, plain, { all: true })).toContain(`Why not fewer calls\n  ${REASON}`);
    expect(renderPlan(view, plain, { all: false })).not.toContain('Why not fewer');
  });

  it('says nothing of it where a plan was read from a file, which holds no reasons', async () => {
    const view = { ...(await viewOf(FLEET, POLICY)), boundReasons: [] };

    expect(renderPlan(view, plain, { all: true })).not.toContain('Why not fewer');
  });
});
