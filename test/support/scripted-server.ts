import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What one request was, as far as tests ask. */
export interface SeenRequest {
  readonly action: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
}

/** Answers one request, or does something worse. */
export type Scene = (response: ServerResponse, request: IncomingMessage) => void;

export interface ScriptedServer {
  /** Host and port. */
  readonly host: string;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

/** A server on loopback that plays one scene a request, and the last one from then on. */
export async function startScriptedServer(scenes: readonly Scene[]): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://loopback');
    seen.push({
      action: String(request.headers['x-acs-action']),
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
    });
    const scene = scenes[Math.min(seen.length, scenes.length) - 1];
    scene?.(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A JSON answer. */
export function json(body: unknown, status = 200): Scene {
  return text(JSON.stringify(body), status, 'application/json;charset=utf-8');
}

/** An error as the API writes it. */
export function apiFault(status: number, code: string, message = 'Said by the service.'): Scene {
  return json(
    {
      RequestId: '1A2B3C4D-0000-4000-8000-00000000000F',
      HostId: 'eci.cn-hangzhou.aliyuncs.com',
      Code: code,
      Message: message,
      Recommend: 'https://next.api.aliyun.com/troubleshoot?q=x',
    },
    status,
  );
}

/** Any body. */
export function text(body: string, status = 200, contentType = 'text/html'): Scene {
  return (response) => {
    response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };
}

/** The connection is cut before any answer. */
export const reset: Scene = (response) => {
  response.socket?.resetAndDestroy();
};

/** An answer that ends in the middle of its body. */
export const truncated: Scene = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
  response.write('{"RequestId":"1A2B');
  setImmediate(() => response.socket?.destroy());
};

/** Silence. */
export const hang: Scene = () => {};
