import type { Chance, Clock } from '../../clock.ts';
import { type CleanupError, InvocationError } from '../../errors.ts';
import type { Invoker } from '../../ports.ts';
import { cutText, redactSecrets } from '../../redact.ts';
import { safeLines } from '../../text.ts';
import { type Credentials, secretsOf } from '../credentials.ts';
import { createFc2Transport } from './fc2-transport.ts';
import { createOpenApiTransport } from './openapi-transport.ts';
import {
  type FunctionAddress,
  type Invocation,
  type InvocationAnswer,
  type Transport,
  TransportError,
} from './transport.ts';

export interface InvokerOptions {
  readonly address: FunctionAddress;
  readonly credentials: () => Promise<Credentials>;
  readonly clock: Clock;
  readonly chance: Chance;
  /** False where `DEBUG` is set: the package would print the security token. Default true. */
  readonly useFc2?: boolean;
  /** For a call that waits for the function; default 15 minutes. */
  readonly callTimeoutMs?: number;
  /** Epoch milliseconds; no retry begins after it. */
  readonly deadlineAtMs?: number;
}

const SUBMIT_TIMEOUT_MS = 10_000;
const MAX_TRIES = 4;
const FIRST_BACKOFF_MS = 200;
/** The service takes 128 KB; a hand-over of ours is a few hundred bytes. */
const MAX_ASYNC_BYTES = 128 * 1024;

/** What is told of a function's own error: a policy's faults with their code frames are this long. */
const MAX_TOLD_BYTES = 8 * 1024;

/** Endpoints that refused fc2's signature and took the other one: known for the life of the process. */
const refusingFc2 = new Set<string>();

/**
 * Invokes one function: through fc2 first, and through the generic OpenAPI call from the moment the service
 * refuses fc2's signature (whether it takes it for 3.0 is not documented).
 */
export function createInvoker(options: InvokerOptions): Invoker {
  const fc2 = createFc2Transport(options.credentials);
  const openApi = createOpenApiTransport(options.credentials);
  const { address } = options;

  async function sendOnce(invocation: Invocation): Promise<InvocationAnswer> {
    const mayUseFc2 =
      address.serviceName !== undefined || (options.useFc2 !== false && !refusingFc2.has(address.endpoint));
    if (!mayUseFc2) return openApi.send(address, invocation);
    try {
      return await fc2.send(address, invocation);
    } catch (error) {
      if (address.serviceName !== undefined || !isMissingOrRefused(error)) throw error;
      const answer = await openApi.send(address, invocation);
      refusingFc2.add(address.endpoint);
      return answer;
    }
  }

  return {
    async submit(payload, taskId, delaySeconds) {
      const bytes = encode(payload);
      if (bytes.length > MAX_ASYNC_BYTES) {
        throw failed(address, `its payload of ${bytes.length} bytes is over ${MAX_ASYNC_BYTES}`, true);
      }
      const delay = delaySeconds === undefined ? {} : { delaySeconds };
      const invocation = { payload: bytes, async: true, taskId, timeoutMs: SUBMIT_TIMEOUT_MS, ...delay };
      // One try without an answer may have started it, whatever a later one is told.
      let notStarted = true;
      const send = async () => {
        try {
          return await sendOnce(invocation);
        } catch (error) {
          notStarted &&= didNotStart(error);
          throw error;
        }
      };
      try {
        await retrying(options, send);
        return 'accepted';
      } catch (error) {
        if (error instanceof TransportError && error.status === 409) return 'duplicate';
        throw failed(address, describe(error), notStarted, error);
      }
    },

    async call(payload) {
      const timeoutMs = options.callTimeoutMs ?? 15 * 60_000;
      let answer: InvocationAnswer;
      try {
        answer = await sendOnce({ payload: encode(payload), async: false, timeoutMs });
      } catch (error) {
        throw failed(address, describe(error), didNotStart(error), error);
      }
      const text = answer.body.toString('utf8');
      if (answer.functionError !== undefined) {
        const told = functionError(text, answer);
        const clean = safeLines(redactSecrets(told, secretsOf(await options.credentials())));
        throw failed(address, cutText(clean, MAX_TOLD_BYTES), false);
      }
      return parse(text);
    },
  };
}

/** Retries what may work the next time: 429, 5xx, and no answer at all; a task id makes a repeat harmless. */
async function retrying(
  { clock, chance, deadlineAtMs }: InvokerOptions,
  send: () => ReturnType<Transport['send']>,
): Promise<InvocationAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      const pauseMs = chance() * FIRST_BACKOFF_MS * 2 ** attempt;
      const late = deadlineAtMs !== undefined && clock.now() + pauseMs > deadlineAtMs;
      if (attempt >= MAX_TRIES || late || !isPassing(error)) throw error;
      await clock.sleep(pauseMs);
    }
  }
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof TransportError)) return false;
  return error.status === undefined || error.status === 429 || error.status >= 500;
}

/** fc2 is not there (outside the runtime), or its signature is not taken. */
function isMissingOrRefused(error: unknown): boolean {
  if (!(error instanceof TransportError)) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  }
  return error.status === 401 || error.status === 403 || /Signature/i.test(error.serviceCode ?? '');
}

function encode(payload: unknown): Buffer {
  return payload === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(payload), 'utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function functionError(text: string, answer: InvocationAnswer): string {
  const body = parse(text) as { errorMessage?: unknown; errorType?: unknown } | string;
  const message = typeof body === 'object' && body !== null ? body.errorMessage : body;
  const type = typeof body === 'object' && body !== null ? body.errorType : undefined;
  return `the function failed (${String(type ?? answer.functionError)}): ${String(message)}, request id ${answer.requestId ?? 'unknown'}`;
}

function describe(error: unknown): string {
  if (!(error instanceof TransportError)) return error instanceof Error ? error.message : String(error);
  const status = error.status === undefined ? 'no answer' : `status ${error.status}`;
  return `${status}${error.serviceCode === undefined ? '' : `, ${error.serviceCode}`}: ${error.message}`;
}

/** Refused by the service, or never sent: a timeout and a failure of the service tell nothing. */
function didNotStart(error: unknown): boolean {
  if (!(error instanceof TransportError)) return true;
  if (error.status !== undefined) return error.status >= 400 && error.status < 500;
  return /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED)\b/.test(`${error.serviceCode} ${error.message}`);
}

function failed(address: FunctionAddress, why: string, notStarted: boolean, cause?: unknown): CleanupError {
  return new InvocationError(
    `invoking ${address.functionName} in ${address.region} failed: ${why}`,
    notStarted,
    cause === undefined ? undefined : { cause },
  );
}
