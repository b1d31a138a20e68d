import { describe, expect, it } from 'vitest';
import type { EciApi } from '../../../lib/ports.ts';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { anEciError, type FakeEci, fakeEci } from '../../support/fake-eci.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { aRequest } from '../../support/runs.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const KEPT = { Env: 'x', env: 'dev', owner: 'a' };

type Service = (eci: FakeEci, clock: ReturnType<typeof virtualClock>) => Partial<EciApi>;

interface Account {
  readonly groups?: number;
  readonly remove?: readonly object[];
  readonly limits?: object;
  /** What the service does otherwise. */
  readonly service?: Service;
}

/** An apply of a policy to container groups, in a service of its own kind. */
async function run({ groups = 100, remove = [{ key: 'ci-*' }], limits = {}, service }: Account) {
  const clock = virtualClock();
  const resources = Array.from({ length: groups }, (_, n) =>
    aResource({ id: `eci-${String(n).padStart(4, '0')}`, tags: { 'ci-run': '1', ...KEPT } }),
  );
  const eci = fakeEci({ resources, onCall: () => clock.sleep(100) });
  const untagged: (readonly string[])[] = [];
  const hostile: EciApi = { ...eci, ...service?.(eci, clock) };
  const api: EciApi = {
    ...hostile,
    untagResources: async (request) => {
      untagged.push(request.ids);
      return await hostile.untagResources(request);
    },
  };
  const log = createMemoryLog();
  const policy = aPolicy({ remove, limits: { maxPercent: 100, ...limits } });
  const ports = { eci: api, audit: log, clock, chance: () => 0.5 };
  const report = await runCleanup(aRequest({ policy }), ports, { identity: {} });
  const kept = eci.resources.flatMap(({ id, tags }) =>
    tags!.filter(({ key }) => key in KEPT).map(({ key, value }) => `${id} ${key}=${value}`),
  );
  return { report, eci, untagged, kept, log };
}

const takingMore =
  (goes: (key: string, asked: readonly string[]) => boolean): Service =>
  (eci) => ({
    untagResources: async (request) => {
      for (const one of eci.resources.filter(({ id }) => request.ids.includes(id)))
        eci.put({ ...one, tags: one.tags!.filter(({ key }) => !goes(key, request.keys)) });
      return { requestId: 'R' };
    },
  });

describe('a service that takes more than it was asked', () => {
  it('every tag of a resource: it stops after the canary, gives back what went, and says so', async () => {
    const { report, untagged, kept, log } = await run({ service: takingMore(() => true) });

    expect(report).toMatchObject({ outcome: 'failure', code: 'CANARY' });
    expect(report.reason).toMatch(
      /^60 kept tags went on 20 resources that a request had touched.*removes more than the keys.*Of the 60 that went 60 were put back\.$/,
    );
    expect(untagged.flat()).toHaveLength(20);
    expect(kept).toHaveLength(300);
    expect(log.kept.filter(({ event_name }) => event_name === 'restores_planned')).toHaveLength(1);
  });

  it('and does not answer: the canary is looked at all the same', async () => {
    const { report, untagged, kept } = await run({
      limits: { canary: 1 },
      service: (eci) => ({
        untagResources: async (request) => {
          await takingMore(() => true)(eci, virtualClock()).untagResources!(request);
          throw anEciError({ api: 'UntagResources', kind: 'unanswered', code: 'Unanswered' });
        },
      }),
    });

    expect(report).toMatchObject({ outcome: 'failure', code: 'CANARY' });
    expect(new Set(untagged.flat()).size).toBe(1);
    expect(kept).toHaveLength(300);
  });

  it('keys of another case: it says that they are compared without regard to it', async () => {
    const lower = (keys: readonly string[]) => keys.map((key) => key.toLowerCase());
    const { report, kept } = await run({
      remove: [{ key: 'Env' }],
      service: takingMore((key, asked) => lower(asked).includes(key.toLowerCase())),
    });

    expect(report).toMatchObject({ outcome: 'failure', code: 'CANARY' });
    expect(report.reason).toContain('without regard to their case');
    expect(kept.filter((one) => one.includes(' env='))).toHaveLength(100);
  });

  it('from some wave on: it stops within the next', async () => {
    const { report, kept, eci } = await run({
      groups: 1000,
      service: (own) => {
        let calls = 0;
        const more = takingMore((key, asked) => asked.includes(key) || calls > 1)(own, virtualClock());
        return {
          untagResources: async (request) => {
            calls += 1;
            return await more.untagResources!(request);
          },
        };
      },
    });

    expect(report).toMatchObject({ outcome: 'failure', code: 'CANARY' });
    expect(report.proof.lost).toBeGreaterThan(0);
    expect(kept.length).toBeGreaterThan(2 * eci.resources.length);
  });
});

describe('others who take a kept tag while the canary is at work', () => {
  it('stop the run, and what they took is left as they want it', async () => {
    const { report, untagged, eci, log } = await run({
      service: (own) => ({
        untagResources: async (request) => {
          const receipt = await own.untagResources(request);
          const [first] = own.resources;
          own.put({ ...first!, tags: first!.tags!.filter(({ key }) => key !== 'owner') });
          return receipt;
        },
      }),
    });

    expect(report).toMatchObject({ outcome: 'failure', code: 'CANARY', proof: { lost: 1 } });
    expect(report.reason).toContain(
      'others did it, as far as can be told. The run stopped. Of the 1 that went 0',
    );
    expect(untagged.flat()).toHaveLength(20);
    expect(eci.resources[0]!.tags!.some(({ key }) => key === 'owner')).toBe(false);
    expect(log.kept.filter(({ event_name }) => event_name === 'restores_planned')).toEqual([]);
  });
});

describe('a service whose lists go empty', () => {
  const goingEmpty =
    (after: number, tagsToo: boolean): Service =>
    (eci) => {
      let untagged = 0;
      return {
        untagResources: async (request) => {
          untagged += 1;
          return await eci.untagResources(request);
        },
        listResources: async (query) => (untagged >= after ? { items: [] } : await eci.listResources(query)),
        listTagResources: async (query) =>
          untagged >= after && tagsToo ? { items: [] } : await eci.listTagResources(query),
      };
    };

  it.each([true, false])('after the first request is not believed (tags too: %s)', async (tagsToo) => {
    const { report, untagged } = await run({ service: goingEmpty(1, tagsToo) });

    expect(report).toMatchObject({ outcome: 'failure', code: 'CANARY', proof: { verified: false } });
    expect(report.reason).toContain('may have lost its right to look');
    expect(untagged).toHaveLength(1);
  });

  it('at the end of the run verifies nothing', async () => {
    const { report } = await run({ limits: { canary: 0 }, service: goingEmpty(2, true) });

    expect(report.proof).toMatchObject({ verified: false, foreign: 0, unread: 100 });
  });

  it('tells resources that are gone by a second witness', async () => {
    const { report } = await run({
      limits: { canary: 0 },
      service: (eci) => ({
        untagResources: async (request) => {
          const receipt = await eci.untagResources(request);
          for (const one of eci.resources.slice(0, 30)) if (eci.resources.length > 80) eci.drop(one);
          return receipt;
        },
      }),
    });

    expect(report.proof).toMatchObject({ verified: true, unread: 0 });
    expect(report.proof.foreign).toBeGreaterThan(5);
  });
});

describe('a service that answers, and does nothing from some time on', () => {
  it('is told as failed, tag by tag', async () => {
    const { report, eci } = await run({
      limits: { canary: 20 },
      service: (own) => {
        let calls = 0;
        return {
          untagResources: async (request) => {
            calls += 1;
            return calls === 1 ? await own.untagResources(request) : { requestId: 'R' };
          },
        };
      },
    });

    const left = eci.resources.filter(({ tags }) => tags!.some(({ key }) => key === 'ci-run'));
    expect(report).toMatchObject({
      outcome: 'failure',
      tags: { planned: 100, removed: 20, failed: 80 },
      resources: { changed: 20, failed: 80 },
      removedByKey: { 'ci-run': 20 },
    });
    expect(left).toHaveLength(80);
    expect(report.failures[0]).toMatchObject({ code: 'NotRemoved' });
  });
});

describe('others at work', () => {
  it('keep what they changed or protected meanwhile: a batch is read again where its reading is old', async () => {
    const { report, eci } = await run({
      groups: 200,
      limits: { canary: 20 },
      remove: [{ key: 'ci-*', when: { equals: '1' } }],
      service: (own, clock) => {
        let calls = 0;
        return {
          untagResources: async (request) => {
            calls += 1;
            const receipt = await own.untagResources(request);
            if (calls === 1) {
              for (const one of own.resources.slice(-50)) {
                const tags = one.tags!.map((tag) => (tag.key === 'ci-run' ? { ...tag, value: 'mine' } : tag));
                own.put({ ...one, tags });
              }
              clock.advance(11_000);
            }
            return receipt;
          },
        };
      },
    });

    expect(report).toMatchObject({ tags: { removed: 150, stale: 50 }, proof: { unexplained: 0, lost: 0 } });
    const mine = eci.resources.flatMap(({ tags }) => tags!.filter(({ value }) => value === 'mine'));
    expect(mine).toHaveLength(50);
  });

  it('keep what they set on a free pair meanwhile', async () => {
    const clock = virtualClock();
    const resources = Array.from({ length: 60 }, (_, n) =>
      aResource({
        id: `eci-${String(n).padStart(4, '0')}`,
        tags: { 'ci-a': '1', ...(n % 2 && { 'ci-b': '1' }) },
      }),
    );
    const eci = fakeEci({ resources, onCall: () => clock.sleep(100) });
    let calls = 0;
    const api: EciApi = {
      ...eci,
      untagResources: async (request) => {
        const receipt = await eci.untagResources(request);
        calls += 1;
        if (calls === 1) {
          for (const one of eci.resources.filter(({ tags }) => tags!.length === 1))
            eci.put({ ...one, tags: [...one.tags!, { key: 'ci-b', value: 'theirs' }] });
          clock.advance(11_000);
        }
        return receipt;
      },
    };
    const policy = aPolicy({ limits: { maxPercent: 100, canary: 10 }, batch: { resources: 10, keys: 20 } });
    const ports = { eci: api, audit: createMemoryLog(), clock, chance: () => 0.5 };

    const report = await runCleanup(aRequest({ policy }), ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'success', tags: { planned: 90, removed: 90 } });
    const theirs = eci.resources.flatMap(({ tags }) => tags!.filter(({ value }) => value === 'theirs'));
    expect(theirs.length).toBeGreaterThanOrEqual(25);
  });
});
