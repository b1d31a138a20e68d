import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery, HttpResponse } from './http.ts';

/** Sends an answer the way it asks for; gives up quietly when the emulator closes or the client leaves. */
export async function deliver(
  response: HttpResponse,
  outgoing: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const body = Buffer.from(response.body ?? '');
  const delivery = response.delivery;
  if (delivery?.kind === 'hang') return;
  if (delivery?.kind === 'reset') {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  outgoing.writeHead(response.status, { ...response.headers, 'content-length': String(body.length) });
  if (delivery === undefined) outgoing.end(body);
  else if (delivery.kind === 'cut') cut(body, outgoing);
  else await trickle(body, delivery, outgoing, closing);
}

function cut(body: Buffer, outgoing: ServerResponse): void {
  outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => outgoing.destroy());
}

async function trickle(
  body: Buffer,
  delivery: Extract<Delivery, { kind: 'trickle' }>,
  outgoing: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  for (let start = 0; start < body.length && !outgoing.destroyed; start += delivery.bytes) {
    outgoing.write(body.subarray(start, start + delivery.bytes));
    if (!(await pause(delivery.everyMs, closing))) return;
  }
  outgoing.end();
}

/** Waits; false when the signal came first. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (ms <= 0) return !signal.aborted;
  return delay(ms, true, { signal, ref: false }).catch(() => false);
}
