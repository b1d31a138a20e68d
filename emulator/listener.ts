import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Counters } from './counters.ts';
import { deliver } from './delivery.ts';
import { type HttpRequest, type HttpResponse, parsePairs, type Service } from './http.ts';

/** Twenty keys of 128 CJK characters make a request line of about 23 KB; Node's default of 16 KB would answer 431. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Function Compute takes 32 MB in one invocation; nothing here takes more. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

export interface Listener {
  readonly port: number;
  /** Closes the connections on which nothing is under way. */
  closeIdle(): void;
  close(): Promise<void>;
}

export interface ListenerOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly services: readonly Service[];
  readonly counters: Counters;
  /** Told of what no client can be blamed for. */
  readonly onFault: (error: unknown) => void;
}

/** Listens on loopback and hands each request, read whole, to the first service that matches. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const closing = new AbortController();
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (incoming, outgoing) => {
    answer(incoming, options)
      .then((response) => deliver(response, outgoing, closing.signal))
      .catch((error: unknown) => {
        if (!isHangUp(error)) options.onFault(error);
        failPlainly(outgoing);
      });
  });
  server.on('connection', (socket) => {
    options.counters.connectionOpened();
    socket.on('close', () => options.counters.connectionClosed());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    closeIdle: () => server.closeIdleConnections(),
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(incoming: IncomingMessage, options: ListenerOptions): Promise<HttpResponse> {
  const body = await readBody(incoming);
  if (body === undefined) return { status: 413 };
  const request = toRequest(incoming, body);
  const service = options.services.find((candidate) => candidate.matches(request));
  if (service === undefined) {
    return {
      status: 404,
      headers: { 'content-type': 'text/plain' },
      body: 'No service here answers this path.\n',
    };
  }
  return service.handle(request);
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function toRequest(incoming: IncomingMessage, body: Buffer): HttpRequest {
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: (incoming.method ?? 'GET').toUpperCase(),
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? [] : parsePairs(target.slice(mark + 1)),
    target,
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    ),
    body,
  };
}

/** A client that went away in mid-request is its own business. */
function isHangUp(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function failPlainly(outgoing: ServerResponse): void {
  if (outgoing.headersSent) outgoing.destroy();
  else outgoing.writeHead(500, { 'content-type': 'text/plain' }).end('The emulator failed.\n');
}
