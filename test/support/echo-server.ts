import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an echoing server answers with. */
export interface EchoAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One request as a server sees it. */
export interface Heard {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface EchoServer {
  readonly url: string;
  readonly heard: readonly Heard[];
  /** From now on each request is answered with this. */
  answer(make: (heard: Heard) => EchoAnswer): void;
  close(): Promise<void>;
}

/** A server on loopback whose answers may repeat what it was sent, as a gateway in trouble does. */
export async function startEchoServer(): Promise<EchoServer> {
  const heard: Heard[] = [];
  let make: (heard: Heard) => EchoAnswer = () => ({ status: 500, body: '' });
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        target: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts),
      };
      heard.push(one);
      const { status, headers = {}, body } = make(one);
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    answer: (next) => {
      make = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
