import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EventBus } from '../eventbridge/bus.ts';
import { deployedEventPattern } from '../eventbridge/deployed.ts';
import { connectTrigger } from '../eventbridge/trigger.ts';
import type { FunctionSpec } from '../fc/function.ts';
import { createFunctionCompute, type FunctionCompute } from '../fc/service.ts';
import type { FleetResource } from '../fleet.ts';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY } from '../identities.ts';
import { seededRandom } from '../random.ts';
import { type Emulator, startEmulator } from '../server.ts';
import { DEFAULT_LOGSTORE } from '../sls/state.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The function that s.yaml deploys, and one whose invocations are as short as a tour can wait for. */
export const FUNCTION = 'tagsweep';
export const BRIEF_FUNCTION = 'tagsweep-brief';
const BRIEF_SECONDS = 5;

export interface CliOptions {
  /** `inherit` (default) shows what is printed, `pipe` gives it back. */
  readonly output?: 'inherit' | 'pipe';
  /** Default 0. */
  readonly exitCode?: number;
}

/** An emulated account with the function deployed, its event rule connected, and a command line at hand. */
export interface Stage {
  readonly emulator: Emulator;
  readonly fc: FunctionCompute;
  readonly bus: EventBus;
  /** Runs the command line as a user would; rejects when it ends otherwise than expected. */
  cli(args: readonly string[], options?: CliOptions): Promise<string>;
  /** Resolves once no event and no invocation is left, those included that came of others. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** @param policies - the text of each policy by its name; the first is the default of every request. */
export async function setStage(
  fleet: readonly FleetResource[],
  policies: Readonly<Record<string, string>>,
): Promise<Stage> {
  const policiesFolder = mkdtempSync(join(tmpdir(), 'tagsweep-demo-'));
  for (const [name, text] of Object.entries(policies)) {
    writeFileSync(join(policiesFolder, `${name}.yaml`), `${text}\n`);
  }
  const environment: Record<string, string> = {};
  const spec = aFunction(FUNCTION, 120, environment);
  const functions = [spec, aFunction(BRIEF_FUNCTION, BRIEF_SECONDS, environment)];
  let fc: FunctionCompute | undefined;
  const emulator = await startEmulator({
    fleet,
    services: [
      (context) => {
        fc = createFunctionCompute(context, { functions });
        return fc;
      },
    ],
  });
  if (fc === undefined) throw new Error('Function Compute did not start');
  const { platform } = fc;
  Object.assign(environment, {
    TAGSWEEP_ECI_ENDPOINT: emulator.url,
    TAGSWEEP_SLS_ENDPOINT: emulator.url,
    TAGSWEEP_FC_ENDPOINT: emulator.url,
    TAGSWEEP_LOG_PROJECT: DEFAULT_LOGSTORE.project,
    TAGSWEEP_LOG_STORE: DEFAULT_LOGSTORE.logstore,
    TAGSWEEP_POLICIES_DIR: policiesFolder,
    TAGSWEEP_POLICY: Object.keys(policies)[0] ?? '',
    TAGSWEEP_EVENT_POLICY: Object.keys(policies)[0] ?? '',
  });
  const bus = connectTrigger(
    { state: emulator.state, platform, random: seededRandom(7) },
    { pattern: deployedEventPattern(), function: spec },
  );
  return {
    emulator,
    fc,
    bus,
    cli: (args, options = {}) => runCli(args, environment, options),
    settled: async () => {
      await bus.settled();
      await platform.settled();
    },
    close: async () => {
      await emulator.close();
      rmSync(policiesFolder, { recursive: true, force: true });
    },
  };
}

function aFunction(
  name: string,
  timeoutSeconds: number,
  environment: Readonly<Record<string, string>>,
): FunctionSpec {
  const { accessKeyId, accessKeySecret, securityToken = '' } = DEFAULT_STS_IDENTITY;
  return {
    name,
    region: 'cn-hangzhou',
    accountId: DEFAULT_IDENTITY.accountId,
    codeFolder: `${ROOT}dist/cleanup`,
    handler: 'index.handler',
    environment,
    timeoutSeconds,
    memoryMb: 512,
    credentials: { accessKeyId, accessKeySecret, securityToken },
  };
}

async function runCli(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  { output = 'inherit', exitCode = 0 }: CliOptions,
): Promise<string> {
  const child = spawn(process.execPath, ['bin/tagsweep.js', ...args], {
    cwd: ROOT,
    env: {
      ...process.env,
      ...environment,
      ALIBABA_CLOUD_ACCESS_KEY_ID: DEFAULT_IDENTITY.accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: DEFAULT_IDENTITY.accessKeySecret,
    },
    stdio: ['ignore', output, 'inherit'],
  });
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== exitCode) throw new Error(`tagsweep ${args[0]} ended with ${code}`);
  return text;
}
