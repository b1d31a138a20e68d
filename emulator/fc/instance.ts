import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FunctionSpec } from './function.ts';

/** What one invocation came to. */
export interface InvocationResult {
  readonly outcome: 'returned' | 'threw' | 'timedOut' | 'exited';
  /** What the caller is sent: the handler's value, or the platform's error as JSON. */
  readonly body: Buffer;
  /** What the handler left alive: timers, sockets and other handles. They stand still while the instance is frozen. */
  readonly leftovers: readonly string[];
  /** What was printed during this invocation. */
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
  readonly peakRssKb: number;
}

type Message =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'result' | 'error';
      readonly body: Uint8Array;
      readonly leftovers: readonly string[];
      readonly peakRssKb: number;
    };

type Answer = Exclude<Message, { kind: 'ready' }>;

/** Ends what one invocation printed: output comes by other channels than the answer, and may come later. */
const END_MARK = '\u0000FC Invoke End\n';

/**
 * One warm instance of a function: a child process that serves one request at a time, is stopped
 * (SIGSTOP) between requests as the platform freezes it, and is killed when its time is up.
 */
export class Instance {
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;
  readonly #closed: Promise<unknown>;
  readonly #printed = { stdout: '', stderr: '' };
  #onPrinted: () => void = () => {};
  #alive = true;
  /** Requests served so far. */
  served = 0;

  readonly id: string;

  constructor(
    id: string,
    spec: FunctionSpec,
    environment: NodeJS.ProcessEnv,
    onOutput: (text: string) => void,
  ) {
    this.id = id;
    this.#child = fork(
      fileURLToPath(new URL('./bootstrap.cjs', import.meta.url)),
      [spec.codeFolder, spec.handler],
      {
        cwd: spec.codeFolder,
        env: environment,
        // Nothing of the parent's: a loader or an inspector there is not the platform's.
        execArgv: [`--max-old-space-size=${spec.memoryMb}`],
        serialization: 'advanced',
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    for (const name of ['stdout', 'stderr'] as const) {
      this.#child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this.#printed[name] += text;
        onOutput(text.replaceAll(END_MARK, ''));
        this.#onPrinted();
      });
    }
    this.#closed = once(this.#child, 'close');
    this.#child.once('exit', () => {
      this.#alive = false;
    });
    this.#ready = once(this.#child, 'message');
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Sends one event and waits for its end, at most `timeoutMs`; then the process is killed. */
  async invoke(event: Buffer, context: object, timeoutMs: number): Promise<InvocationResult> {
    this.#child.kill('SIGCONT');
    await Promise.race([this.#ready, this.#closed]);
    const startedAt = performance.now();
    const answer = await this.#exchange(event, context, timeoutMs);
    const durationMs = Math.round(performance.now() - startedAt);
    this.served += 1;
    const printed = await this.#takePrinted(typeof answer === 'string');
    if (typeof answer === 'string') {
      const seconds = (durationMs / 1000).toFixed(2);
      const errorMessage =
        answer === 'timedOut'
          ? `Function timed out after ${timeoutMs / 1000} seconds (maxMemoryUsage: unknown)`
          : `Process exited unexpectedly before completing request (duration: ${seconds}s)`;
      return {
        outcome: answer,
        body: Buffer.from(JSON.stringify({ errorMessage })),
        leftovers: [],
        ...printed,
        durationMs,
        peakRssKb: 0,
      };
    }
    this.#child.kill('SIGSTOP');
    return {
      outcome: answer.kind === 'result' ? 'returned' : 'threw',
      body: Buffer.from(answer.body),
      leftovers: answer.leftovers,
      ...printed,
      durationMs,
      peakRssKb: answer.peakRssKb,
    };
  }

  kill(): void {
    this.#alive = false;
    this.#child.kill('SIGKILL');
  }

  /** What was printed since the last invocation: up to the mark, or all of it where the process is gone. */
  async #takePrinted(gone: boolean): Promise<{ readonly stdout: string; readonly stderr: string }> {
    const printed = this.#printed;
    const isWhole = () => printed.stdout.includes(END_MARK) && printed.stderr.includes(END_MARK);
    const marked = new Promise<void>((resolve) => {
      this.#onPrinted = () => isWhole() && resolve();
      this.#onPrinted();
    });
    await Promise.race([this.#closed, ...(gone ? [] : [marked])]);
    const taken = {
      stdout: printed.stdout.replaceAll(END_MARK, ''),
      stderr: printed.stderr.replaceAll(END_MARK, ''),
    };
    Object.assign(printed, { stdout: '', stderr: '' });
    return taken;
  }

  /** The child's answer, or why there is none. */
  #exchange(event: Buffer, context: object, timeoutMs: number): Promise<Answer | 'timedOut' | 'exited'> {
    return new Promise((resolve) => {
      const finish = (end: Answer | 'timedOut' | 'exited') => {
        clearTimeout(timer);
        this.#child.off('message', onMessage);
        this.#child.off('exit', onExit);
        resolve(end);
      };
      const onMessage = (message: Message) => {
        if (message.kind !== 'ready') finish(message);
      };
      const onExit = () => finish('exited');
      const timer = setTimeout(() => {
        this.kill();
        finish('timedOut');
      }, timeoutMs);
      this.#child.on('message', onMessage);
      this.#child.once('exit', onExit);
      if (!this.#alive) finish('exited');
      else this.#child.send({ event, context, endMark: END_MARK });
    });
  }
}
