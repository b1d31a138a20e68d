import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { FunctionSpec } from './fc/function.ts';
import { createFunctionCompute, type FunctionCompute } from './fc/service.ts';
import { generateFleet } from './fleet.ts';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY } from './identities.ts';
import { startEmulator } from './server.ts';
import { DEFAULT_LOGSTORE } from './sls/state.ts';

/**
 * A tour without an account: a fleet on the emulator, a dry run from the command line, an apply from a timer
 * event and a creation event through the bundle that is deployed, and the records. `npm start`.
 */
const root = fileURLToPath(new URL('../', import.meta.url));
const REGIONS = ['cn-hangzhou', 'cn-beijing', 'ap-southeast-1'];

/** The policy of the tour: a real one, wide enough for the fleet. */
const POLICY = {
  version: 1,
  name: 'demo',
  scope: { regions: REGIONS },
  select: { age: { olderThan: '24h' } },
  remove: [{ key: 'ci-*' }, { caseVariantsOf: ['env', 'team'] }],
  protect: [{ keys: ['owner'] }],
  limits: { maxResources: 3000, maxPercent: 80, canary: 20 },
};

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
  console.log(`\n── ${title}\n   ${command}\n`);
}

/** Runs the command line as a user would, and shows what it prints. */
async function cli(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, ['bin/tagsweep.js', ...args], {
    cwd: root,
    env: { ...process.env, ...environment, ...credentials() },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`tagsweep ${args.join(' ')} ended with ${code}`);
}

function credentials(): Record<string, string> {
  return {
    ALIBABA_CLOUD_ACCESS_KEY_ID: DEFAULT_IDENTITY.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: DEFAULT_IDENTITY.accessKeySecret,
  };
}

/** Starts the function with an event, as the platform does, and gives back what it returned. */
async function invoke(fc: FunctionCompute, event: unknown): Promise<Record<string, unknown>> {
  const submission = { event: Buffer.from(JSON.stringify(event)), qualifier: 'LATEST' };
  const result = await fc.platform.run(spec, submission, randomUUID());
  const body = JSON.parse(result.body.toString('utf8')) as Record<string, unknown>;
  if (result.outcome !== 'returned') throw new Error(`the function failed: ${String(body.errorMessage)}`);
  return body;
}

function show(report: Record<string, unknown>): void {
  for (const field of [
    'runId',
    'mode',
    'outcome',
    'reason',
    'resources',
    'tags',
    'calls',
    'proof',
    'audit',
  ]) {
    const value = report[field];
    if (value !== undefined && value !== '') console.log(`   ${field.padEnd(10)} ${JSON.stringify(value)}`);
  }
}

function timer(mode: 'dry-run' | 'apply', triggerTime: string) {
  return { triggerTime, triggerName: 'nightly', payload: JSON.stringify({ policy: POLICY, mode }) };
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

async function tour(): Promise<void> {
  let fc: FunctionCompute | undefined;
  const nowMs = Date.now();
  const emulator = await startEmulator({
    fleet: generateFleet({ seed: 7, resources: 3000, regions: REGIONS, nowMs, profile: 'mixed' }),
    services: [
      (context) => {
        fc = createFunctionCompute(context, { functions: [spec] });
        return fc;
      },
    ],
  });
  if (fc === undefined) throw new Error('Function Compute was not made');
  Object.assign(environment, {
    TAGSWEEP_ECI_ENDPOINT: emulator.url,
    TAGSWEEP_SLS_ENDPOINT: emulator.url,
    TAGSWEEP_LOG_PROJECT: DEFAULT_LOGSTORE.project,
    TAGSWEEP_LOG_STORE: DEFAULT_LOGSTORE.logstore,
    TAGSWEEP_POLICY: 'strip-ci-markers',
    TAGSWEEP_EVENT_POLICY: 'misspelt-keys',
  });
  try {
    console.log(
      `tagsweep on an embedded emulator: ${emulator.state.resources.size} ECI resources of four types`,
    );
    console.log(`in ${REGIONS.join(', ')}, at ${emulator.url}. No account, loopback only.`);

    step('1. What would go? A dry run from the command line', 'tagsweep plan strip-ci-markers');
    await cli(['plan', 'strip-ci-markers']);

    step(
      '2. A timer event starts the deployed bundle, and applies',
      's invoke -e \'{"triggerName":"nightly", …}\'',
    );
    show(await invoke(fc, timer('apply', new Date(nowMs).toISOString())));

    step('3. A second night: nothing is left to do', 's invoke -e \'{"triggerName":"nightly", …}\'');
    show(await invoke(fc, timer('apply', new Date(nowMs + 86_400_000).toISOString())));

    step(
      '4. A resource is created: EventBridge tells the function',
      's invoke -f …/events/resource-created.json',
    );
    const id = 'eci-created-just-now';
    const tags = { env: 'dev', team: 'web', ENV: 'dev' };
    emulator.state.addResource({ id, type: 'ContainerGroup', region: 'cn-hangzhou', tags });
    show(await invoke(fc, creation(id)));

    step('5. The runs, from the records in the log store', 'tagsweep history');
    await cli(['history']);

    const untag = emulator.counters;
    console.log('\n── What the cloud saw');
    console.log(`   UntagResources without keys: ${untag.untagWithoutKeys}, with All: ${untag.untagWithAll}`);
    console.log(
      `   Records: log store ${DEFAULT_LOGSTORE.logstore} of project ${DEFAULT_LOGSTORE.project}\n`,
    );
  } finally {
    await emulator.close();
  }
}

await tour();
