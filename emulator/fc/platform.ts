import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceContext } from '../service-context.ts';
import { contextOf, environmentOf, type FunctionSpec } from './function.ts';
import { Instance, type InvocationResult } from './instance.ts';

/** One run of a handler, for assertions. */
export interface InvocationRecord extends InvocationResult {
  readonly functionName: string;
  readonly requestId: string;
  /** Invocations of one warm instance share it. */
  readonly instanceId: string;
  readonly taskId?: string;
  readonly async: boolean;
  /** 1 for the first; retries and duplicate deliveries count on. */
  readonly attempt: number;
  readonly event: string;
}

export interface Submission {
  readonly event: Buffer;
  readonly qualifier: string;
  readonly taskId?: string;
  /** It starts that much later. */
  readonly delaySeconds?: number;
}

/**
 * The functions of an account and their instances: synchronous calls are run once; asynchronous ones are
 * stored, run at least once, retried when they fail, and kept when they fail for good.
 */
export class Platform {
  readonly #functions: readonly FunctionSpec[];
  readonly #context: ServiceContext;
  readonly #idle = new Map<FunctionSpec, Instance[]>();
  readonly #all = new Set<Instance>();
  readonly #taskIds = new Set<string>();
  readonly #busy = new Map<FunctionSpec, number>();
  readonly #waiting = new Map<FunctionSpec, (() => void)[]>();
  readonly #pending = new Set<Promise<void>>();
  /** Every run, in the order of their ends. */
  readonly invocations: InvocationRecord[] = [];
  /** What asynchronous invocations that failed for good left behind, as a failure destination gets it. */
  readonly deadLetters: object[] = [];
  /** Invocations that failed for good, of which the role may not tell the failure destination. */
  lostLetters = 0;
  /** The most instances that were at work at the same time. */
  peakInstances = 0;
  /** What the functions printed. */
  output = '';
  /** What they printed, and the role may not write to the store of `logConfig`. */
  lostOutput = '';

  constructor(functions: readonly FunctionSpec[], context: ServiceContext) {
    this.#functions = functions;
    this.#context = context;
    context.closing.addEventListener('abort', () => this.takeInstances());
  }

  /** Ends every instance at once, whatever it is doing, as when its host is lost. */
  takeInstances(): void {
    for (const instance of this.#all) instance.kill();
    this.#all.clear();
  }

  find(name: string, serviceName: string | undefined): FunctionSpec | undefined {
    return this.#functions.find((spec) => spec.name === name && spec.serviceName === serviceName);
  }

  async run(spec: FunctionSpec, submission: Submission, requestId: string): Promise<InvocationResult> {
    return this.#runOnce(spec, submission, requestId, { async: false, attempt: 1 });
  }

  /** False when the task id was submitted before. */
  submit(spec: FunctionSpec, submission: Submission, requestId: string): boolean {
    if (submission.taskId !== undefined && spec.asyncInvoke?.asyncTask !== false) {
      const key = `${spec.serviceName ?? ''}/${spec.name}/${submission.taskId}`;
      if (this.#taskIds.has(key)) return false;
      this.#taskIds.add(key);
    }
    const work = this.#carryOut(spec, submission, requestId).finally(() => this.#pending.delete(work));
    this.#pending.add(work);
    return true;
  }

  /** Resolves once no asynchronous invocation is left, those included that others start meanwhile. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  async #carryOut(spec: FunctionSpec, submission: Submission, requestId: string): Promise<void> {
    const retries = spec.asyncInvoke?.maxRetryAttempts ?? 3;
    const delayedMs = (submission.delaySeconds ?? 0) * (spec.asyncInvoke?.delayedSecondMs ?? 1000);
    if (delayedMs > 0) await delay(delayedMs, undefined, { ref: false });
    let attempt = 0;
    let result: InvocationResult;
    do {
      attempt += 1;
      if (attempt > 1) await delay(spec.asyncInvoke?.retryDelayMs ?? 50, undefined, { ref: false });
      if (this.#context.closing.aborted) return;
      result = await this.#runOnce(spec, submission, requestId, { async: true, attempt });
    } while (result.outcome !== 'returned' && attempt <= retries);
    if (result.outcome !== 'returned') this.#bury(spec, submission, requestId, attempt, result);
    if (this.#context.random() < (spec.asyncInvoke?.duplicateRate ?? 0) && !this.#context.closing.aborted) {
      await this.#runOnce(spec, submission, requestId, { async: true, attempt: attempt + 1 });
    }
  }

  async #runOnce(
    spec: FunctionSpec,
    submission: Submission,
    requestId: string,
    how: { readonly async: boolean; readonly attempt: number },
  ): Promise<InvocationResult> {
    await this.#enter(spec);
    const instance = this.#take(spec);
    const context = contextOf(spec, requestId, submission.qualifier);
    const result = await instance
      .invoke(submission.event, context, spec.timeoutSeconds * 1000)
      .finally(() => this.#leave(spec));
    if (instance.alive) this.#idle.get(spec)?.push(instance);
    this.invocations.push({
      ...result,
      ...how,
      functionName: spec.name,
      requestId,
      instanceId: instance.id,
      ...(submission.taskId === undefined ? {} : { taskId: submission.taskId }),
      event: submission.event.toString('utf8'),
    });
    return result;
  }

  /** Waits until an instance more may be at work. */
  async #enter(spec: FunctionSpec): Promise<void> {
    const busy = this.#busy.get(spec) ?? 0;
    if (busy < (spec.maxInstances ?? 100)) {
      this.#busy.set(spec, busy + 1);
      this.peakInstances = Math.max(this.peakInstances, busy + 1);
      return;
    }
    const waiting = this.#waiting.get(spec) ?? [];
    this.#waiting.set(spec, waiting);
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** Gives the place to whoever waits longest. */
  #leave(spec: FunctionSpec): void {
    const next = this.#waiting.get(spec)?.shift();
    if (next === undefined) this.#busy.set(spec, (this.#busy.get(spec) ?? 1) - 1);
    else next();
  }

  /** A warm instance, or a new one. */
  #take(spec: FunctionSpec): Instance {
    const idle = this.#idle.get(spec) ?? [];
    this.#idle.set(spec, idle);
    const warm = idle.pop();
    if (warm !== undefined) return warm;
    const id = randomUUID();
    const instance = new Instance(id, spec, environmentOf(spec, id), (text) => {
      if (this.#mayPrint(spec)) this.output += text;
      else this.lostOutput += text;
    });
    this.#all.add(instance);
    return instance;
  }

  #mayTell(spec: FunctionSpec): boolean {
    const queue = spec.asyncInvoke?.onFailure;
    return queue === undefined || this.#roleMay(spec, 'mns:SendMessage', queue);
  }

  #mayPrint(spec: FunctionSpec): boolean {
    if (spec.logConfig === undefined) return true;
    const { project, logstore } = spec.logConfig;
    const store = `acs:log:${spec.region}:${spec.accountId}:project/${project}/logstore/${logstore}`;
    return this.#roleMay(spec, 'log:PostLogStoreLogs', store);
  }

  #roleMay({ credentials }: FunctionSpec, action: string, resource: string): boolean {
    const role = this.#context.identities.find((one) => one.accessKeyId === credentials.accessKeyId);
    return role === undefined || this.#context.permissions.allows(role, action, () => [resource]);
  }

  #bury(
    spec: FunctionSpec,
    submission: Submission,
    requestId: string,
    attempts: number,
    result: InvocationResult,
  ): void {
    if (!this.#mayTell(spec)) {
      this.lostLetters += 1;
      return;
    }
    this.deadLetters.push({
      timestamp: Date.now(),
      requestContext: {
        requestId,
        functionArn: `acs:fc:${spec.region}:${spec.accountId}:functions/${spec.name}`,
        condition: 'RetriesExhausted',
        approximateInvokeCount: attempts,
      },
      requestPayload: submission.event.toString('utf8'),
      responseContext: { statusCode: 200, functionError: 'UnhandledInvocationError' },
      responsePayload: result.body.toString('utf8'),
    });
  }
}
