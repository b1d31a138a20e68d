import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { aResource } from '../support/builders.ts';
import { aWorld } from '../support/runs.ts';
import { startedBy } from '../support/started.ts';

/**
 * No event increases authority: whatever starts the function, what it removes is a subset of what the packed policies
 * remove in their own modes; a dry-run policy is applied only under the digest of a plan.
 */
const RUNS = Number(process.env.AUTHORITY_RUNS ?? 400);
const SEED = process.env.AUTHORITY_SEED === undefined ? undefined : Number(process.env.AUTHORITY_SEED);

const REGIONS = ['cn-hangzhou', 'cn-beijing'] as const;
const TYPES = ['ContainerGroup', 'ImageCache'] as const;
const KEYS = ['ci-run', 'ci-job', 'tmp', 'owner', 'PodName', 'k8s.io/x'] as const;
const PATTERNS = ['ci-*', 'ci-run', 'tmp', 'owner', '*'] as const;
const NAMES = ['nightly', 'created', 'third'] as const;

interface Packed {
  readonly regions: readonly string[];
  readonly types: readonly string[];
  readonly remove: readonly string[];
  readonly mode: 'dry-run' | 'apply';
  readonly journal: 'values' | 'keys';
}

const packed: fc.Arbitrary<Packed> = fc.record({
  mode: fc.constantFrom('dry-run', 'apply', 'apply'),
  journal: fc.constantFrom('values', 'values', 'values', 'values', 'keys'),
  regions: fc.subarray([...REGIONS], { minLength: 1 }),
  types: fc.subarray([...TYPES], { minLength: 1 }),
  remove: fc.subarray([...PATTERNS], { minLength: 1 }),
});
const folders = fc.record({ nightly: packed, created: packed, third: packed });

function document(name: string, { mode, journal, regions, types, remove }: Packed): object {
  return {
    version: 1,
    name,
    mode,
    journal,
    scope: { regions, resourceTypes: types },
    remove: remove.map((key) => ({ key })),
    limits: { maxPercent: 100 },
    verify: 'none',
  };
}

const digests = fc.constantFrom(`sha256:${'0'.repeat(64)}`, 'sha256:x');
const modes = fc.constantFrom('apply', 'apply', 'apply', 'apply', 'dry-run', 'force');
/** Mostly what a function takes, so that most events get as far as they can. */
const rarely = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 7 }, { arbitrary: value, weight: 1 });
const seldom = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 2 }, { arbitrary: value, weight: 1 });
const inline = packed.map((one) => document('nightly', { ...one, mode: 'apply' }));
const request = fc.record({
  policy: fc.oneof(
    { arbitrary: fc.constantFrom(undefined, ...NAMES), weight: 6 },
    { arbitrary: fc.oneof(fc.constantFrom('none', '../third'), inline), weight: 1 },
  ),
  mode: fc.oneof(fc.constant(undefined), modes),
  planDigest: rarely(digests),
  regions: rarely(fc.subarray([...REGIONS])),
  resourceIds: seldom(fc.subarray(['eci-0', 'eci-1', 'imc-2'])),
  runId: rarely(fc.constantFrom('mine', 'timer-2026', 'req-x')),
  dryRun: rarely(fc.constant(false)),
  authority: rarely(fc.constant('on')),
});
const set = fc.record({
  policies: fc.oneof(fc.constant('all' as const), fc.subarray([...NAMES], { minLength: 1 })),
  mode: fc.oneof(fc.constant(undefined), modes),
});
const undo = fc.record({ undo: fc.constantFrom('run-1', 'mine'), mode: modes });
const timer = fc.oneof(request, undo, set).map((payload) => ({
  triggerTime: '2026-11-24T19:30:00Z',
  triggerName: 'nightly',
  payload: JSON.stringify(payload),
}));
const creation = fc.record({
  id: fc.uuid(),
  source: fc.constantFrom('acs.eci', 'acs.eci', 'acs.eci', 'acs.ecs'),
  specversion: fc.constant('1.0'),
  type: fc.constant('eci:ActionTrail:ApiCall'),
  policy: inline,
  mode: modes,
  data: fc.record({
    eventName: fc.constantFrom(
      'CreateContainerGroup',
      'CreateContainerGroup',
      'CreateImageCache',
      'UntagResources',
    ),
    acsRegion: fc.constantFrom(...REGIONS, 'cn-shenzhen'),
    responseElements: fc.constantFrom({ ContainerGroupId: 'eci-0' }, { ImageCacheId: 'imc-2' }),
    policy: inline,
    mode: modes,
  }),
});
const continuation = fc.record({
  tagsweep: fc.constant('continuation'),
  version: fc.constant(1),
  familyId: fc.constantFrom('timer-1', 'req-mine'),
  shard: fc.constant('all'),
  hop: fc.integer({ min: 0, max: 3 }),
  idleHops: fc.constant(0),
  policy: fc.constantFrom(...NAMES),
  document: rarely(inline),
  policyDigest: fc.constantFrom('right', 'right', 'wrong'),
  mode: fc.constantFrom('apply', 'apply', 'apply', 'dry-run'),
  planDigest: rarely(digests),
  regions: rarely(fc.subarray([...REGIONS], { minLength: 1 })),
  allowance: fc.constant({ resources: 1e6, tags: 1e6, failures: 1e6 }),
  startedAtMs: fc.constant(0),
});
const destination = request.map((requestPayload) => ({
  requestContext: { requestId: 'r', condition: 'Success' },
  requestPayload: JSON.stringify(requestPayload),
  responseContext: { statusCode: 200 },
  responsePayload: '{}',
}));
const few = <T>(arbitrary: fc.Arbitrary<T>) => ({ arbitrary, weight: 1 });
const many = <T>(arbitrary: fc.Arbitrary<T>) => ({ arbitrary, weight: 4 });
const events = fc.oneof(
  many(request),
  few(set),
  many(timer),
  many(creation),
  many(
    fc.array(
      fc.oneof(
        creation,
        creation.map((one) => JSON.stringify(one)),
      ),
    ),
  ),
  many(continuation),
  few(undo),
  few(destination),
  few(fc.constant('')),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'policies-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const FLEET = REGIONS.flatMap((region) =>
  TYPES.flatMap((type) =>
    [0, 1].map((n) =>
      aResource({
        id: type === 'ContainerGroup' ? `eci-${n}` : `imc-${n + 2}`,
        region,
        type,
        tags: Object.fromEntries(KEYS.map((key) => [key, `${n}`])),
      }),
    ),
  ),
);

/** Sends an event to a function with these policies and settings: `region type id key` of each tag that is gone. */
async function goneAfter(
  event: unknown,
  policies: Readonly<Record<string, Packed>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const digestOf = await writePolicies(policies);
  const { cloud, ports } = aWorld(FLEET);
  const text = typeof event === 'string' ? event : JSON.stringify(rightDigest(event, digestOf));
  const before = pairsOf(cloud.state());
  await startedBy(
    Buffer.from(text),
    { ports, options: { identity: {} } },
    {
      TAGSWEEP_POLICIES_DIR: folder,
      TAGSWEEP_POLICY: 'nightly',
      TAGSWEEP_EVENT_POLICY: 'created',
      ...settings,
    },
  ).catch((error: Error) => {
    if (!('code' in error)) throw error;
  });
  const after = new Set(pairsOf(cloud.state()));
  return before.filter((pair) => !after.has(pair));
}

type State = ReturnType<ReturnType<typeof aWorld>['cloud']['state']>;

function pairsOf(state: State): readonly string[] {
  return [...state].flatMap(([name, tags]) => [...tags.keys()].map((key) => `${name} ${key}`));
}

/** Where a continuation says `right`, it gets the digest that its policy has, as a forger could find out. */
function rightDigest(event: unknown, digestOf: Readonly<Record<string, string>>): unknown {
  if (typeof event !== 'object' || event === null || !('policyDigest' in event)) return event;
  const name = String((event as { policy?: unknown }).policy);
  const digest = event.policyDigest === 'right' ? digestOf[name] : `sha256:${'0'.repeat(64)}`;
  return { ...event, policyDigest: digest };
}

async function writePolicies(policies: Readonly<Record<string, Packed>>) {
  const digests: Record<string, string> = {};
  for (const [name, one] of Object.entries(policies)) {
    const text = JSON.stringify(document(name, one));
    writeFileSync(join(folder, `${name}.json`), text);
    digests[name] = parsePolicy(text, name).digest;
  }
  return digests;
}

/** Computed without any of our code: what the policies that are in apply, and could be undone, may remove. */
function allowed(policies: Readonly<Record<string, Packed>>): ReadonlySet<string> {
  const pairs = Object.values(policies)
    .filter(({ mode, journal }) => mode === 'apply' && journal === 'values')
    .flatMap(({ regions, types, remove }) =>
      FLEET.filter(({ region, type }) => regions.includes(region) && types.includes(type)).flatMap(
        ({ region, type, id, tags = [] }) =>
          tags
            .filter(({ key }) => remove.some((one) => removes(one, key)))
            .map(({ key }) => `${region}/${type}/${id} ${key}`),
      ),
    );
  return new Set(pairs);
}

/** Keys of Kubernetes stay whatever a wildcard says. */
function removes(pattern: string, key: string): boolean {
  if (key === 'PodName' || key.startsWith('k8s.io/')) return false;
  if (pattern === '*') return true;
  return pattern === 'ci-*' ? key.startsWith('ci-') : pattern === key;
}

describe('an event', () => {
  it('removes a subset of what the packed policies remove in their own modes', async () => {
    let removing = 0;
    await fc.assert(
      fc.asyncProperty(events, folders, async (event, policies) => {
        const gone = await goneAfter(event, policies);

        const may = allowed(policies);
        expect(gone.filter((pair) => !may.has(pair))).toEqual([]);
        if (gone.length > 0) removing += 1;
      }),
      { numRuns: RUNS, ...(SEED !== undefined && { seed: SEED }) },
    );
    // It would hold of a function that does nothing, too.
    expect(removing).toBeGreaterThan(RUNS / 20);
  }, 600_000);

  it('still does where it may raise nothing, whatever it carries', async () => {
    await fc.assert(
      fc.asyncProperty(events, folders, async (event, policies) => {
        const gone = await goneAfter(event, policies, {
          TAGSWEEP_RAISE_MODE: 'off',
          TAGSWEEP_REQUIRE_DIGEST: 'on',
        });

        // No event here carries the digest of a plan that there is.
        expect(gone).toEqual([]);
      }),
      { numRuns: RUNS / 2, ...(SEED !== undefined && { seed: SEED }) },
    );
  }, 600_000);
});
