import * as http from 'node:http';
import * as https from 'node:https';

/** Nothing that the log service answers is larger. */
const MAX_ANSWER_BYTES = 134_217_728;

/** One HTTP request, and where to connect for it. */
export interface Exchange {
  readonly method: string;
  /** Scheme, host and port to connect to; the `host` header may name another. */
  readonly connectTo: URL;
  /** Path and query, encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** For the whole exchange, connecting included. */
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends requests over kept-alive connections. */
export type Exchanger = (exchange: Exchange) => Promise<Answer>;

/**
 * Makes an exchanger with its own connections: an instance that was frozen for minutes must not begin with
 * one that died meanwhile. Rejects when no whole answer came in time.
 */
export function createExchanger(): Exchanger {
  const agents = {
    'http:': new http.Agent({ keepAlive: true }),
    'https:': new https.Agent({ keepAlive: true }),
  };
  return (exchange) =>
    new Promise((resolve, reject) => {
      const secure = exchange.connectTo.protocol === 'https:';
      const request = (secure ? https : http).request({
        agent: agents[secure ? 'https:' : 'http:'],
        host: exchange.connectTo.hostname.replace(/^\[|\]$/g, ''),
        port: exchange.connectTo.port || (secure ? 443 : 80),
        method: exchange.method,
        path: exchange.target,
        headers: exchange.headers,
      });
      const timer = setTimeout(() => {
        request.destroy(new Error(`no answer within ${exchange.timeoutMs} ms`));
      }, exchange.timeoutMs);
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(error);
      };
      request.once('error', fail);
      request.once('response', (response) => {
        readAll(response).then((body) => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        }, fail);
      });
      request.end(exchange.body);
    });
}

async function readAll(response: http.IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) {
      response.destroy();
      throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}
