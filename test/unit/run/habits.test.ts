import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Profile, toProfile } from '../../../lib/doctor/profile.ts';
import { createIsFree } from '../../../lib/plan/free-pairs.ts';
import { createJudge } from '../../../lib/plan/judge.ts';
import type { Plan } from '../../../lib/plan/types.ts';
import { verifyBatches } from '../../../lib/plan/verify.ts';
import { planCleanup, runCleanup } from '../../../lib/run/cleanup.ts';
import { habitsOf } from '../../../lib/run/habits.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { fakeEci } from '../../support/fake-eci.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { aDrawnPolicy, aDrawnResource } from '../../support/policy-arbitraries.ts';
import { aDrawnProfile } from '../../support/profile-arbitraries.ts';
import { aRequest, aWorld } from '../../support/runs.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const AT_MS = Date.UTC(2026, 5, 1);
const REGION = 'cn-hangzhou';

function aProfile(
  item: Parameters<typeof toProfile>[0] extends ReadonlyMap<string, infer L> ? L : never,
): Profile {
  return toProfile(new Map([[REGION, item]]), { atMs: AT_MS });
}

/** What goes, pair by pair. */
function pairsOf({ removals }: Plan): readonly string[] {
  return removals.flatMap(({ region, type, id, tags }) =>
    tags.map(({ key, value }) => JSON.stringify([region, type, id, key, value])),
  );
}

describe('habitsOf', () => {
  it('lets no tag go that would stay, whatever a profile says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(aDrawnResource, {
          selector: ({ region, type, id }) => `${region}/${type}/${id}`,
          maxLength: 12,
        }),
        aDrawnPolicy,
        aDrawnProfile(new Date(AT_MS).toISOString()),
        async (resources, policy, profile) => {
          const plan = async (more: object) => {
            const clock = virtualClock(AT_MS);
            const ports = {
              eci: fakeEci({ resources }),
              audit: createMemoryLog(),
              clock,
              chance: () => 0.5,
              ...more,
            };
            return await planCleanup(aRequest({ policy, mode: 'dry-run' }), ports, { identity: {} });
          };
          const without = await plan({});
          const withIt = await plan({ profile });

          const free = new Set(pairsOf(without.plan));
          expect(pairsOf(withIt.plan).filter((pair) => !free.has(pair))).toEqual([]);
          // The gate's own knowledge is the judge's, without any profile.
          const isFree = createIsFree(createJudge(policy, AT_MS), withIt.inventory.resources);
          const { resources: most, keys } = policy.batch;
          const { removals, batches } = withIt.plan;
          verifyBatches({ removals, batches, isFree, limits: { resources: most, keys, bytes: 8192 } });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('names no key that a resource lacks where the service refuses such requests', async () => {
    const fleet = Array.from({ length: 40 }, (_, n) =>
      aResource({ id: `eci-${n}`, tags: n % 2 === 0 ? { 'ci-run': 'x' } : { 'ci-job': 'y' } }),
    );
    const profile = aProfile([{ item: 'absentKey', value: 'refused', evidence: [], probe: 'test' }]);
    const policy = aPolicy({ limits: { maxPercent: 100 } });

    const { cloud, ports, clock } = aWorld(fleet);
    const date = new Date(clock.now()).toISOString();

    const report = await runCleanup(
      aRequest({ policy }),
      { ...ports, profile: { ...profile, date } },
      { identity: {} },
    );

    expect(report).toMatchObject({
      outcome: 'success',
      tags: { planned: 40, removed: 40 },
      proof: { verified: true },
    });
    const asked = cloud.calls.filter(({ api }) => api === 'UntagResources');
    expect(asked.flatMap(({ keys = [] }) => keys)).toContain('ci-run');
    for (const { ids = [], keys } of asked) {
      expect(keys).toEqual(ids.every((id) => Number(id.slice(4)) % 2 === 0) ? ['ci-run'] : ['ci-job']);
    }
  });

  it.each([
    { items: [{ item: 'idsPerCall' as const, value: 10 }], batch: { resources: 10, keys: 20 } },
    { items: [{ item: 'idsPerCall' as const, value: 100 }], batch: { resources: 50, keys: 20 } },
    { items: [{ item: 'keysPerCall' as const, value: 5 }], batch: { resources: 50, keys: 5 } },
    { items: [], batch: { resources: 50, keys: 20 } },
  ])('asks for no more at once than is taken: $items', ({ items, batch }) => {
    const profile = aProfile(items.map((one) => ({ ...one, evidence: [], probe: 'test' })));

    const { habits } = habitsOf(profile, { atMs: AT_MS });

    expect(habits.policy(aPolicy()).batch).toEqual(batch);
  });

  it('leaves a profile aside that is too old, and says so in the report', async () => {
    const { ports, clock } = aWorld([aResource({ id: 'eci-1', tags: { 'ci-run': '1' } })]);
    const date = new Date(clock.now() - 100 * 24 * 60 * 60 * 1000).toISOString();

    const report = await runCleanup(
      aRequest(),
      { ...ports, profile: { ...aProfile([]), date } },
      { identity: {} },
    );

    expect(report.warnings.join('\n')).toContain('older than 90 days');
    expect(report.outcome).toBe('success');
  });
});
