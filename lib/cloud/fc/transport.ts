import { describeError } from '../../redact.ts';

/** The calls of Function Compute that this code makes; permissions are kept by them. */
export type FcCall = 'InvokeFunction';

/** Which function is meant, and where. */
export interface FunctionAddress {
  readonly functionName: string;
  /** Given for a function of generation 2.0, which lives in a service. */
  readonly serviceName?: string;
  readonly qualifier: string;
  readonly accountId: string;
  readonly region: string;
  /** Base URL. */
  readonly endpoint: string;
}

export interface Invocation {
  readonly payload: Buffer;
  readonly async: boolean;
  /** Makes a second submission harmless; asynchronous only. */
  readonly taskId?: string;
  /** Starts it that much later, 1 to 3599; asynchronous only. */
  readonly delaySeconds?: number;
  readonly timeoutMs: number;
}

/** An answer that the service gave to an invocation it took. */
export interface InvocationAnswer {
  /** What the function returned; empty for an asynchronous invocation. */
  readonly body: Buffer;
  /** Set when the function failed: the status is 200 all the same. */
  readonly functionError?: string;
  readonly requestId?: string;
}

/** One way of sending an invocation: one attempt a call; rejects with a `TransportError` and nothing else. */
export interface Transport {
  send(address: FunctionAddress, invocation: Invocation): Promise<InvocationAnswer>;
}

/** An invocation that the service refused, or that got no answer (then without a status). */
export class TransportError extends Error {
  readonly status: number | undefined;
  readonly serviceCode: string | undefined;

  constructor(message: string, status: number | undefined, serviceCode: string | undefined) {
    super(message);
    this.name = 'TransportError';
    this.status = status;
    this.serviceCode = serviceCode;
  }
}

/** What a package told of a failure, as it may be shown: it may repeat the request, headers and all. */
export function transportError(
  told: {
    readonly message: string;
    readonly status: number | undefined;
    readonly code: string | undefined;
  },
  secrets: readonly string[],
): TransportError {
  const code = told.code === undefined ? undefined : describeError(told.code, 100, secrets);
  return new TransportError(describeError(told.message, 1000, secrets), told.status, code);
}

/** The headers of an invocation; the header of the task id differs between the generations. */
export function invocationHeaders(address: FunctionAddress, invocation: Invocation): Record<string, string> {
  const taskHeader =
    address.serviceName === undefined ? 'x-fc-async-task-id' : 'x-fc-stateful-async-invocation-id';
  return {
    'x-fc-invocation-type': invocation.async ? 'Async' : 'Sync',
    ...(invocation.taskId === undefined ? {} : { [taskHeader]: invocation.taskId }),
    ...(invocation.delaySeconds === undefined ? {} : { 'x-fc-async-delay': String(invocation.delaySeconds) }),
  };
}

/** The path of a 3.0 invocation. */
export function invocationPath(functionName: string): string {
  return `/functions/${encodeURIComponent(functionName)}/invocations`;
}
