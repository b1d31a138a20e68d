import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Credentials } from '../../lib/cloud/credentials.ts';
import { createEciClient } from '../../lib/cloud/eci/client.ts';
import { createInvoker } from '../../lib/cloud/fc/invoker.ts';
import { createSlsLog } from '../../lib/cloud/log/sls-log.ts';
import { type EchoServer, startEchoServer } from '../support/echo-server.ts';
import { allOf, credentials, echoOf, leaksIn, repeating, secretsIn } from '../support/secrets.ts';

let server: EchoServer;

beforeAll(async () => {
  server = await startEchoServer();
});

afterAll(() => server.close());

/** Time without waiting: what is tried again is tried at once. */
const clock = { now: () => Date.UTC(2026, 0, 1), sleep: async () => undefined };
const chance = () => 0;

const aRecord = {
  event_name: 'run_started',
  event_id: 'run-1:start',
  event_time: '2026-01-01T00:00:00.000Z',
  run_id: 'run-1',
} as const;

const place = {
  functionName: 'f',
  qualifier: 'LATEST',
  accountId: '1234567890123456',
  region: 'cn-hangzhou',
};

type Call = (keys: Credentials) => Promise<unknown>;

const CALLS: readonly (readonly [string, Call])[] = [
  ['an ECI listing', (keys) => eci(keys).listResources({ region: 'cn-hangzhou', type: 'ContainerGroup' })],
  [
    'an untag call',
    (keys) =>
      eci(keys).untagResources({
        region: 'cn-hangzhou',
        type: 'ContainerGroup',
        ids: ['eci-1'],
        keys: ['ci-run'],
        clientToken: 'token',
      }),
  ],
  ['a write to the log store', (keys) => log(keys).write([aRecord])],
  ['a reading of the log store', (keys) => log(keys).read({ runId: 'run-1' })],
  ['a submission of the function', (keys) => invoker(keys, {}).submit({}, 'task-1')],
  ['a call of the function', (keys) => invoker(keys, {}).call({})],
  ['a call through OpenAPI', (keys) => invoker(keys, { useFc2: false }).call({})],
  ['a call of a service of generation 2.0', (keys) => invoker(keys, { serviceName: 's' }).call({})],
];

function eci(keys: Credentials) {
  const host = new URL(server.url).host;
  return createEciClient({ endpointFor: () => host, protocol: 'http', credentials: async () => keys });
}

function log(keys: Credentials) {
  const options = { endpoint: server.url, project: 'project', logstore: 'store', clock, chance };
  return createSlsLog({ ...options, credentials: async () => keys });
}

function invoker(
  keys: Credentials,
  { serviceName, useFc2 = true }: { serviceName?: string; useFc2?: boolean },
) {
  const address = { ...place, endpoint: server.url, ...(serviceName !== undefined && { serviceName }) };
  return createInvoker({ address, credentials: async () => keys, clock, chance, useFc2 });
}

describe('an error of', () => {
  it.each(CALLS)('%s shows no secret, however the service repeats the request', async (_, call) => {
    await fc.assert(
      fc.asyncProperty(credentials, repeating, async (keys, way) => {
        const before = server.heard.length;
        server.answer((heard) => echoOf(way, heard));

        const outcome = await call(keys).then(
          () => undefined,
          (error: unknown) => error,
        );

        const heard = server.heard.slice(before);
        expect(heard.length).toBeGreaterThan(0);
        expect(leaksIn(allOf(outcome), secretsIn(keys, heard))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
