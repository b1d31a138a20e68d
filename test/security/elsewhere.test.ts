import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainAfter, EMPTY_CHAIN, linkFields } from '../../lib/audit/chain.ts';
import { splitJournal } from '../../lib/audit/journal.ts';
import type { AuditRecord } from '../../lib/audit/record.ts';
import { planDigest, planFileDigest } from '../../lib/plan/digest.ts';
import { compareRemovals } from '../../lib/plan/order.ts';
import { formatPlanFile, readPlanFile } from '../../lib/plan/plan-file.ts';
import { requestLimits } from '../../lib/plan/request-limits.ts';
import type { Plan, Removal } from '../../lib/plan/types.ts';
import { compareText, type Resource } from '../../lib/resource.ts';
import { applySavedPlan } from '../../lib/run/saved-plan.ts';
import { runUndo } from '../../lib/run/undo.ts';
import { aPolicy, aResource } from '../support/builders.ts';
import { aPlan } from '../support/planned.ts';
import { aWorld } from '../support/runs.ts';

/** It removes `ci-*` and expired dates, and never from whoever is under legal hold. */
const POLICY = aPolicy({
  remove: [{ key: 'ci-*' }, { key: 'until', when: { expired: 'yyyy-MM-dd' } }],
  protect: [{ keys: ['ci-keep'] }, { resources: { tag: 'legal-hold', exists: true } }],
  limits: { maxPercent: 100, canary: 0 },
});

const KEYS = ['ci-run', 'ci-keep', 'env', 'owner', 'until', 'acs:rm', 'aliyun-x', 'PodName', 'legal-hold'];
const VALUES = ['', 'a', '2020-01-01', '2999-01-01'];
const IDS = ['eci-0', 'eci-1', 'eci-2', 'eci-3', 'eci-elsewhere'];
const REGIONS = ['cn-hangzhou', 'cn-beijing'];

const tags = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES), { maxKeys: 6 });
const fleet = fc
  .array(tags, { minLength: 1, maxLength: 4 })
  .map((all) => all.map((own, at) => aResource({ id: `eci-${at}`, tags: own })));

/** What somebody who can write files claims of a fleet, in the order that a plan has to have. */
const claims = fc
  .uniqueArray(
    fc.record({
      region: fc.constantFrom(...REGIONS),
      id: fc.constantFrom(...IDS),
      tags: fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES), { minKeys: 1, maxKeys: 6 }),
    }),
    { minLength: 1, maxLength: 6, selector: ({ region, id }) => `${region}/${id}` },
  )
  .map((all) =>
    all
      .map(
        ({ region, id, tags: own }): Removal => ({
          region,
          type: 'ContainerGroup',
          id,
          tags: Object.entries(own)
            .map(([key, value]) => ({ key, value, rule: 'remove[0] key "ci-*"' }))
            .sort((a, b) => compareText(a.key, b.key)),
        }),
      )
      .sort(compareRemovals),
  );

type Tags = ReadonlyMap<string, ReadonlyMap<string, string>>;

const copy = (state: Tags): Tags => new Map([...state].map(([name, own]) => [name, new Map(own)]));

/** `region/type/id key` of each tag that is there in one state, and not as it was in the other. */
function lost(before: Tags, after: Tags): readonly string[] {
  return [...before].flatMap(([name, own]) =>
    [...own].filter(([key, value]) => after.get(name)?.get(key) !== value).map(([key]) => `${name} ${key}`),
  );
}

/** A plan as a forger would write it: everything fits, the digest too. */
function forgePlan(removals: readonly Removal[]): Plan {
  const plan = aPlan([], POLICY);
  const batches = removals.map(({ region, type, id, tags: own }) => ({
    region,
    type,
    ids: [id],
    keys: own.map(({ key }) => key),
  }));
  const inventory = { complete: true, regions: REGIONS, resourcesSeen: 1_000_000 };
  const facts = {
    policyDigest: POLICY.digest,
    inventory,
    maxPercent: POLICY.limits.maxPercent,
    requests: requestLimits(POLICY.batch),
  };
  const forged = {
    ...plan,
    inventory,
    removals,
    batches,
    calls: { untag: batches.length, lowerBound: 0 },
    digest: planDigest(facts, removals),
  };
  return { ...forged, fileDigest: planFileDigest(forged) };
}

describe('a saved plan from elsewhere', () => {
  const request = { mode: 'apply', trigger: { type: 'cli', name: 'test' }, runId: 'run-1' } as const;

  it('removes nothing that its policy would not remove from the resources as they are', async () => {
    await fc.assert(
      fc.asyncProperty(fleet, claims, async (resources, removals) => {
        const { cloud, ports } = aWorld(resources);
        const before = copy(cloud.state());

        const plan = readPlanFile([...formatPlanFile(forgePlan(removals))].join(''), 'plan.json');
        await applySavedPlan({ ...request, plan }, ports, { identity: {} });

        expect(lost(before, cloud.state()).filter((name) => !mayGo(resources, removals, name))).toEqual([]);
        expect(cloud.offences).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  function mayGo(resources: readonly Resource[], removals: readonly Removal[], name: string): boolean {
    const [place = '', key = ''] = name.split(' ');
    const resource = resources.find(({ id }) => place.endsWith(`/${id}`));
    const value = resource?.tags?.find((tag) => tag.key === key)?.value;
    const claimed = removals
      .find(({ region, id }) => place === `${region}/ContainerGroup/${id}`)
      ?.tags.find((tag) => tag.key === key)?.value;
    if (claimed === undefined || claimed !== value) return false;
    if (resource?.tags?.some((tag) => tag.key === 'legal-hold')) return false;
    return key === 'ci-run' || (key === 'until' && value === '2020-01-01');
  }

  it('is refused once any part of what it would do was changed', () => {
    const plan = aPlan(
      Array.from({ length: 4 }, (_, at) => aResource({ id: `eci-${at}`, tags: { 'ci-run': `${at}` } })),
      POLICY,
    );
    const text = [...formatPlanFile(plan)].join('');
    const parts = ['removals', 'policy', 'digest', 'formatVersion'];
    // The mode is not part of what was reviewed: a request says it, and the test below holds that.
    const places = leaves(JSON.parse(text)).filter(
      (place) => parts.includes(String(place[0])) && place.join('.') !== 'policy.document.mode',
    );
    const other = fc.oneof(fc.string({ maxLength: 20 }), fc.integer(), fc.constant(null), fc.constant([]));

    fc.assert(
      fc.property(fc.constantFrom(...places), other, (place, value) => {
        const document = JSON.parse(text);
        const parent = place.slice(0, -1).reduce((at, step) => at[step], document);
        const last = place.at(-1)!;
        fc.pre(JSON.stringify(parent[last]) !== JSON.stringify(value));
        parent[last] = value;

        expect(() => readPlanFile(JSON.stringify(document), 'plan.json')).toThrow('plan.json');
      }),
      { numRuns: 1000 },
    );
  });

  it('does not decide by itself to be applied', async () => {
    const resources = [aResource({ id: 'eci-1', tags: { 'ci-run': '1' } })];
    const document = JSON.parse([...formatPlanFile(aPlan(resources, POLICY))].join(''));
    document.policy.document.mode = 'apply';
    const plan = readPlanFile(JSON.stringify(document), 'plan.json');

    const looked = aWorld(resources);
    const report = await applySavedPlan({ ...request, mode: 'dry-run', plan }, looked.ports, {
      identity: {},
    });
    const applied = aWorld(resources);
    await applySavedPlan({ ...request, plan }, applied.ports, { identity: {} });

    expect(report.mode).toBe('dry-run');
    expect(lost(copy(aWorld(resources).cloud.state()), looked.cloud.state())).toEqual([]);
    expect(lost(copy(aWorld(resources).cloud.state()), applied.cloud.state())).toHaveLength(1);
  });

  function leaves(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
    if (typeof value !== 'object' || value === null) return [[...path]];
    const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
    return entries.flatMap(([step, item]) => leaves(item, [...path, step]));
  }
});

describe('a journal from elsewhere', () => {
  const undo = {
    undo: 'run-1',
    mode: 'apply',
    trigger: { type: 'cli', name: 'test' },
    runId: 'undo-1',
  } as const;

  /** Chained as an honest run chains them: whoever may write into a log that is not signed can do that, too. */
  const recordsOf = (removals: readonly Removal[], part: Record<string, string> = {}): AuditRecord[] => {
    let chain = EMPTY_CHAIN;
    return [...splitJournal(removals, 'values')].map((chunk, at) => {
      const record = Object.fromEntries(
        Object.entries({
          schema_version: '2',
          event_name: 'removals_planned',
          event_id: `run-1:plan:${at}`,
          event_time: '2026-01-01T00:00:00.000Z',
          run_id: 'run-1',
          attempt_id: 'attempt-1',
          ...chunk,
          ...part,
          ...linkFields(chain),
        }).filter(([, value]) => value !== ''),
      ) as AuditRecord;
      chain = chainAfter(chain, record);
      return record;
    });
  };

  it('changes no tag that is there, adds none of the cloud, and nothing but what it names', async () => {
    await fc.assert(
      fc.asyncProperty(fleet, claims, async (resources, removals) => {
        const { cloud, log, ports } = aWorld(resources);
        const before = copy(cloud.state());
        await log.write(recordsOf(removals));

        await runUndo(undo, ports, { identity: {} });

        const after = cloud.state();
        expect(lost(before, after)).toEqual([]);
        const added = lost(after, before);
        expect(added.filter((name) => / (acs:|aliyun)/.test(name))).toEqual([]);
        const named = removals.flatMap(({ region, id, tags: own }) =>
          own.map(({ key }) => `${region}/ContainerGroup/${id} ${key}`),
        );
        expect(added.filter((name) => !named.includes(name))).toEqual([]);
        for (const own of after.values()) expect(own.size).toBeLessThanOrEqual(20);
      }),
      { numRuns: 300 },
    );
  });

  const one: Removal = {
    region: 'cn-hangzhou',
    type: 'ContainerGroup',
    id: 'eci-0',
    tags: [{ key: 'ci-run', value: '1', rule: '' }],
  };

  it.each([
    ['a region that is a host', { region: 'evil.example/' }, 'its region'],
    ['another type', { resource_type: 'Bucket' }, 'resource_type'],
    ['resources that were changed', { resources: '[{"id":"eci-1","tags":{"a":"b"}}]' }, 'their hash'],
  ])('with %s is refused', async (_, part, message) => {
    const { cloud, log, ports } = aWorld([aResource({ id: 'eci-0' })]);
    const before = copy(cloud.state());
    await log.write(recordsOf([one], part));

    const report = await runUndo(undo, ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'refused', reason: expect.stringContaining(message) });
    expect(lost(cloud.state(), before)).toEqual([]);
  });

  it.each([
    ['another version', { schema_version: '1' }, /schema_version is "1", and this program reads 2/],
    ['no attempt', { attempt_id: '' }, /names no attempt/],
  ])('with %s is left aside, and nothing is put back', async (_, part, message) => {
    const { cloud, log, ports } = aWorld([aResource({ id: 'eci-0' })]);
    const before = copy(cloud.state());
    await log.write(recordsOf([one], part));

    await expect(runUndo(undo, ports, { identity: {} })).rejects.toThrow(message);
    expect(lost(cloud.state(), before)).toEqual([]);
  });

  it('of a dry run puts nothing back', async () => {
    const { cloud, log, ports } = aWorld([aResource({ id: 'eci-0' })]);
    const before = copy(cloud.state());
    await log.write(recordsOf([one], { dry_run: 'true' }));

    const report = await runUndo(undo, ports, { identity: {} });

    expect(report.tags.restored ?? 0).toBe(0);
    expect(lost(cloud.state(), before)).toEqual([]);
  });

  it('of another account is refused', async () => {
    const { log, ports } = aWorld([aResource({ id: 'eci-0' })]);
    await log.write(recordsOf([one], { account_id: '1111' }));

    const outcome = runUndo(undo, ports, { identity: {}, accountId: '2222' });

    await expect(outcome).rejects.toThrow('in account 1111, and this one works in account 2222');
  });
});
