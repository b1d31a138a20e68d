import { channel } from 'node:diagnostics_channel';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY } from '../../emulator/identities.ts';
import type { Clock } from '../../lib/clock.ts';
import { unpackArchive } from './unzip.ts';

const BUILT = fileURLToPath(new URL('../../dist/cleanup.zip', import.meta.url));

/** What one invocation came to. */
export interface Invoked {
  /** What the handler returned; left out: it threw. */
  readonly returned?: unknown;
  readonly threw?: Error;
  /** The records that it printed, last ones last. */
  readonly printed: readonly Readonly<Record<string, string>>[];
}

/** The code that is deployed, loaded into this process, with a clock of its own. */
export interface BundledFunction {
  /** Invokes the handler with the raw bytes of an event and the whole context; one invocation at a time. */
  invoke(event: unknown, environment: Readonly<Record<string, string>>): Promise<Invoked>;
  /** The time of the function, for the services that it meets. */
  readonly clock: Clock;
  close(): void;
}

/**
 * Unpacks the archive that the build wrote, and loads its code into this process: an instance that stays warm.
 *
 * Its time jumps over whatever it sleeps, as long as no request of it is under way; real sockets, signatures and
 * answers are as they are. What it costs to start an instance for each invocation, as the platform's emulator does, is
 * saved: what must be held under the platform itself is in test/functions.
 *
 * @param archive - default: the one of this working tree.
 */
export function loadBundle(archive = BUILT): BundledFunction {
  const folder = mkdtempSync(join(tmpdir(), 'tagsweep-bundle-'));
  unpackArchive(archive, folder);
  const time = createJumpingTime();
  let environment: Readonly<Record<string, string>> = {};
  let printed: Readonly<Record<string, string>>[] = [];
  const own = {
    get env() {
      return environment;
    },
    hrtime: Object.assign(process.hrtime.bind(process), { bigint: time.monotonicNs }),
    stdout: {
      write: (line: string) => {
        if (line.startsWith('{')) printed.push(JSON.parse(line));
        return true;
      },
    },
  };
  const handler = load(folder, { ...time.globals, process: beside(process, own) });
  const context = {
    credentials: {
      accessKeyId: DEFAULT_STS_IDENTITY.accessKeyId,
      accessKeySecret: DEFAULT_STS_IDENTITY.accessKeySecret,
      securityToken: DEFAULT_STS_IDENTITY.securityToken,
    },
    // Without a name it cannot ask for itself again, and does everything in one invocation.
    function: { timeout: 86_400 },
    region: 'cn-hangzhou',
    accountId: DEFAULT_IDENTITY.accountId,
  };
  let invocations = 0;
  return {
    async invoke(event, settings) {
      environment = settings;
      printed = [];
      invocations += 1;
      const requestId = `request-${invocations}`;
      try {
        const returned = await handler(Buffer.from(JSON.stringify(event)), { ...context, requestId });
        return { returned, printed };
      } catch (threw) {
        return { threw: threw as Error, printed };
      }
    },
    clock: time.clock,
    close: () => {
      time.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Handler = (event: Uint8Array, context: unknown) => Promise<unknown>;

/** Loads the code as the deployed `index.js` does, some globals in place of the process's own. */
function load(folder: string, globals: Readonly<Record<string, unknown>>): Handler {
  const name = readdirSync(folder).find((file) => /^code-\w+\.js$/.test(file));
  if (name === undefined) throw new Error('the archive holds no code: run `npm run build`');
  const file = join(folder, name);
  const names = Object.keys(globals);
  const code = `(function (${names.join(', ')}) { return ${readFileSync(file, 'latin1').replace(/;?\s*$/, '')}\n})`;
  const wrapped = new Script(code, { filename: name }).runInThisContext()(
    ...names.map((one) => globals[one]),
  );
  const module = { exports: {} as { readonly handler: Handler } };
  wrapped(module.exports, createRequire(file), module, file, folder);
  return module.exports.handler;
}

/** An object that has some properties of its own, and else those of another, called as that one's. */
function beside<T extends object>(other: T, own: object): T {
  return new Proxy(other, {
    get: (target, name) => {
      if (Object.hasOwn(own, name)) return Reflect.get(own, name);
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** So many turns of the event loop without a request under way, and nothing but a timer can go on. */
const IDLE_TURNS = 4;

/** Time that runs as the machine's does, and jumps to the next timer where nothing else is under way. */
function createJumpingTime() {
  let aheadMs = 0;
  const now = (): number => Date.now() + aheadMs;
  const timers = new Set<Timer>();
  const flight = watchRequests();
  let isTurning = false;
  let idle = 0;

  const turn = (): void => {
    let next: Timer | undefined;
    for (const timer of timers) if (next === undefined || timer.dueMs < next.dueMs) next = timer;
    if (next === undefined) {
      isTurning = false;
      return;
    }
    idle = flight.isIdle() ? idle + 1 : 0;
    if (idle > IDLE_TURNS) aheadMs += Math.max(0, next.dueMs - now());
    if (next.dueMs <= now()) {
      idle = 0;
      timers.delete(next);
      next.fire();
    }
    setImmediate(turn);
  };
  const start = (fire: () => void, ms = 0): Timer => {
    const timer = { dueMs: now() + ms, fire, unref: () => timer, ref: () => timer };
    timers.add(timer);
    if (!isTurning) setImmediate(turn);
    isTurning = true;
    return timer;
  };

  class JumpingDate extends Date {
    constructor(...of: readonly unknown[]) {
      // biome-ignore lint/suspicious/noExplicitAny: whatever a date can be made of
      super(...((of.length === 0 ? [now()] : of) as [any]));
    }
    static override now(): number {
      return Math.floor(now());
    }
  }
  const clock: Clock = {
    now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const timer = start(resolve, ms);
        signal?.addEventListener('abort', () => {
          timers.delete(timer);
          reject(signal.reason);
        });
      }),
  };
  return {
    clock,
    monotonicNs: () => process.hrtime.bigint() + BigInt(Math.round(aheadMs * 1e6)),
    globals: {
      Date: JumpingDate,
      setTimeout: (fire: (...of: unknown[]) => void, ms?: number, ...of: unknown[]) =>
        start(() => fire(...of), ms),
      clearTimeout: (timer: Timer | undefined) => void (timer && timers.delete(timer)),
    },
    close: flight.close,
  };
}

/** Whether a request of this process is under way. */
function watchRequests() {
  const started = channel('http.client.request.start');
  let open = 0;
  const note = (message: unknown): void => {
    open += 1;
    (message as { readonly request: ClientRequest }).request.once('close', () => {
      open -= 1;
    });
  };
  started.subscribe(note);
  return { isIdle: () => open === 0, close: () => void started.unsubscribe(note) };
}
