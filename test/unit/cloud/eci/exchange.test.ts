import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createEciClient } from '../../../../lib/cloud/eci/client.ts';
import { MAX_ANSWER_BYTES } from '../../../../lib/cloud/eci/exchange.ts';

let server: Server;
afterEach(() => server.close());

/** A service whose answer goes on, and a client that waits for it so long: what became of its connection. */
async function serve(
  pieceOf: () => Buffer,
  timeoutMs: number,
): Promise<{
  readonly client: ReturnType<typeof createEciClient>;
  readonly closed: Promise<number>;
}> {
  let sent = 0;
  let tellClosed: (sent: number) => void = () => undefined;
  const closed = new Promise<number>((resolve) => {
    tellClosed = resolve;
  });
  server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = setInterval(() => {
      const piece = pieceOf();
      sent += piece.length;
      response.write(piece);
    }, 5);
    response.on('close', () => {
      clearInterval(more);
      tellClosed(sent);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createEciClient({
    endpointFor: () => host,
    protocol: 'http',
    credentials: async () => ({ accessKeyId: 'id', accessKeySecret: 'secret' }),
    timeoutMs,
  });
  return { client, closed };
}

const QUERY = { region: 'cn-hangzhou', type: 'ContainerGroup' } as const;

describe('an answer of ECI', () => {
  it('that has no end is given up at the deadline, and its connection is closed', async () => {
    const { client, closed } = await serve(() => Buffer.from(' '), 1500);

    await expect(client.listResources(QUERY)).rejects.toMatchObject({ kind: 'unanswered' });

    expect(await closed).toBeLessThan(MAX_ANSWER_BYTES);
  });

  it('that is larger than any is given up where it passes the bound, and its connection is closed', async () => {
    const piece = Buffer.alloc(4 * 1024 * 1024, ' ');
    const { client, closed } = await serve(() => piece, 60_000);

    await expect(client.listResources(QUERY)).rejects.toMatchObject({
      kind: 'unanswered',
      message: expect.stringContaining('larger than'),
    });

    expect(await closed).toBeLessThan(50 * MAX_ANSWER_BYTES);
  });
});
