import type { AuditRecord } from '../../lib/audit/record.ts';
import { createSigner } from '../../lib/audit/sign.ts';
import { CleanupError } from '../../lib/errors.ts';
import type { AuditLog } from '../../lib/ports.ts';
import type { Resource } from '../../lib/resource.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { createCloud } from './cloud.ts';
import { createOracle } from './oracle.ts';
import { createOthers } from './others.ts';
import { createRandom, type Random } from './random.ts';
import { drawReadings, namesOf, type Readings } from './readings.ts';
import { aFleet, type Fleet, INTENTS } from './scenario.ts';
import type { Chapter } from './story.ts';
import { createWeather, type Weather } from './weather.ts';

/** Longer than any change takes to show, and than any call of a killed process takes. */
export const SETTLE_MS = 120_000;

const KEY = Buffer.alloc(32, 42).toString('base64');

/** Everything that one seed draws. */
export type World = ReturnType<typeof createWorld>;

export function createWorld(seed: number) {
  const random = createRandom(seed);
  const clock = virtualClock();
  const service = { readings: drawReadings(seed) };
  const isAnyCase = service.readings.untagTakes === 'anyCase';
  const fleet: Fleet = { members: aFleet(random).map((one) => (isAnyCase ? withCasePair(one) : one)) };
  const intent = random.pick(INTENTS);
  const isCursed = random.chance(0.3);
  const cursed = new Set(fleet.members.filter(() => isCursed && random.chance(0.08)).map((one) => one.id));
  const weather = createWeather(random, cursed);
  for (const name of namesOf(service.readings)) weather.count(name);
  const cloud = createCloud(fleet.members, {
    readings: () => service.readings,
    clock,
    chance: random.next,
    fault: weather.fault,
    visibilityMs: weather.visibilityMs,
    pageSize: weather.pageSize,
  });
  const log = createMemoryLog();
  /** Journals that were kept although their writer was told otherwise. */
  const unacknowledged = new Set<AuditRecord>();
  const oracle = createOracle(cloud, { kept: log.kept, unacknowledged }, intent, clock);
  return {
    random,
    clock,
    /** How the service behaves; it may be mended. */
    get readings() {
      return service.readings;
    },
    set readings(readings: Readings) {
      service.readings = readings;
    },
    intent,
    weather,
    cloud,
    fleet,
    log,
    audit: weatheredLog(log, { clock, random, weather, unacknowledged }),
    /** Most logs are signed; of one that is not, every attempt is taken by name. */
    signer: seed % 3 === 0 ? undefined : createSigner(KEY),
    oracle,
    others: createOthers({ cloud, fleet, random, weather }, oracle.atWork),
    /** Every execution, in order. */
    chapters: [] as Chapter[],
    startedAtMs: clock.now(),
    /** What was played, by kind. */
    played: {} as Record<string, number>,
  };
}

/** A marker has a kept tag beside it that differs by case alone. */
function withCasePair(resource: Resource): Resource {
  const { tags = [] } = resource;
  const isPaired = tags.some(({ key }) => key === 'ci-a');
  return isPaired ? { ...resource, tags: [...tags, { key: 'CI-A', value: 'kept' }] } : resource;
}

/** A log that is sometimes out of reach, and sometimes keeps what it says it did not. */
function weatheredLog(
  log: AuditLog,
  {
    clock,
    random,
    weather,
    unacknowledged,
  }: {
    readonly clock: { sleep(ms: number): Promise<void> };
    readonly random: Random;
    readonly weather: Weather;
    readonly unacknowledged: Set<AuditRecord>;
  },
): AuditLog {
  const fails = (): boolean => weather.bad && random.chance(weather.deadLog);
  const outOfReach = (what: string): CleanupError => {
    weather.count(what);
    return new CleanupError('AUDIT_UNAVAILABLE', 'The log is out of reach.');
  };
  return {
    ...log,
    write: async (records) => {
      await clock.sleep(weather.logPauseMs(records[0]?.event_name ?? ''));
      if (!fails()) return await log.write(records);
      if (random.chance(0.3)) {
        await log.write(records);
        for (const record of records) unacknowledged.add(record);
        throw outOfReach('log kept, no answer');
      }
      throw outOfReach('log dead');
    },
    read: async (query) => {
      await clock.sleep(5);
      if (fails()) throw outOfReach('log unreadable');
      return await log.read(query);
    },
  };
}
