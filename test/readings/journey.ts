import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import type { FleetResource } from '../../emulator/resource.ts';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import type { Clock } from '../../lib/clock.ts';
import { createEciClient } from '../../lib/cloud/eci/client.ts';
import { createSlsLog } from '../../lib/cloud/log/sls-log.ts';
import { RESOURCE_KINDS } from '../../lib/kinds.ts';
import { parsePolicyDocument } from '../../lib/policy/parse.ts';
import type { Mode } from '../../lib/policy/policy.ts';
import type { ApiName } from '../../lib/ports.ts';
import type { Report } from '../../lib/report/report.ts';
import { runCleanup } from '../../lib/run/cleanup.ts';
import type { RunPorts } from '../../lib/run/request.ts';
import { runUndo } from '../../lib/run/undo.ts';
import { verifyRun } from '../../lib/run/verify-run.ts';
import type { BundledFunction, Invoked } from '../support/in-bundle.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { IDENTITIES } from '../support/roles.ts';
import type { ReadingOfService } from './readings.ts';

/** What policies say beside their scope: some take the long way of reading, some the short ones. */
const RULES = {
  all: {
    remove: [{ key: 'ci-*' }, { key: 'Env' }],
    protect: [{ resources: { tag: 'legal-hold', exists: true } }],
    limits: { maxPercent: 100 },
  },
  few: {
    remove: [{ key: 'ci-old' }],
    protect: [{ resources: { tag: 'legal-hold', exists: true } }],
  },
  selected: {
    select: { status: 'Succeeded' },
    remove: [{ key: 'ci-*' }],
    protect: [{ resources: { tag: 'legal-hold', exists: true } }],
  },
} as const;

export type PolicyName = keyof typeof RULES;
export const POLICIES = Object.keys(RULES) as readonly PolicyName[];

const ECI_CALLS: readonly ApiName[] = [
  'DescribeRegions',
  ...Object.values(RESOURCE_KINDS).map(({ list }) => list.api),
  'DescribeContainerGroupStatus',
  'ListTagResources',
  'UntagResources',
  'TagResources',
];

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

/** What a run said of itself, as far as it is held against what is there. */
export type Told = Pick<
  Report,
  'runId' | 'outcome' | 'reason' | 'planDigest' | 'tags' | 'proof' | 'unseen' | 'skipped' | 'warnings'
>;

/** What came of one journey: plan, apply, verify, apply again, undo. */
export interface Journey {
  readonly meant: Tags;
  readonly before: Tags;
  readonly afterApply: Tags;
  readonly afterUndo: Tags;
  readonly plan: Told;
  readonly report: Told;
  readonly again: Told;
  readonly verified: boolean;
  readonly undone: Told;
  /** Of the apply. */
  readonly calls: number;
  /** The same, milliseconds of the service's time. */
  readonly tookMs: number;
}

/** Who runs what is asked for. */
interface Runner {
  /** `planDigest`: of the plan that is to be applied exactly; empty: none. */
  run(mode: Mode, planDigest: string): Promise<Told>;
  undo(runId: string): Promise<Told>;
}

/**
 * Goes through it over real HTTP; time that is slept passes at once, for the service as well.
 *
 * @param how - `bundle`: the deployed code, which then does whatever a function does; left out: the code of this working
 *   tree, which costs a fifth of that. `isOther`: it is of another version, whose records are not read here.
 */
export async function goThrough(
  readings: readonly ReadingOfService[],
  policyName: PolicyName,
  { bundle, isOther = false }: { readonly bundle?: BundledFunction; readonly isOther?: boolean } = {},
): Promise<Journey> {
  const fleet = aFleet();
  const clock = bundle?.clock ?? jumpingClock();
  const faults = readings.flatMap((reading) => reading.faults ?? []);
  const emulator = await startEmulator({
    fleet,
    now: clock.now,
    identities: IDENTITIES,
    faults,
    behavior: Object.assign({ clockWindowMs: 1e12 }, ...readings.map(({ behavior }) => behavior ?? {})),
  });
  try {
    const settings = readings.flatMap(({ log }) => log ?? []);
    Object.assign(emulator.sls.settings, ...settings);
    const inLog = bundle !== undefined || settings.length > 0;
    const ports = openPorts(emulator, clock, inLog);
    const document = documentOf(policyName, readings);
    const { run, undo } =
      bundle === undefined ? inProcess(document, ports) : inBundle(document, emulator, bundle);
    const before = tagsIn(emulator);
    const plan = await run('dry-run', '');
    // What the plan met, the apply meets as well.
    for (const fault of faults) emulator.faults.add(fault);
    const [callsBefore, startedAtMs] = [callsOf(emulator), clock.now()];
    const report = await run('apply', plan.planDigest ?? '');
    const [calls, tookMs] = [callsOf(emulator) - callsBefore, clock.now() - startedAtMs];
    const afterApply = tagsIn(emulator);
    await clock.sleep(60_000);
    const verified = isOther || (await verifyRun(report.runId, ports, {})).proof.verified;
    const again = await run('apply', '');
    await clock.sleep(60_000);
    const undone = await undo(report.runId);
    return {
      meant: meant(policyName, fleet),
      before,
      afterApply,
      afterUndo: tagsIn(emulator),
      plan,
      report,
      again,
      verified,
      undone,
      calls,
      tookMs,
    };
  } finally {
    await emulator.close();
  }
}

function documentOf(name: PolicyName, readings: readonly ReadingOfService[]): Record<string, unknown> {
  const buckets = readings.flatMap((reading) => reading.buckets ?? []);
  const scope = { regions: 'all', ...(buckets.length > 0 && { buckets }) };
  return { version: 1, name: `policy-${name}`, mode: 'apply', scope, ...RULES[name] };
}

function callsOf({ counters }: Emulator): number {
  return ECI_CALLS.reduce((sum, api) => sum + counters.of(api).requests, 0);
}

function openPorts(emulator: Emulator, clock: Clock, inLog: boolean): RunPorts {
  const { accessKeyId, accessKeySecret } = DEFAULT_IDENTITY;
  const credentials = async () => ({ accessKeyId, accessKeySecret });
  const host = new URL(emulator.url).host;
  const chance = () => 0.5;
  const eci = createEciClient({ endpointFor: () => host, protocol: 'http', credentials });
  const audit = inLog
    ? createSlsLog({ ...DEFAULT_LOGSTORE, endpoint: emulator.url, credentials, clock, chance })
    : createMemoryLog();
  return { eci, audit, clock, chance };
}

function inProcess(document: unknown, ports: RunPorts): Runner {
  const policy = parsePolicyDocument(document, 'readings');
  const trigger = { type: 'cli', name: 'readings' } as const;
  const options = { identity: {} };
  let runs = 0;
  const runId = (): string => {
    runs += 1;
    return `run-${runs}`;
  };
  return {
    run: (mode, planDigest) =>
      runCleanup(
        {
          policy,
          mode,
          narrowing: {},
          trigger,
          runId: runId(),
          ...(planDigest !== '' && { planDigest }),
        },
        ports,
        options,
      ),
    undo: (undo) => runUndo({ undo, mode: 'apply', trigger, runId: runId() }, ports, options),
  };
}

function inBundle(policy: unknown, emulator: Emulator, bundle: BundledFunction): Runner {
  const environment = {
    TAGSWEEP_ECI_ENDPOINT: emulator.url,
    TAGSWEEP_SLS_ENDPOINT: emulator.url,
    TAGSWEEP_LOG_PROJECT: DEFAULT_LOGSTORE.project,
    TAGSWEEP_LOG_STORE: DEFAULT_LOGSTORE.logstore,
    TAGSWEEP_INLINE_POLICIES: 'on',
  };
  const invoke = async (event: unknown): Promise<Told> => toldBy(await bundle.invoke(event, environment));
  return {
    run: (mode, planDigest) => invoke({ policy, mode, ...(planDigest !== '' && { planDigest }) }),
    undo: (runId) => invoke({ undo: runId, mode: 'apply' }),
  };
}

/** What the function returned, or, where it threw, what it wrote down as its end. */
function toldBy({ returned, threw, printed }: Invoked): Told {
  if (returned !== undefined) return returned as Told;
  const end = printed.findLast(({ event_name }) => event_name === 'run_completed');
  if (end === undefined) throw threw;
  const count = (field: string): number => Number(end[field] ?? 0);
  return {
    runId: end.run_id ?? '',
    outcome: (end.outcome ?? 'failure') as Told['outcome'],
    reason: end.reason ?? '',
    planDigest: null,
    tags: { removed: count('tags_removed'), restored: count('tags_restored') } as Told['tags'],
    proof: { verified: end.proof_verified === 'true' } as Told['proof'],
    unseen: count('resources_unseen'),
    skipped: JSON.parse(end.places_skipped ?? '[]'),
    warnings: JSON.parse(end.warnings ?? '[]'),
  };
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
