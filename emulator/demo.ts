import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionSpec } from './fc/function.ts';
import { createFunctionCompute } from './fc/service.ts';
import { generateFleet } from './fleet.ts';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY } from './identities.ts';
import { startEmulator } from './server.ts';
import { DEFAULT_LOGSTORE } from './sls/state.ts';

/**
 * A tour without an account: a fleet on the emulator, a dry run from the command line, an apply from a timer
 * event and a creation event through the bundle that is deployed, the records, and the way back. `npm start`.
 */
const root = fileURLToPath(new URL('../', import.meta.url));
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

const environment: Record<string, string> = {};
const spec: FunctionSpec = {
  name: 'tagsweep',
  region: 'cn-hangzhou',
  accountId: DEFAULT_IDENTITY.accountId,
  codeFolder: `${root}dist/cleanup`,
  handler: 'index.handler',
  environment,
  timeoutSeconds: 120,
  memoryMb: 512,
  credentials: {
    accessKeyId: DEFAULT_STS_IDENTITY.accessKeyId,
    accessKeySecret: DEFAULT_STS_IDENTITY.accessKeySecret,
    securityToken: DEFAULT_STS_IDENTITY.securityToken ?? '',
  },
};

function step(title: string, command: string): void {
  console.log(`\n── ${title}\n   $ ${command}\n`);
}

/** Runs the command line as a user would, and shows what it prints; with `'pipe'` it gives that back instead. */
async function cli(args: readonly string[], output: 'inherit' | 'pipe' = 'inherit'): Promise<string> {
  const child = spawn(process.execPath, ['bin/tagsweep.js', ...args], {
    cwd: root,
    env: { ...process.env, ...environment, ...credentials() },
    stdio: ['ignore', output, 'inherit'],
  });
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`tagsweep ${args[0]} ended with ${code}`);
  return text;
}

function credentials(): Record<string, string> {
  return {
    ALIBABA_CLOUD_ACCESS_KEY_ID: DEFAULT_IDENTITY.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: DEFAULT_IDENTITY.accessKeySecret,
  };
}

/** Sends an event to the deployed function, as a trigger would, and shows the report that it returns. */
async function invoke(event: unknown): Promise<void> {
  await cli(['invoke', JSON.stringify(event), '--account', DEFAULT_IDENTITY.accountId]);
}

function nightly(triggerTime: string) {
  return { triggerTime, triggerName: 'nightly', payload: JSON.stringify({ policy: 'demo', mode: 'apply' }) };
}

function creation(id: string) {
  return {
    id: randomUUID(),
    source: 'acs.eci',
    specversion: '1.0',
    type: 'eci:ActionTrail:ApiCall',
    data: {
      eventName: 'CreateContainerGroup',
      acsRegion: 'cn-hangzhou',
      responseElements: { ContainerGroupId: id },
    },
  };
}

/** The run that the first timer started, as the records tell. */
async function firstRunId(): Promise<string> {
  const history = JSON.parse(await cli(['history', '--json'], 'pipe')) as { run: { runId: string } }[];
  const first = history.at(-1);
  if (first === undefined) throw new Error('the records tell of no run');
  return first.run.runId;
}

const INVOKE_TIMER = `tagsweep invoke '{"triggerName":"nightly","triggerTime":"…","payload":"{…}"}' --account …`;
const INVOKE_CREATION = 'tagsweep invoke functions/cleanup/events/resource-created.json --account …';

async function tour(): Promise<void> {
  const nowMs = Date.now();
  const policies = mkdtempSync(join(tmpdir(), 'tagsweep-demo-'));
  writeFileSync(join(policies, 'demo.yaml'), `${POLICY}\n`);
  const emulator = await startEmulator({
    fleet: generateFleet({ seed: 7, resources: 3000, regions: REGIONS, nowMs, profile: 'mixed' }),
    services: [(context) => createFunctionCompute(context, { functions: [spec] })],
  });
  Object.assign(environment, {
    TAGSWEEP_ECI_ENDPOINT: emulator.url,
    TAGSWEEP_SLS_ENDPOINT: emulator.url,
    TAGSWEEP_FC_ENDPOINT: emulator.url,
    TAGSWEEP_LOG_PROJECT: DEFAULT_LOGSTORE.project,
    TAGSWEEP_LOG_STORE: DEFAULT_LOGSTORE.logstore,
    TAGSWEEP_POLICIES_DIR: policies,
    TAGSWEEP_POLICY: 'demo',
  });
  try {
    console.log(
      `tagsweep, on ${emulator.state.resources.size} ECI resources of four types in three regions:`,
    );
    console.log(`an embedded emulator at ${emulator.url}. No account, loopback only. The policy:\n`);
    console.log(POLICY.replace(/^/gm, '   │ '));

    step('1. What would go? This only reads', 'tagsweep plan demo --account …');
    await cli(['plan', 'demo', '--account', DEFAULT_IDENTITY.accountId]);

    step('2. The nightly timer starts the very bundle that is deployed, and it applies', INVOKE_TIMER);
    await invoke(nightly(new Date(nowMs).toISOString()));

    step('3. The next night: nothing is left to do', INVOKE_TIMER);
    await invoke(nightly(new Date(nowMs + 86_400_000).toISOString()));

    step('4. Somebody creates a container group, and EventBridge tells the function', INVOKE_CREATION);
    const id = 'eci-created-just-now';
    const tags = { env: 'dev', team: 'web', ENV: 'dev', 'ci-run': '4711' };
    emulator.state.addResource({ id, type: 'ContainerGroup', region: 'cn-hangzhou', tags });
    await invoke(creation(id));

    step('5. What was done, from the records in the log store', 'tagsweep history');
    await cli(['history']);

    const runId = await firstRunId();
    step('6. Was it a mistake? What could be put back (--yes does it)', `tagsweep undo ${runId}`);
    await cli(['undo', runId]);

    const { untagWithAll, untagWithoutKeys } = emulator.counters;
    console.log('\n── What the cloud saw');
    console.log(`   removals without keys: ${untagWithoutKeys}, with All: ${untagWithAll}`);
    console.log(`   records: log store ${DEFAULT_LOGSTORE.logstore} of project ${DEFAULT_LOGSTORE.project}`);
    console.log(`   time: ${((Date.now() - nowMs) / 1000).toFixed(1)} s\n`);
  } finally {
    await emulator.close();
    rmSync(policies, { recursive: true, force: true });
  }
}

await tour();
