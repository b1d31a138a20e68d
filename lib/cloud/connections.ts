import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

const open = new Set<Socket>();
let isWatching = false;

/** From now on each connection that this process opens for a request is known: the packages keep theirs to themselves. */
export function watchConnections(): void {
  if (isWatching) return;
  isWatching = true;
  subscribe('http.client.request.start', (message) => {
    const { request } = message as { readonly request: ClientRequest };
    if (request.socket) add(request.socket);
    else request.once('socket', add);
  });
}

function add(socket: Socket): void {
  if (open.has(socket)) return;
  open.add(socket);
  socket.once('close', () => open.delete(socket));
}

/**
 * Closes what is still open: an instance stands still after its answer, and a connection that was kept is dead when it
 * goes on, so that the first request of the next invocation would be lost.
 */
export function closeConnections(): void {
  for (const socket of open) socket.destroy();
}
