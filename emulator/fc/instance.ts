import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FunctionSpec } from './function.ts';

/** What one invocation came to. */
export interface InvocationResult {
  readonly outcome: 'returned' | 'threw' | 'timedOut' | 'exited';
  /** What the caller is sent: the handler's value, or the platform's error as JSON. */
  readonly body: Buffer;
  /** Timers that the handler left behind; nothing of them runs while the instance is frozen. */
  readonly timersLeft: number;
  readonly durationMs: number;
  readonly peakRssKb: number;
}

type Message =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'result' | 'error';
      readonly body: Uint8Array;
      readonly timersLeft: number;
      readonly peakRssKb: number;
    };

/**
 * One warm instance of a function: a child process that serves one request at a time, is stopped
 * (SIGSTOP) between requests as the platform freezes it, and is killed when its time is up.
 */
export class Instance {
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;
  #alive = true;
  /** Requests served so far. */
  served = 0;

  constructor(spec: FunctionSpec, environment: NodeJS.ProcessEnv, onOutput: (text: string) => void) {
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
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => onOutput(text));
    }
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
    await Promise.race([this.#ready, once(this.#child, 'exit')]);
    const startedAt = performance.now();
    const message = await this.#exchange(event, context, timeoutMs);
    const durationMs = Math.round(performance.now() - startedAt);
    this.served += 1;
    if (typeof message === 'string') {
      const seconds = (durationMs / 1000).toFixed(2);
      const errorMessage =
        message === 'timedOut'
          ? `Function timed out after ${timeoutMs / 1000} seconds (maxMemoryUsage: unknown)`
          : `Process exited unexpectedly before completing request (duration: ${seconds}s)`;
      return {
        outcome: message,
        body: Buffer.from(JSON.stringify({ errorMessage })),
        timersLeft: 0,
        durationMs,
        peakRssKb: 0,
      };
    }
    this.#child.kill('SIGSTOP');
    return {
      outcome: message.kind === 'result' ? 'returned' : 'threw',
      body: Buffer.from(message.body),
      timersLeft: message.timersLeft,
      durationMs,
      peakRssKb: message.peakRssKb,
    };
  }

  kill(): void {
    this.#alive = false;
    this.#child.kill('SIGKILL');
  }

  /** The child's answer, or why there is none. */
  #exchange(
    event: Buffer,
    context: object,
    timeoutMs: number,
  ): Promise<Exclude<Message, { kind: 'ready' }> | 'timedOut' | 'exited'> {
    return new Promise((resolve) => {
      const finish = (end: Exclude<Message, { kind: 'ready' }> | 'timedOut' | 'exited') => {
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
      else this.#child.send({ event, context });
    });
  }
}
