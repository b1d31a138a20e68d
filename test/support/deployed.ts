import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionSpec } from '../../emulator/fc/function.ts';
import type { FunctionCompute, FunctionComputeOptions } from '../../emulator/fc/service.ts';
import type { Emulator, EmulatorOptions } from '../../emulator/server.ts';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import { aFunction, startWithFunctions } from './function-compute.ts';
import { IDENTITIES } from './roles.ts';
import { unpackArchive } from './unzip.ts';

const BUILT = fileURLToPath(new URL('../../dist/cleanup.zip', import.meta.url));

/** Settings under which whoever invokes the function may do all that its role may: for tests of other things. */
export const TRUSTING = { TAGSWEEP_INLINE_POLICIES: 'on', TAGSWEEP_RAISE_MODE: 'on' };

/** What one invocation came to, as its caller sees it. */
export interface Invocation {
  readonly outcome: 'returned' | 'threw' | 'timedOut' | 'exited';
  /** What the handler returned, parsed; missing when it did not return. */
  // biome-ignore lint/suspicious/noExplicitAny: a report, an ignored event, or whatever a test wants to look at
  readonly result?: any;
  readonly error?: { readonly errorMessage: string; readonly errorType?: string };
  readonly stdout: string;
  readonly stderr: string;
}

export interface DeployOptions {
  readonly emulator?: EmulatorOptions;
  /** The function, beside what every deployment of it has. */
  readonly function?: Partial<FunctionSpec>;
  readonly platform?: Omit<FunctionComputeOptions, 'functions'>;
}

/** The built function on an emulated account: ECI, log service and Function Compute on loopback. */
export interface Deployed {
  readonly emulator: Emulator;
  readonly fc: FunctionCompute;
  readonly spec: FunctionSpec;
  /** The function's own variables; an instance reads them when it starts. */
  readonly environment: Record<string, string>;
  /** Invokes and waits; bytes are sent as they are, anything else as JSON. `other` differs from what was deployed. */
  invoke(event: unknown, other?: Partial<FunctionSpec>): Promise<Invocation>;
  /** Resolves once nothing is left that an invocation started asynchronously. */
  settled(): Promise<void>;
  /** Ends everything. Rejects when the emulator failed, or an invocation left something alive behind it. */
  close(): Promise<void>;
}

/**
 * Deploys the archive that the build wrote, unpacked alone in a folder of its own, and starts what it needs.
 *
 * Every invocation runs as the platform runs it: raw bytes, the whole context, nothing of this process's
 * environment, temporary keys, a time limit that kills, and an instance that stands still in between. The function's
 * role, and the people around it, may do what policies/ram allows and nothing else.
 */
export async function deployFunction(options: DeployOptions = {}): Promise<Deployed> {
  const codeFolder = mkdtempSync(join(tmpdir(), 'tagsweep-code-'));
  unpackArchive(BUILT, codeFolder);
  const environment: Record<string, string> = {};
  const spec = aFunction({ timeoutSeconds: 60, ...options.function, codeFolder, environment });
  const { emulator, fc } = await startWithFunctions(
    { ...options.platform, functions: [spec] },
    { identities: IDENTITIES, ...options.emulator },
  );
  Object.assign(environment, settingsFor(emulator), options.function?.environment);

  const invoke: Deployed['invoke'] = async (event, other) => {
    const target =
      other === undefined
        ? spec
        : { ...spec, ...other, environment: { ...environment, ...other.environment } };
    const submission = { event: toBytes(event), qualifier: 'LATEST' };
    const requestId = `1-65f1a2b3-${String(fc.platform.invocations.length + 1).padStart(12, '0')}`;
    const { outcome, body, stdout, stderr } = await fc.platform.run(target, submission, requestId);
    const answer = JSON.parse(body.toString('utf8'));
    return { outcome, [outcome === 'returned' ? 'result' : 'error']: answer, stdout, stderr };
  };

  const close = async () => {
    await fc.platform.settled();
    await emulator.close();
    rmSync(codeFolder, { recursive: true, force: true });
    const left = fc.platform.invocations.filter(({ leftovers }) => leftovers.length > 0);
    if (left.length > 0) {
      throw new Error(
        `an invocation left alive: ${left.map(({ leftovers }) => leftovers.join(', ')).join('; ')}`,
      );
    }
    if (emulator.failures.length > 0) throw emulator.failures[0];
  };
  return { emulator, fc, spec, environment, invoke, settled: () => fc.platform.settled(), close };
}

/** The variables of s.yaml, pointed at the emulator. */
function settingsFor(emulator: Emulator): Record<string, string> {
  return {
    TAGSWEEP_ECI_ENDPOINT: emulator.url,
    TAGSWEEP_SLS_ENDPOINT: emulator.url,
    TAGSWEEP_FC_ENDPOINT: emulator.url,
    TAGSWEEP_LOG_PROJECT: DEFAULT_LOGSTORE.project,
    TAGSWEEP_LOG_STORE: DEFAULT_LOGSTORE.logstore,
    TAGSWEEP_POLICY: 'strip-ci-markers',
    TAGSWEEP_EVENT_POLICY: 'misspelt-keys',
  };
}

function toBytes(event: unknown): Buffer {
  if (Buffer.isBuffer(event)) return event;
  return Buffer.from(JSON.stringify(event));
}
