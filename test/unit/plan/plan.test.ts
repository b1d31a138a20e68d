import { describe, expect, it } from 'vitest';
import { createJudge } from '../../../lib/plan/judge.ts';
import { buildPlan } from '../../../lib/plan/plan.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { anInventory, aPlan, PLANNED_AT_MS } from '../../support/planned.ts';

describe('buildPlan', () => {
  it('lists what goes by region, type and id, with tags by key', () => {
    const plan = aPlan([
      aResource({ id: 'eci-2', tags: { 'ci-b': '2', 'ci-a': '1', keep: 'x' } }),
      aResource({ id: 'eci-1', region: 'cn-beijing', tags: { 'ci-a': '1' } }),
      aResource({ id: 'imc-1', type: 'ImageCache', tags: { 'ci-a': '1' } }),
      aResource({ id: 'eci-1', tags: { 'ci-a': '1' } }),
      aResource({ id: 'eci-0', tags: { keep: 'x' } }),
    ]);

    expect(
      plan.removals.map((one) => [one.region, one.type, one.id, one.tags.map((tag) => tag.key)]),
    ).toEqual([
      ['cn-beijing', 'ContainerGroup', 'eci-1', ['ci-a']],
      ['cn-hangzhou', 'ContainerGroup', 'eci-1', ['ci-a']],
      ['cn-hangzhou', 'ContainerGroup', 'eci-2', ['ci-a', 'ci-b']],
      ['cn-hangzhou', 'ImageCache', 'imc-1', ['ci-a']],
    ]);
    expect(plan.calls).toEqual({ untag: 3, lowerBound: 3 });
  });

  it('carries the policy, the account and what was seen', () => {
    const policy = aPolicy();
    const plan = buildPlan({
      policy,
      judge: createJudge(policy, PLANNED_AT_MS),
      inventory: anInventory([], { complete: false, resourcesSeen: 7, regions: ['cn-hangzhou'] }),
      createdAt: '2026-06-01T00:00:00.000Z',
      accountId: '123',
    });

    expect(plan).toMatchObject({
      formatVersion: 1,
      accountId: '123',
      createdAt: '2026-06-01T00:00:00.000Z',
      policy: { name: 'a-policy', digest: policy.digest, document: policy.document },
      inventory: { complete: false, regions: ['cn-hangzhou'], resourcesSeen: 7 },
      removals: [],
      batches: [],
      calls: { untag: 0, lowerBound: 0 },
    });
  });

  it('never names a key together with a resource that keeps it', () => {
    const plan = aPlan(
      [
        aResource({ id: 'eci-1', tags: { a: '1', b: 'drop' } }),
        aResource({ id: 'eci-2', tags: { a: '1', b: 'stay' } }),
        aResource({ id: 'eci-3', tags: { a: '1' } }),
      ],
      aPolicy({ remove: [{ key: 'a' }, { key: 'b', when: { equals: 'drop' } }] }),
    );

    const withB = plan.batches.filter((batch) => batch.keys.includes('b'));
    expect(withB.flatMap((batch) => batch.ids)).toEqual(['eci-1']);
  });

  it('sorts the tags of a judge that does not', () => {
    const policy = aPolicy();
    const tag = (key: string) => ({ key, value: '', rule: 'r' });
    const plan = buildPlan({
      policy,
      judge: {
        decide: () => [],
        removals: () => [tag('b'), tag('a')],
        isFree: () => false,
        selects: () => true,
      },
      inventory: anInventory([aResource({ tags: { a: '', b: '' } })]),
      createdAt: '2026-06-01T00:00:00.000Z',
    });

    expect(plan.removals[0]!.tags.map((one) => one.key)).toEqual(['a', 'b']);
  });
});

describe('the digest of a plan', () => {
  const resource = aResource({ tags: { 'ci-a': '1' } });
  const base = aPlan([resource]).digest;

  it('is the same for the same removals of the same inventory, whenever it was made', () => {
    const policy = aPolicy();
    const again = buildPlan({
      policy,
      judge: createJudge(policy, PLANNED_AT_MS + 5),
      inventory: anInventory([resource]),
      createdAt: '2027-01-01T00:00:00.000Z',
    });

    expect(again.digest).toBe(base);
    expect(again.fileDigest).not.toBe(aPlan([resource]).fileDigest);
    expect(again.expiresAt).toBe('2027-01-02T00:00:00.000Z');
  });

  it('is the same however many more were seen than limits.maxPercent needs', () => {
    const policy = aPolicy();
    const judge = createJudge(policy, PLANNED_AT_MS);
    const digestOf = (resourcesSeen: number) =>
      buildPlan({
        policy,
        judge,
        inventory: anInventory([resource], { resourcesSeen }),
        createdAt: '2026-06-01T00:00:00.000Z',
      }).digest;

    // One of two is half, which the limit of 50 % allows.
    expect([2, 3, 1000].map(digestOf)).toEqual([2, 2, 2].map(digestOf));
    expect(digestOf(2)).not.toBe(digestOf(1));
  });

  it.each([
    ['how many resources were seen', { resourcesSeen: 99 }],
    ['whether all were seen', { complete: false }],
    ['the regions', { regions: ['cn-beijing', 'cn-hangzhou'] }],
  ])('changes with %s, which limits depend on', (_, facts) => {
    const policy = aPolicy();
    const judge = createJudge(policy, PLANNED_AT_MS);
    const inventory = anInventory([resource], facts);

    expect(buildPlan({ policy, judge, inventory, createdAt: '2026-06-01T00:00:00.000Z' }).digest).not.toBe(
      base,
    );
  });

  it.each([
    { what: 'a value', plan: () => aPlan([aResource({ tags: { 'ci-a': '2' } })]) },
    { what: 'an id', plan: () => aPlan([aResource({ id: 'eci-2', tags: { 'ci-a': '1' } })]) },
    { what: 'a region', plan: () => aPlan([aResource({ region: 'cn-beijing', tags: { 'ci-a': '1' } })]) },
    { what: 'the policy', plan: () => aPlan([resource], aPolicy({ limits: { maxTags: 5 } })) },
    { what: 'the rule', plan: () => aPlan([resource], aPolicy({ remove: [{ key: 'ci-a' }] })) },
  ])('changes with $what', ({ plan }) => {
    expect(plan().digest).not.toBe(base);
  });

  it('is hashed in pieces without a seam', () => {
    const many = Array.from({ length: 3000 }, (_, at) =>
      aResource({ id: `eci-${at}`, tags: { 'ci-a': '1' } }),
    );

    expect(aPlan(many).digest).toBe(aPlan([...many].reverse()).digest);
    expect(aPlan(many).digest).not.toBe(aPlan(many.slice(1)).digest);
  });
});
