import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { InvalidAnswerError, NoAnswerError } from './failures.ts';

/** An answer of ECI is a page of 20; what is larger than this is none. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** The request of one call, as Node tells of it: the SDK hands none out. */
interface Exchange {
  request?: ClientRequest;
  /** Why it was ended by us. */
  ended?: Error;
}

const current = new AsyncLocalStorage<Exchange>();
const exchanges = new WeakMap<ClientRequest, Exchange>();
let isWatching = false;

/**
 * Does one call of the SDK within bounds: a request whose time ends, or whose answer grows past `MAX_ANSWER_BYTES`, is
 * destroyed with its connection, and never left behind.
 *
 * @throws {NoAnswerError} when time ends first.
 * @throws {InvalidAnswerError} when the answer is too large.
 */
export async function withinBounds<T>(ms: number, work: () => Promise<T>): Promise<T> {
  watch();
  const exchange: Exchange = {};
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new NoAnswerError(`no answer in ${ms} ms`);
      end(exchange, error);
      reject(error);
    }, ms);
  });
  const done = current.run(exchange, work);
  // Once it is given up nobody waits for how it ends.
  done.catch(() => undefined);
  try {
    return await Promise.race([done, tooLate]);
  } catch (error) {
    throw exchange.ended ?? error;
  } finally {
    clearTimeout(timer);
  }
}

function end(exchange: Exchange, error: Error): void {
  exchange.ended ??= error;
  exchange.request?.destroy(error);
}

function watch(): void {
  if (isWatching) return;
  isWatching = true;
  subscribe('http.client.request.start', (message) => {
    const { request } = message as { readonly request: ClientRequest };
    const exchange = current.getStore();
    if (exchange === undefined) return;
    exchange.request = request;
    exchanges.set(request, exchange);
  });
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as {
      readonly request: ClientRequest;
      readonly response: IncomingMessage;
    };
    const exchange = exchanges.get(request);
    if (exchange !== undefined) countBytes(exchange, response);
  });
}

/** Counts what comes before the SDK takes it: a listener for data would take it away. */
function countBytes(exchange: Exchange, response: IncomingMessage): void {
  const push = response.push.bind(response);
  let bytes = 0;
  response.push = (chunk: unknown, encoding?: BufferEncoding) => {
    bytes += Buffer.isBuffer(chunk) ? chunk.length : 0;
    if (bytes > MAX_ANSWER_BYTES) {
      end(exchange, new InvalidAnswerError(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`));
      return false;
    }
    return push(chunk, encoding);
  };
}
