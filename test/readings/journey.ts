import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import type { FleetResource } from '../../emulator/resource.ts';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import type { Clock } from '../../lib/clock.ts';
import { createEciClient } from '../../lib/cloud/eci/client.ts';
import { createSlsLog } from '../../lib/cloud/log/sls-log.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { AuditLog } from '../../lib/ports.ts';
import type { Report } from '../../lib/report/report.ts';
import { runCleanup } from '../../lib/run/cleanup.ts';
import type { RunPorts } from '../../lib/run/request.ts';
import { runUndo } from '../../lib/run/undo.ts';
import { verifyRun } from '../../lib/run/verify-run.ts';
import { aPolicy } from '../support/builders.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import type { ReadingOfService } from './readings.ts';

/** Policies that take the long way of reading, and the short ones. */
export const POLICIES: Readonly<Record<'all' | 'few' | 'selected', Policy>> = {
  all: aPolicy({
    scope: { regions: 'all' },
    remove: [{ key: 'ci-*' }, { key: 'Env' }],
    protect: [{ resources: { tag: 'legal-hold', exists: true } }],
    limits: { maxPercent: 100 },
  }),
  few: aPolicy({
    scope: { regions: 'all' },
    remove: [{ key: 'ci-old' }],
    protect: [{ resources: { tag: 'legal-hold', exists: true } }],
  }),
  selected: aPolicy({
    scope: { regions: 'all' },
    select: { status: 'Succeeded' },
    remove: [{ key: 'ci-*' }],
    protect: [{ resources: { tag: 'legal-hold', exists: true } }],
  }),
};

export type PolicyName = keyof typeof POLICIES;

const KINDS = [
  ['ContainerGroup', 'eci', 'cn-hangzhou', 90],
  ['ContainerGroup', 'eci-b', 'cn-beijing', 24],
  ['ImageCache', 'imc', 'cn-hangzhou', 9],
  ['DataCache', 'edc', 'cn-hangzhou', 9],
  ['VirtualNode', 'vnd', 'cn-hangzhou', 9],
] as const;

/** A small account: some have no tags, some lose their last, some are held, some have ended. */
export function aFleet(): readonly FleetResource[] {
  return KINDS.flatMap(([type, prefix, region, count]) =>
    Array.from(
      { length: count },
      (_, at): FleetResource => ({
        id: `${prefix}-${String(at).padStart(3, '0')}`,
        type,
        region,
        created: '2026-01-01T00:00:00Z',
        ...(type === 'ContainerGroup' && at % 10 === 9 && { status: 'Succeeded' }),
        ...(type === 'DataCache' && at % 3 === 2 && { bucket: 'models' }),
        tags: tagsOf(at),
      }),
    ),
  );
}

function tagsOf(at: number): Readonly<Record<string, string>> {
  if (at % 7 === 6) return {};
  return {
    ...(at % 5 !== 4 && { env: 'dev', note: '' }),
    ...(at % 4 !== 3 && { PodName: `pod-${at}` }),
    ...(at % 2 === 0 && { 'ci-run': String(at) }),
    ...(at % 6 === 5 && { 'ci-empty': '' }),
    ...(at % 15 === 7 && { 'ci-old': 'x' }),
    ...(at % 9 === 8 && { Env: 'x' }),
    ...(at % 13 === 12 && { 'legal-hold': 'x', 'ci-held': '1' }),
  };
}

/** `region/type/id key=value` of all tags that are there. */
export type Tags = ReadonlySet<string>;

export function tagsIn(emulator: Emulator): Tags {
  return new Set(
    [...emulator.state.resources].flatMap(([name, { tags }]) =>
      [...tags].map(([key, value]) => `${name} ${key}=${value}`),
    ),
  );
}

/** What the policy means, told by a rule of the test's own. */
export function meant(policy: PolicyName, fleet: readonly FleetResource[]): Tags {
  const goes = ({ tags = {}, status }: FleetResource, key: string): boolean => {
    if ('legal-hold' in tags) return false;
    if (policy === 'few') return key === 'ci-old';
    if (policy === 'selected') return status === 'Succeeded' && key.startsWith('ci-');
    return key.startsWith('ci-') || key === 'Env';
  };
  return new Set(
    fleet.flatMap((one) =>
      Object.entries(one.tags ?? {})
        .filter(([key]) => goes(one, key))
        .map(([key, value]) => `${one.region}/${one.type}/${one.id} ${key}=${value}`),
    ),
  );
}

/** What came of one journey: apply, apply again, verify, undo. */
export interface Journey {
  readonly meant: Tags;
  readonly before: Tags;
  readonly afterApply: Tags;
  readonly afterUndo: Tags;
  readonly report: Report;
  readonly again: Report;
  readonly verified: boolean;
  readonly undone: Report;
  readonly calls: number;
}

/** Goes through it over real HTTP; time that is slept passes at once, for the service as well. */
export async function goThrough(
  readings: readonly ReadingOfService[],
  policyName: PolicyName,
): Promise<Journey> {
  const fleet = aFleet();
  const clock = jumpingClock();
  const emulator = await startEmulator({
    fleet,
    now: clock.now,
    faults: readings.flatMap(({ faults }) => faults ?? []),
    behavior: Object.assign({ clockWindowMs: 1e12 }, ...readings.map(({ behavior }) => behavior ?? {})),
  });
  try {
    const { accessKeyId, accessKeySecret } = DEFAULT_IDENTITY;
    const host = new URL(emulator.url).host;
    const eci = createEciClient({
      endpointFor: () => host,
      protocol: 'http',
      credentials: async () => ({ accessKeyId, accessKeySecret }),
    });
    const ports: RunPorts = { eci, audit: openLog(readings, emulator, clock), clock, chance: () => 0.5 };
    const policy = POLICIES[policyName];
    const trigger = { type: 'cli', name: 'readings' } as const;
    const options = { identity: {} };
    const apply = (runId: string) =>
      runCleanup({ policy, mode: 'apply', narrowing: {}, trigger, runId }, ports, options);
    const before = tagsIn(emulator);
    const report = await apply('run-1');
    const calls = emulator.counters.requests;
    const afterApply = tagsIn(emulator);
    await clock.sleep(60_000);
    const { proof } = await verifyRun('run-1', ports, {});
    const again = await apply('run-2');
    await clock.sleep(60_000);
    const undone = await runUndo({ undo: 'run-1', mode: 'apply', trigger, runId: 'undo-1' }, ports, options);
    const afterUndo = tagsIn(emulator);
    return {
      meant: meant(policyName, fleet),
      before,
      afterApply,
      afterUndo,
      report,
      again,
      verified: proof.verified,
      undone,
      calls,
    };
  } finally {
    await emulator.close();
  }
}

/** In memory, unless a reading is of the log store. */
function openLog(readings: readonly ReadingOfService[], emulator: Emulator, clock: Clock): AuditLog {
  const settings = readings.flatMap(({ log }) => log ?? []);
  if (settings.length === 0) return createMemoryLog();
  Object.assign(emulator.sls.settings, ...settings);
  return createSlsLog({
    ...DEFAULT_LOGSTORE,
    endpoint: emulator.url,
    credentials: async () => DEFAULT_IDENTITY,
    clock,
    chance: () => 0.5,
  });
}

/** A clock that jumps over whatever is slept, and otherwise runs as the machine's does. */
function jumpingClock(): Clock {
  let aheadMs = 0;
  const now = (): number => Date.now() + aheadMs;
  return {
    now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      const untilMs = now() + ms;
      await new Promise((resolve) => setImmediate(resolve));
      aheadMs += Math.max(0, untilMs - now());
    },
  };
}
