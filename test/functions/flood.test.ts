import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { EventBus } from '../../emulator/eventbridge/bus.ts';
import { deployedEventPattern } from '../../emulator/eventbridge/deployed.ts';
import type { Pattern } from '../../emulator/eventbridge/pattern.ts';
import { connectTrigger } from '../../emulator/eventbridge/trigger.ts';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY } from '../../emulator/identities.ts';
import { seededRandom } from '../../emulator/random.ts';
import { createContainerGroup } from '../support/creations.ts';
import { type Deployed, type DeployOptions, deployFunction } from '../support/deployed.ts';

const POLICY = `version: 1
name: created
mode: apply
scope: { regions: [cn-hangzhou], resourceTypes: [ContainerGroup] }
remove: [{ key: "ci-*" }]
`;

let fn: Deployed;
let bus: EventBus;
let policies: string;

async function start(
  options: DeployOptions,
  rule: { readonly pattern?: Pattern; readonly duplicateRate?: number; readonly reorderRate?: number } = {},
): Promise<void> {
  policies = mkdtempSync(join(tmpdir(), 'tagsweep-policies-'));
  writeFileSync(join(policies, 'created.yaml'), POLICY);
  fn = await deployFunction({
    ...options,
    function: {
      maxInstances: 6,
      // What is asked for in 20 seconds comes in one.
      asyncInvoke: { delayedSecondMs: 50 },
      ...options.function,
      environment: { TAGSWEEP_POLICIES_DIR: policies, TAGSWEEP_EVENT_POLICY: 'created' },
    },
  });
  bus = connectTrigger(
    { state: fn.emulator.state, platform: fn.fc.platform, random: seededRandom(11) },
    { pattern: deployedEventPattern(), ...rule, function: fn.spec },
  );
}

afterEach(async () => {
  await fn.close();
  rmSync(policies, { recursive: true, force: true });
});

/** Creates one as a user would; the token makes a second try harmless where a connection was lost. */
async function createGroup(n: number, tries = 3): Promise<void> {
  try {
    await createContainerGroup(fn.emulator.url, n);
  } catch (error) {
    if (tries === 1) throw error;
    await createGroup(n, tries - 1);
  }
}

async function createGroups(from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += 1) await createGroup(n);
}

/** Resolves once no event and no invocation is left, those included that came of others. */
async function settled(): Promise<void> {
  let before = -1;
  while (before !== bus.published.length) {
    before = bus.published.length;
    await bus.settled();
    await fn.settled();
  }
}

const keysLeft = () => fn.emulator.state.snapshot().map(({ tags = {} }) => Object.keys(tags).sort().join());

/** Counts the calls that ask for a page of whatever there is, rather than for certain ids. */
const countListings = () =>
  fn.emulator.faults.add({
    fault: { kind: 'empty' },
    times: 0,
    when: ({ api, parameters }) =>
      api.startsWith('Describe') && !parameters.has('ContainerGroupIds') && api !== 'DescribeRegions',
  });

describe('a flood of creations', () => {
  it('cleans each created resource by its id, however often and in whatever order it is told', async () => {
    const created = 60;
    await start(
      {
        emulator: {
          behavior: { listingDelayMs: 500 },
          quotas: { perWindow: { UntagResources: 4 }, windowMs: 1000, countRefused: false },
        },
      },
      { duplicateRate: 0.2, reorderRate: 0.2 },
    );
    const listings = countListings();
    // The quota throttles as well, but how often depends on the machine.
    const refused = 10;
    fn.emulator.faults.add({
      fault: { kind: 'error', code: 'Throttling.User' },
      api: 'UntagResources',
      times: refused,
    });

    await createGroups(0, 6);
    fn.emulator.setBehavior({ listingDelayMs: 0 });
    await createGroups(6, created);
    await settled();

    const { byApi } = fn.emulator.counters;
    const delivered = bus.delivered.get('CreateContainerGroup') ?? 0;
    expect(keysLeft()).toEqual(Array(created).fill('team'));
    expect(delivered).toBeGreaterThan(created * 1.1);
    expect(fn.fc.platform.deadLetters).toEqual([]);
    expect(listings.matched).toBe(0);
    expect(byApi).not.toHaveProperty('DescribeContainerGroupStatus');
    // A duplicate costs a read, and a removal only where it overtook the first. An event that removes costs
    // two reads: its own and the proof’s; the first six and their duplicates are asked for again.
    const answered = (api: string) => byApi[api]!.requests - byApi[api]!.throttled;
    expect(answered('UntagResources')).toBeGreaterThanOrEqual(created);
    expect(answered('UntagResources')).toBeLessThanOrEqual(delivered);
    expect(answered('DescribeContainerGroups')).toBeLessThanOrEqual(delivered * 2 + 6 * 2);
    expect(byApi.UntagResources!.throttled).toBeGreaterThanOrEqual(refused);
  }, 120_000);

  it('is looked at once more, later, where a resource was not readable yet', async () => {
    const unreadable = {
      ...DEFAULT_STS_IDENTITY,
      /** An identity that may not list sees an empty list, as it sees one of what is not listed yet. */
      get denies() {
        return fn.fc.platform.invocations.length === 0 ? ['DescribeContainerGroups'] : [];
      },
    };
    await start({ emulator: { identities: [DEFAULT_IDENTITY, unreadable] } });

    await createGroup(1);
    await settled();

    const [first, later, ...more] = fn.fc.platform.invocations.map(({ body }) => JSON.parse(body.toString()));
    expect(first).toMatchObject({ tags: { removed: 0 }, continuation: { hop: 1 } });
    expect(later).toMatchObject({ outcome: 'success', tags: { removed: 1 }, parentRunId: first.runId });
    expect(more).toEqual([]);
    expect(keysLeft()).toEqual(['team']);
  });

  it('holds no instance for resources that never appear', async () => {
    const events = 12;
    await start({ function: { maxInstances: 6, asyncInvoke: { delayedSecondMs: 50 } } });

    for (let n = 0; n < events; n += 1) {
      const event = JSON.stringify({
        id: `gone-${n}`,
        source: 'acs.eci',
        specversion: '1.0',
        type: 'eci:ActionTrail:ApiCall',
        data: {
          eventName: 'CreateContainerGroup',
          acsRegion: 'cn-hangzhou',
          responseElements: { ContainerGroupId: `eci-gone-${n}` },
        },
      });
      fn.fc.platform.submit(fn.spec, { event: Buffer.from(event), qualifier: 'LATEST' }, `request-${n}-0000`);
    }
    await settled();

    const { invocations, deadLetters } = fn.fc.platform;
    expect(invocations).toHaveLength(2 * events);
    expect(deadLetters).toEqual([]);
    const held = invocations.reduce((sum, { durationMs }) => sum + durationMs, 0);
    // Nothing waits: each of the two looks takes what starting and reading take.
    expect(held / events).toBeLessThan(15_000);
    const ends = invocations.map(({ body }) => JSON.parse(body.toString()));
    expect(
      ends.filter(({ warnings }) => String(warnings).includes('Vanished: 1 created resource')),
    ).toHaveLength(events);
  }, 120_000);
});

describe('events of our own removals', () => {
  it('start nothing: the rule that is deployed does not let them through', async () => {
    await start({});

    await createGroup(1);
    await settled();

    expect(bus.published.map(({ data }) => data.eventName)).toEqual([
      'CreateContainerGroup',
      'UntagResources',
    ]);
    expect(fn.fc.platform.invocations).toHaveLength(1);
  });

  it('do nothing where a rule lets everything through, and end there', async () => {
    await start({}, { pattern: { source: ['acs.eci'] } });

    await createGroup(1);
    await settled();

    expect(bus.published).toHaveLength(2);
    // The second begins while the first still proves its removal, and may end before it.
    const ends = fn.fc.platform.invocations.map(({ body }) => JSON.parse(body.toString()));
    const [first, own, ...more] = ends.sort(
      (a, b) => (a.outcome === 'ignored' ? 1 : 0) - (b.outcome === 'ignored' ? 1 : 0),
    );
    expect(first).toMatchObject({ outcome: 'success', tags: { removed: 1 } });
    expect(own).toMatchObject({
      outcome: 'ignored',
      reason: expect.stringContaining('"UntagResources" creates no resource'),
    });
    expect(more).toEqual([]);
    expect(fn.emulator.counters.of('UntagResources').requests).toBe(1);
    expect(fn.emulator.counters.of('DescribeContainerGroups').requests).toBe(first.calls.list);
    expect(Object.keys(fn.emulator.counters.byApi).filter((api) => /^(List|Describe)/.test(api))).toEqual([
      'DescribeContainerGroups',
    ]);
  });
});
