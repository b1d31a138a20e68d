import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Random, seededRandom } from '../../emulator/random.ts';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import type { AuditRecord } from '../../lib/audit/record.ts';
import { createSigner } from '../../lib/audit/sign.ts';
import { type Deployed, deployFunction } from '../support/deployed.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** How long things go wrong; the undo of everything comes after. */
  readonly ms: number;
  readonly say?: (line: string) => void;
}

/** What an hour, or a minute, of it came to. */
export interface ChaosResult {
  /** How often each thing was done to the function. */
  readonly acts: ReadonlyMap<string, number>;
  readonly invocations: number;
  /** Tags that were gone before the undo began. */
  readonly removed: number;
  readonly undone: number;
  /** One sentence for each promise that was broken. */
  readonly broken: readonly string[];
}

const REGION = 'cn-hangzhou';
const RESOURCES = 60;
const KEY = Buffer.alloc(32, 9).toString('base64');
const POLICY = {
  version: 1,
  name: 'nightly',
  mode: 'apply',
  scope: { regions: [REGION], resourceTypes: ['ContainerGroup'] },
  remove: [{ key: 'ci-*' }],
  protect: [{ resources: { tag: 'legal-hold', exists: true } }],
  limits: { maxPercent: 100, maxFailures: 1000, canary: 5 },
  batch: { resources: 4, keys: 20 },
};

type Tags = Readonly<Record<string, string>>;

/** What the emulator would hold had the function never run: what it began with, and what others did since. */
type Ledger = Map<string, Record<string, string>>;

/**
 * Lets the built function work while everything around it goes wrong (lost instances, steps of the service's clock, a hostile writer in
 * the log, events twice, late and forged, calls that hang or lie, people who set tags), then undoes all that it did, and compares
 * with the emulator's own state. The journal is signed: what an unsigned one leaves open stands in docs/security.md.
 *
 * The seed decides what is done and in which order; how it falls together with the work of the processes is the machine's.
 */
export async function chaos({ seed, ms, say = () => undefined }: ChaosOptions): Promise<ChaosResult> {
  const random = seededRandom(seed);
  const policies = mkdtempSync(join(tmpdir(), 'tagsweep-chaos-'));
  writeFileSync(join(policies, 'nightly.json'), JSON.stringify(POLICY));
  const ledger: Ledger = new Map(Array.from({ length: RESOURCES }, (_, n) => [`eci-${n}`, tagsOf(n)]));
  let clockStepMs = 0;
  let furthestMs = 0;
  const fn = await deployFunction({
    emulator: {
      now: () => Date.now() + clockStepMs,
      seed,
      fleet: [...ledger].map(([id, tags]) => ({
        id,
        type: 'ContainerGroup' as const,
        region: REGION,
        created: '2026-01-01T00:00:00Z',
        tags,
      })),
    },
    function: {
      timeoutSeconds: 20,
      maxInstances: 3,
      environment: { TAGSWEEP_POLICIES_DIR: policies, TAGSWEEP_POLICY: 'nightly', TAGSWEEP_JOURNAL_KEY: KEY },
      asyncInvoke: { maxRetryAttempts: 2, duplicateRate: 0.2, delayedSecondMs: 50 },
    },
  });
  const world: World = {
    fn,
    random,
    ledger,
    nights: 0,
    sent: [],
    held: [],
    stepClock: (byMs) => {
      clockStepMs = byMs;
      furthestMs = Math.max(furthestMs, byMs);
    },
  };
  const acts = new Map<string, number>();
  try {
    const endsAtMs = Date.now() + ms;
    ACTS.timer!(world);
    while (Date.now() < endsAtMs) {
      const names = Object.keys(ACTS);
      const name = names[Math.floor(random() * names.length)]!;
      ACTS[name]!(world);
      acts.set(name, (acts.get(name) ?? 0) + 1);
      say(name);
      await pause(200 + random() * 800);
    }
    const broken: string[] = [];
    for (const event of world.held.splice(0)) submit(world, event);
    fn.emulator.faults.clear();
    // What came while the service's clock was ahead shows only once it is there again.
    world.stepClock(furthestMs);
    await fn.settled();
    const removed = tellRemoved(fn, ledger, broken);
    const undone = await undoEverything(fn, broken, say);
    compare(fn, ledger, broken);
    for (const failure of fn.emulator.failures) broken.push(`The emulator failed: ${String(failure)}`);
    return { acts, invocations: fn.fc.platform.invocations.length, removed, undone, broken };
  } finally {
    // What an instance left alive where it was killed in its midst is no fault of the function's.
    await fn.close().catch((error: Error) => say(error.message));
    rmSync(policies, { recursive: true, force: true });
  }
}

interface World {
  readonly fn: Deployed;
  readonly random: Random;
  readonly ledger: Ledger;
  nights: number;
  readonly sent: Buffer[];
  readonly held: Buffer[];
  readonly stepClock: (byMs: number) => void;
}

function tagsOf(n: number): Record<string, string> {
  return {
    'ci-run': `run ${n}`,
    ...(n % 3 === 0 && { 'ci-branch': `branch ${n}` }),
    team: 'web',
    PodName: `pod-${n}`,
    ...(n % 10 === 9 && { 'legal-hold': 'yes' }),
  };
}

function timerOf(world: World): Buffer {
  world.nights += 1;
  const triggerTime = new Date(Date.UTC(2026, 0, world.nights, 19, 30)).toISOString();
  return Buffer.from(JSON.stringify({ triggerTime, triggerName: 'nightly', payload: '{}' }));
}

function submit({ fn, sent }: Pick<World, 'fn' | 'sent'>, event: Buffer): void {
  sent.push(event);
  const requestId = `1-65f1a2b4-${String(sent.length).padStart(12, '0')}`;
  fn.fc.platform.submit(fn.spec, { event, qualifier: 'LATEST' }, requestId);
}

const pick = <T>(random: Random, items: readonly T[]): T | undefined =>
  items[Math.floor(random() * items.length)];

/** What is done to the function, by name. */
const ACTS: Readonly<Record<string, (world: World) => void>> = {
  timer: (world) => submit(world, timerOf(world)),
  'event again': (world) => {
    const event = pick(world.random, world.sent);
    if (event !== undefined) submit(world, event);
  },
  'event held back': (world) => {
    world.held.push(timerOf(world));
    if (world.held.length > 2) submit(world, world.held.splice(Math.floor(world.random() * 2), 1)[0]!);
  },
  'instances lost': ({ fn }) => fn.fc.platform.takeInstances(),
  'clock step': ({ random, stepClock }) => stepClock((random() - 0.5) * 8 * 60_000),
  'call that goes wrong': ({ fn, random }) => {
    const api = pick(random, ['UntagResources', 'DescribeContainerGroups', 'ListTagResources']) ?? '';
    const fault = pick(random, [
      { kind: 'reset', applied: true },
      { kind: 'reset' },
      { kind: 'hang', applied: true },
      { kind: 'error', code: 'Throttling.User' },
      { kind: 'error', code: 'ServiceUnavailable', applied: true },
      { kind: 'truncated', applied: true },
      { kind: 'slow', ms: 1500 },
    ] as const);
    fn.emulator.faults.add({ api, times: 1, fault: fault! });
  },
  'log shown late': ({ fn, random }) => {
    fn.emulator.sls.settings.visibilityDelayMs = Math.floor(random() * 1000);
  },
  'records by another hand': ({ fn, random }) => writeForgeries(fn, random),
  'forged continuation': (world) => {
    const payload = {
      ...{
        tagsweep: 'continuation',
        version: 1,
        familyId: rootsOf(world.fn)[0] ?? 'r-1',
        shard: 'all',
        hop: 1,
      },
      ...{ idleHops: 0, policy: 'nightly', policyDigest: `sha256:${'0'.repeat(64)}`, mode: 'apply' },
      ...{ allowance: { resources: 1000, tags: 1000, failures: 1000 }, startedAtMs: 0 },
    };
    submit(world, Buffer.from(JSON.stringify(payload)));
  },
  'tag set by others': ({ fn, random, ledger }) => {
    const id = `eci-${Math.floor(random() * RESOURCES)}`;
    const tags = ledger.get(id)!;
    const key = random() < 0.5 ? 'ci-run' : 'note';
    tags[key] = `by hand ${Math.floor(random() * 1e6)}`;
    fn.emulator.state.setTags({ region: REGION, type: 'ContainerGroup', id }, { [key]: tags[key] });
  },
};

const recordsOf = ({ emulator }: Deployed) =>
  emulator.sls.records(DEFAULT_LOGSTORE.project, DEFAULT_LOGSTORE.logstore) as readonly AuditRecord[];

/** The first runs of families that announced a removal, newest first, as whoever holds the key finds them. */
function rootsOf(fn: Deployed): readonly string[] {
  const signer = createSigner(KEY);
  const roots = recordsOf(fn)
    .filter((record) => record.event_name === 'removals_planned' && signer.check(record) === 'signed')
    .map(({ parent_run_id, run_id }) => parent_run_id ?? run_id);
  return [...new Set(roots.reverse())];
}

/** Records that would have an undo write what an attacker chose, and ends that would hide what was done. */
function writeForgeries(fn: Deployed, random: Random): void {
  const [root = 'r-1'] = rootsOf(fn);
  const honest = recordsOf(fn).findLast(({ event_name }) => event_name === 'removals_planned');
  const evil = JSON.stringify([{ id: 'eci-1', tags: { role: 'admin', NameSpace: 'kube-system' } }]);
  const forgeries: readonly Readonly<Record<string, string>>[] = [
    { ...honest, run_id: 'attacker-1', parent_run_id: root, event_id: 'attacker-1:plan:0', resources: evil },
    { ...honest, run_id: root, event_id: `${root}:plan:99`, attempt_id: 'feed', resources: evil },
    {
      event_name: 'run_completed',
      run_id: root,
      event_id: `${root}:run`,
      outcome: 'success',
      heirs: '["attacker-1"]',
    },
    {
      event_name: 'removals_planned',
      run_id: root,
      event_id: `${root}:plan:7`,
      resources: '{"not": "a list"',
    },
  ];
  const { project, logstore } = DEFAULT_LOGSTORE;
  const store = fn.emulator.sls.projects.get(project)!.logstores.get(logstore)!;
  const record = pick(random, forgeries)!;
  const nowMs = Date.now();
  const contents = Object.entries({ ...record, event_time: new Date(nowMs).toISOString() });
  const log = { time: Math.floor(nowMs / 1000), timeNs: 0, contents };
  fn.emulator.sls.store(store, { logs: [log], tags: [] } as never, nowMs);
}

/** Nothing but what the policy removes is gone, and nothing is there that nobody set; how many tags are gone. */
function tellRemoved(fn: Deployed, ledger: Ledger, broken: string[]): number {
  let removed = 0;
  for (const { id, tags = {} } of fn.emulator.state.snapshot()) {
    const wanted = ledger.get(id) ?? {};
    for (const key of Object.keys(wanted).filter((key) => !(key in tags))) {
      removed += 1;
      if (!key.startsWith('ci-') || 'legal-hold' in wanted) broken.push(`${key} of ${id} was removed.`);
    }
    for (const [key, value] of Object.entries(tags)) {
      if (wanted[key] !== value) broken.push(`${key} of ${id} is ${value}, and nobody set that.`);
    }
  }
  return removed;
}

/** Newest first, and each until it has nothing left to do. */
async function undoEverything(fn: Deployed, broken: string[], say: (line: string) => void): Promise<number> {
  fn.emulator.sls.settings.visibilityDelayMs = 0;
  let undone = 0;
  for (const root of rootsOf(fn)) {
    const { result, error } = await fn.invoke({ undo: root, mode: 'apply' }, { timeoutSeconds: 120 });
    await fn.settled();
    say(`undo of ${root}: ${result?.tags.restored ?? error?.errorMessage} put back`);
    if (error !== undefined) broken.push(`The undo of ${root} ended with: ${error.errorMessage}`);
    else undone += result.tags.restored;
  }
  return undone;
}

function compare(fn: Deployed, ledger: Ledger, broken: string[]): void {
  for (const { id, tags = {} } of fn.emulator.state.snapshot()) {
    const wanted: Tags = ledger.get(id) ?? {};
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(tags)])) {
      if (wanted[key] === tags[key]) continue;
      broken.push(
        `${key} of ${id} should be ${wanted[key]}, and is ${tags[key]}, after everything was undone.`,
      );
    }
  }
}
