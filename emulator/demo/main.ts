import { createRequire } from 'node:module';
import type EciModule from '@alicloud/eci20180808';
import type OpenApiModule from '@alicloud/openapi-client';
import { type FleetResource, generateFleet } from '../fleet.ts';
import { DEFAULT_IDENTITY } from '../identities.ts';
import { DEFAULT_LOGSTORE } from '../sls/state.ts';
import { BRIEF_FUNCTION, FUNCTION, type Stage, setStage } from './stage.ts';

/**
 * A tour without an account: a fleet on the emulator, a dry run from the command line, an apply from a timer
 * event and a creation event through the bundle that is deployed, a run that goes on from invocation to
 * invocation in several regions, the records, and the way back. `npm start`.
 */
const REGIONS = ['cn-hangzhou', 'cn-beijing', 'ap-southeast-1'];

/** The policy of the tour, as a person writes one. */
const POLICY = `version: 1
name: demo
description: CI leaves its markers behind, and some keys are spelt in two ways.
mode: apply
scope:
  regions: [${REGIONS.join(', ')}]
remove:
  - key: "ci-*"
  - keyMatches: "^tmp[-_]"
  - caseVariantsOf: [env, team]
protect:
  - resources: { tag: legal-hold, exists: true }
    reason: under legal hold
limits:
  maxResources: 2000
  canary: 20`;

/** A resource a request and one request at a time: slow on purpose. */
const SLOW_POLICY = `version: 1
name: slow
mode: apply
scope: { regions: all, resourceTypes: [ContainerGroup] }
remove: [{ key: "batch-*" }]
batch: { resources: 1, keys: 20 }
pace: { concurrency: 1 }`;

const LEFTOVERS = 40;
const SLOW_MS = 100;

const INVOKE_TIMER = `tagsweep invoke '{"triggerName":"nightly","triggerTime":"…","payload":"{…}"}' --account …`;

function step(title: string, command: string): void {
  console.log(`\n── ${title}\n   $ ${command}\n`);
}

/** Sends what a timer would send to a deployed function, and shows the report that it returns. */
async function sendTimer(
  stage: Stage,
  policy: string,
  atMs: number,
  { functionName = FUNCTION, exitCode = 0 } = {},
): Promise<void> {
  const triggerTime = new Date(atMs).toISOString();
  const event = { triggerTime, triggerName: 'nightly', payload: JSON.stringify({ policy, mode: 'apply' }) };
  const place = ['--account', DEFAULT_IDENTITY.accountId, '--function', functionName];
  await stage.cli(['invoke', JSON.stringify(event), ...place], { exitCode });
}

/** The SDK is CommonJS: loaded as such, it looks the same under every loader. */
const load = createRequire(import.meta.url);

/** Creates a container group through the official SDK, and tells what came of it once the function has seen it. */
async function createGroup({ emulator, bus, settled }: Stage): Promise<void> {
  const { accessKeyId, accessKeySecret } = DEFAULT_IDENTITY;
  const endpoint = new URL(emulator.url).host;
  const eci = load('@alicloud/eci20180808') as typeof EciModule;
  const { Config } = load('@alicloud/openapi-client') as typeof OpenApiModule;
  const client = new eci.default(new Config({ accessKeyId, accessKeySecret, endpoint, protocol: 'http' }));
  const tags = [
    { key: 'team', value: 'web' },
    { key: 'ENV', value: 'dev' },
    { key: 'env', value: 'dev' },
    { key: 'ci-run', value: '4711' },
  ];
  const before = bus.published.length;
  const request = new eci.CreateContainerGroupRequest({
    regionId: 'cn-hangzhou',
    containerGroupName: 'just-created',
    tag: tags,
  });
  const { body } = await client.createContainerGroup(request);
  const id = body?.containerGroupId ?? '';
  const tell = (what: string) => console.log(`   ${what.padEnd(20)}${tagsOf(emulator, id)}`);
  tell('created with');
  await settled();
  tell('a moment later');
  const events = bus.published.slice(before).map(({ data }) => {
    const name = String(data.eventName);
    return `${name} (${bus.delivered.has(name) ? 'started the function' : 'matches no rule: no loop'})`;
  });
  console.log(`   ${'events'.padEnd(20)}${events.join(', ')}`);
}

function tagsOf(emulator: Stage['emulator'], id: string): string {
  const resource = emulator.state.snapshot().find((one) => one.id === id);
  return Object.entries(resource?.tags ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join('  ');
}

/** Leaves more behind in each region than one brief invocation can remove. */
function addLeftovers({ emulator }: Stage): void {
  for (const region of REGIONS) {
    for (let n = 0; n < LEFTOVERS; n += 1) {
      const resource: FleetResource = {
        id: `eci-${region}-left-${n}`,
        type: 'ContainerGroup',
        region,
        tags: { [`batch-${n}`]: 'done' },
      };
      emulator.state.addResource(resource);
    }
  }
}

/** The run that the first timer started, as the records tell. */
async function firstRunId({ cli }: Stage): Promise<string> {
  const history = JSON.parse(await cli(['history', '--json'], { output: 'pipe' })) as {
    run: { runId: string };
  }[];
  const first = history.at(-1);
  if (first === undefined) throw new Error('the records tell of no run');
  return first.run.runId;
}

async function tour(): Promise<void> {
  const nowMs = Date.now();
  const fleet = generateFleet({ seed: 7, resources: 3000, regions: REGIONS, nowMs, profile: 'mixed' });
  const stage = await setStage(fleet, { demo: POLICY, slow: SLOW_POLICY });
  const { emulator, cli, settled } = stage;
  try {
    console.log(
      `tagsweep, on ${emulator.state.resources.size} ECI resources of four types in three regions:`,
    );
    console.log(`an embedded emulator at ${emulator.url}. No account, loopback only. The policy:\n`);
    console.log(POLICY.replace(/^/gm, '   │ '));

    step('1. What would go? This only reads', 'tagsweep plan demo --account …');
    await cli(['plan', 'demo', '--account', DEFAULT_IDENTITY.accountId]);

    step('2. The nightly timer starts the very bundle that is deployed, and it applies', INVOKE_TIMER);
    await sendTimer(stage, 'demo', nowMs);

    step('3. The next night: nothing is left to do', INVOKE_TIMER);
    await sendTimer(stage, 'demo', nowMs + 86_400_000);

    step(
      '4. Somebody creates a container group, and EventBridge tells the function',
      'CreateContainerGroup, by the official SDK',
    );
    await createGroup(stage);

    step(
      '5. More than fits into one invocation: a region each, of five seconds, and on from there',
      INVOKE_TIMER,
    );
    addLeftovers(stage);
    emulator.setBehavior({ latencyMs: { UntagResources: SLOW_MS } });
    // The first invocation hands everything over, so its own run is partial; the family is not.
    await sendTimer(stage, 'slow', nowMs, { functionName: BRIEF_FUNCTION, exitCode: 1 });
    await settled();
    emulator.setBehavior({ latencyMs: 0 });

    step('6. What was done, from the records in the log store', 'tagsweep history');
    await cli(['history']);

    const runId = await firstRunId(stage);
    step('7. Was it a mistake? What could be put back (--yes does it)', `tagsweep undo ${runId}`);
    await cli(['undo', runId]);

    const { untagWithAll, untagWithoutKeys } = emulator.counters;
    console.log('\n── What the cloud saw');
    console.log(`   removals without keys: ${untagWithoutKeys}, with All: ${untagWithAll}`);
    console.log(`   records: log store ${DEFAULT_LOGSTORE.logstore} of project ${DEFAULT_LOGSTORE.project}`);
    console.log(`   time: ${((Date.now() - nowMs) / 1000).toFixed(1)} s\n`);
  } finally {
    await stage.close();
  }
}

await tour();
