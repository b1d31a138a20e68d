import { type ChildProcess, fork } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the platform answers for one invocation. */
export interface Invocation {
  /** What the handler returned, parsed where it is JSON; missing when it threw or was killed. */
  readonly result?: unknown;
  readonly error?: { readonly errorMessage: string; readonly errorType: string };
  /** What went to standard output during this invocation. */
  readonly stdout: string;
  readonly stderr: string;
  /** Timers, sockets and other handles that were alive when the handler returned. */
  readonly leftovers: readonly string[];
}

export interface FunctionOptions {
  /** Settings of the function beside those that the platform adds. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds; the instance is killed then. Default 60. */
  readonly timeout?: number;
  readonly credentials?: Partial<typeof STS_CREDENTIALS>;
}

/** A running function: the code alone in a folder of its own, invoked as Function Compute does. */
export interface FunctionRuntime {
  readonly folder: string;
  /** Milliseconds from the first line of the instance until the code was loaded; of the last instance. */
  readonly loadMs: () => number;
  /** Sends the bytes; an object is sent as JSON. The instance is frozen until the next call. */
  readonly invoke: (event: unknown, options?: { readonly requestId?: string }) => Promise<Invocation>;
  readonly close: () => Promise<void>;
}

export const STS_CREDENTIALS = {
  accessKeyId: 'STS.NTestKeyOfTheFunctionsRole',
  accessKeySecret: 'TestSecretOfTheFunctionsRole',
  securityToken: 'TestTokenOfTheFunctionsRole',
};

export const ACCOUNT_ID = '1234567890123456';

const CHILD = fileURLToPath(new URL('./fc-runtime-child.mjs', import.meta.url));
const BUILT = fileURLToPath(new URL('../../dist/cleanup', import.meta.url));

/** Starts a function from the built bundle, with nothing else of the project on its disk. */
export function startFunction(options: FunctionOptions = {}): FunctionRuntime {
  const folder = mkdtempSync(join(tmpdir(), 'tagsweep-code-'));
  cpSync(BUILT, folder, { recursive: true });
  const credentials = { ...STS_CREDENTIALS, ...options.credentials };
  const timeout = options.timeout ?? 60;
  let instance: Instance | undefined;
  let count = 0;
  let loadMs = 0;

  const invoke: FunctionRuntime['invoke'] = async (event, { requestId } = {}) => {
    if (instance === undefined) {
      instance = await startInstance(folder, environment(folder, timeout, credentials, options.env));
      loadMs = instance.loadMs;
    } else instance.child.kill('SIGCONT');
    count += 1;
    const context = aContext(
      requestId ?? `1-65f1a2b3-${String(count).padStart(12, '0')}`,
      timeout,
      credentials,
    );
    const { invocation, alive } = await invokeInstance(instance, toBytes(event), context, timeout);
    if (alive) instance.child.kill('SIGSTOP');
    else instance = undefined;
    return invocation;
  };

  const close = async () => {
    if (instance !== undefined) await killInstance(instance.child);
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, loadMs: () => loadMs, invoke, close };
}

interface Instance {
  readonly child: ChildProcess;
  readonly loadMs: number;
  readonly output: { stdout: string; stderr: string };
}

interface Answer {
  readonly ready?: true;
  readonly loadMs?: number;
  readonly body?: Uint8Array;
  readonly error?: { readonly errorMessage: string; readonly errorType: string };
  readonly leftovers?: readonly string[];
}

function toBytes(event: unknown): Buffer {
  if (Buffer.isBuffer(event)) return event;
  return Buffer.from(typeof event === 'string' ? event : JSON.stringify(event));
}

/** The variables of the platform, and nothing of this process. */
function environment(
  folder: string,
  timeout: number,
  credentials: typeof STS_CREDENTIALS,
  own: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    _HANDLER: 'index.handler',
    ALIBABA_CLOUD_ACCESS_KEY_ID: credentials.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: credentials.accessKeySecret,
    ALIBABA_CLOUD_SECURITY_TOKEN: credentials.securityToken,
    FC_ACCOUNT_ID: ACCOUNT_ID,
    FC_REGION: 'cn-hangzhou',
    FC_FUNCTION_NAME: 'tagsweep',
    FC_FUNCTION_HANDLER: 'index.handler',
    FC_FUNCTION_MEMORY_SIZE: '512',
    FC_INSTANCE_ID: 'c-65f1a2b3-000001',
    FC_FUNC_CODE_PATH: folder,
    FC_CUSTOM_LISTEN_PORT: '9000',
    FC_VER_ID: String(timeout),
    ...own,
  };
}

function aContext(requestId: string, timeout: number, credentials: typeof STS_CREDENTIALS) {
  return {
    requestId,
    credentials,
    function: { name: 'tagsweep', handler: 'index.handler', memory: 512, timeout },
    service: { name: '', logProject: '', logStore: '', qualifier: 'LATEST', versionId: '' },
    region: 'cn-hangzhou',
    accountId: ACCOUNT_ID,
    tracing: { openTracingSpanContext: '', openTracingSpanBaggages: {}, jaegerEndpoint: '' },
  };
}

function startInstance(folder: string, env: Record<string, string>): Promise<Instance> {
  const child = fork(CHILD, [], {
    cwd: folder,
    env,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => {
    output.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output.stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message: Answer) => resolve({ child, output, loadMs: message.loadMs ?? 0 }));
    child.once('exit', () => reject(new Error(`the function could not be loaded: ${output.stderr}`)));
  });
}

function invokeInstance(
  { child, output }: Instance,
  event: Buffer,
  context: unknown,
  timeoutSeconds: number,
): Promise<{ readonly invocation: Invocation; readonly alive: boolean }> {
  output.stdout = '';
  output.stderr = '';
  return new Promise((resolve) => {
    const killer = setTimeout(() => child.kill('SIGKILL'), timeoutSeconds * 1000);
    const settle = (invocation: Omit<Invocation, 'stdout' | 'stderr'>, alive: boolean) => {
      clearTimeout(killer);
      child.removeAllListeners('message').removeAllListeners('exit');
      // Standard output comes by another channel than the answer: let what was written arrive.
      setImmediate(() => setImmediate(() => resolve({ invocation: { ...invocation, ...output }, alive })));
    };
    child.once('message', ({ body, error, leftovers = [] }: Answer) => {
      if (error !== undefined) settle({ error, leftovers }, true);
      else settle({ result: parse(Buffer.from(body ?? []).toString()), leftovers }, true);
    });
    child.once('exit', () => {
      const errorMessage = `Function timed out after ${timeoutSeconds} seconds, or its process exited`;
      settle({ error: { errorMessage, errorType: 'UnexpectedExit' }, leftovers: [] }, false);
    });
    child.send({ event, context });
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function killInstance(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.removeAllListeners('exit').once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
