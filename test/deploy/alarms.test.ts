import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CleanupError, EciError } from '../../lib/errors.ts';
import { isRecorded } from '../../lib/run/leave-to-platform.ts';
import { evaluate, fires, type Row } from '../support/alarm-query.ts';
import { aResource } from '../support/builders.ts';
import { aWorld, type World } from '../support/runs.ts';
import { startedBy } from '../support/started.ts';

const HOUR_MS = 3_600_000;
const UNUSUAL = 100;

interface Alarm {
  readonly store: 'audit' | 'platform';
  readonly queries: readonly { readonly query: string; readonly start: string; readonly end: string }[];
  readonly condition: string;
}
const ALARMS: Readonly<Record<string, Alarm>> = JSON.parse(
  readFileSync('deploy/alarms.json', 'utf8').replaceAll(/\$\{alarm_tags_removed\}/g, String(UNUSUAL)),
);

const POLICY = {
  version: 1,
  name: 'nightly',
  mode: 'apply',
  scope: { regions: ['cn-hangzhou'], resourceTypes: ['ContainerGroup'] },
  remove: [{ key: 'ci-*' }],
  limits: { maxPercent: 100, canary: 0, maxResources: 500, requireUndo: false },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'policies-'));
  writeFileSync(join(folder, 'nightly.json'), JSON.stringify(POLICY));
  writeFileSync(
    join(folder, 'none.json'),
    JSON.stringify({ ...POLICY, name: 'none', limits: { ...POLICY.limits, maxResources: 0 } }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The function on its platform: what the records and the platform's own store hold after some nights. */
interface Nights {
  readonly world: World;
  readonly platform: (Row & { readonly atMs: string })[];
}

function nights(count = 3): Nights {
  const fleet = Array.from({ length: count }, (_, n) =>
    aResource({ id: `eci-${n}`, tags: { 'ci-run': `${n}` } }),
  );
  return { world: aWorld(fleet), platform: [] };
}

/** One night's timer, on a function whose errors the platform keeps as it does. */
async function night({ world, platform }: Nights, policy = 'nightly', ports = world.ports): Promise<void> {
  const triggerTime = new Date(world.clock.now()).toISOString();
  const event = { triggerTime, triggerName: 'nightly', payload: JSON.stringify({ policy }) };
  const settings = { TAGSWEEP_POLICIES_DIR: folder };
  await startedBy(Buffer.from(JSON.stringify(event)), { ports, options: { identity: {} } }, settings).catch(
    (error: Error) => {
      const atMs = String(world.clock.now());
      platform.push({ atMs, hasFunctionError: 'true', errorType: 'FunctionUnhandledError' });
      if (!isRecorded(error)) platform.push({ atMs, message: `tagsweep invocation_failed ${error.message}` });
    },
  );
}

function hoursAgo(time: string): number {
  return time === 'now' ? 0 : Number(/^-(\d+)h$/.exec(time)?.[1]);
}

/** The names of the alarms whose condition is true now. */
function firing({ world, platform }: Nights): readonly string[] {
  const nowMs = world.clock.now() + 1;
  const stores = {
    audit: world.log.kept.map((record): Row => ({ ...record, atMs: String(Date.parse(record.event_time)) })),
    platform,
  };
  return Object.entries(ALARMS).flatMap(([name, { store, queries, condition }]) => {
    const figures = queries.map(({ query, start, end }) => {
      const [sinceMs, untilMs] = [start, end].map((time) => nowMs - hoursAgo(time) * HOUR_MS) as [
        number,
        number,
      ];
      const rows = stores[store].filter(({ atMs }) => Number(atMs) >= sinceMs && Number(atMs) < untilMs);
      return evaluate(query, rows);
    });
    return fires(condition, Object.assign({}, ...figures)) ? [name] : [];
  });
}

const down = async (): Promise<never> => {
  throw new CleanupError('AUDIT_UNAVAILABLE', 'The log store is away.');
};

describe('the alarms', () => {
  it('ask of 24 hours at the most by each query, and by three at the most, as the service allows', () => {
    for (const { queries } of Object.values(ALARMS)) {
      expect(queries.length).toBeLessThanOrEqual(3);
      for (const { start, end } of queries) {
        expect(hoursAgo(start) - hoursAgo(end)).toBeGreaterThan(0);
        expect(hoursAgo(start) - hoursAgo(end)).toBeLessThanOrEqual(24);
      }
    }
  });

  it('are silent for two healthy weeks, dry runs, hand-overs and new resources included', async () => {
    const healthy = nights();
    for (let day = 0; day < 14; day += 1) {
      healthy.world.cloud.put(aResource({ id: `eci-new-${day}`, tags: { 'ci-run': 'new' } }));
      await night(healthy);
      for (let hour = 0; hour < 24; hour += 1) {
        expect(firing(healthy)).toEqual([]);
        if (hour < 23) await healthy.world.clock.sleep(HOUR_MS);
      }
      await healthy.world.clock.sleep(HOUR_MS / 2);
    }
  });

  it.each<[string, string, (all: Nights) => Promise<void>]>([
    ['a policy that is not there', 'not-done', (all) => night(all, 'missing')],
    ['a limit that refuses', 'not-done', (all) => night(all, 'none')],
    [
      'an ECI that cannot be read',
      'not-done',
      (all) => night(all, 'nightly', faulty(all, 'DescribeContainerGroups')),
    ],
    ['removals that are denied', 'not-done', (all) => night(all, 'nightly', faulty(all, 'UntagResources'))],
    [
      'a log store that is away from the start',
      'unrecorded',
      (all) =>
        night(all, 'nightly', { ...all.world.ports, audit: { ...all.world.log, write: down, read: down } }),
    ],
    ['a log store that takes no journal', 'not-done', (all) => night(all, 'nightly', withoutJournal(all))],
    [
      'no place for records',
      'unrecorded',
      (all) => night(all, 'nightly', { ...all.world.ports, audit: null }),
    ],
    ['a difference that nothing explains', 'unexplained', (all) => night(all, 'nightly', pretending(all))],
    [
      'an invocation that its timeout kills',
      'killed',
      async ({ world, platform }) => {
        platform.push({ atMs: String(world.clock.now()), errorType: 'FunctionTimeoutError' });
      },
    ],
  ])('tell of %s by one of them: %s', async (_, name, fault) => {
    const all = nights();
    await night(all);
    await all.world.clock.sleep(22 * HOUR_MS);
    expect(firing(all)).toEqual([]);
    all.world.cloud.put(aResource({ id: 'eci-new', tags: { 'ci-run': 'new' } }));

    await fault(all);

    expect(firing(all)).toEqual([name]);
  });

  it('tell of a run that removed unusually many', async () => {
    const all = nights(UNUSUAL + 1);

    await night(all);

    expect(firing(all)).toEqual(['many-removals']);
  });

  it('tell of a timer that stays away for 26 hours, and not before', async () => {
    const all = nights();
    await night(all);

    await all.world.clock.sleep(25.9 * HOUR_MS);
    const before = firing(all);
    await all.world.clock.sleep(0.2 * HOUR_MS);

    expect(before).toEqual([]);
    expect(firing(all)).toEqual(['no-success']);
  });

  it('tell of a timer whose runs are refused', async () => {
    const all = nights();
    await night(all);
    await all.world.clock.sleep(25 * HOUR_MS);
    all.world.cloud.put(aResource({ id: 'eci-new', tags: { 'ci-run': 'new' } }));

    await night(all, 'none');
    await all.world.clock.sleep(2 * HOUR_MS);

    expect(firing(all)).toEqual(['no-success']);
  });
});

function faulty({ world }: Nights, api: string): World['ports'] {
  const denied = async (): Promise<never> => {
    throw new EciError(`${api} was denied.`, {
      kind: 'rejected',
      apiCode: 'NoPermission',
      apiName: api,
      region: 'cn-hangzhou',
      outcomeUnknown: false,
    });
  };
  const call =
    api === 'UntagResources'
      ? { untagResources: denied }
      : { listResources: denied, listContainerGroupStatus: denied };
  return { ...world.ports, eci: { ...world.cloud.api, ...call } };
}

function withoutJournal({ world }: Nights): World['ports'] {
  const write: World['log']['write'] = async (records) => {
    if (records.some(({ event_name }) => event_name === 'removals_planned')) await down();
    await world.log.write(records);
  };
  return { ...world.ports, audit: { ...world.log, write } };
}

/** A service that says it did what it did not do. */
function pretending({ world }: Nights): World['ports'] {
  return {
    ...world.ports,
    eci: { ...world.cloud.api, untagResources: async () => ({ requestId: 'r' }) },
  };
}
