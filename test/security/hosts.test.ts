import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBaseUrl } from '../../lib/cloud/base-url.ts';
import { createEciClient } from '../../lib/cloud/eci/client.ts';
import { eciHost } from '../../lib/cloud/eci/endpoints.ts';
import { createInvoker } from '../../lib/cloud/fc/invoker.ts';
import { createSlsLog } from '../../lib/cloud/log/sls-log.ts';
import { continuationSchema } from '../../lib/run/chain.ts';
import { aPolicy } from '../support/builders.ts';
import { type EchoServer, startEchoServer } from '../support/echo-server.ts';

const KEYS = { accessKeyId: 'LTAIexample00000', accessKeySecret: 'secret', securityToken: 'token' };
const clock = { now: () => Date.UTC(2026, 0, 1), sleep: async () => undefined };

/** Texts that would lead a request to another host, were they taken for a region. */
const NO_REGIONS = [
  'evil.example/',
  'evil.example#',
  'evil.example?',
  'evil.example:443/',
  'x@evil.example',
  'cn-hangzhou.evil.example',
  'cn-hangzhou/../',
  'cn-hangzhou\\evil',
  'cn hangzhou',
  'cn-hangzhou\n',
  'CN-HANGZHOU',
  '-hangzhou',
  'cn-',
  '',
  `cn-${'a'.repeat(80)}`,
];

describe('a base URL', () => {
  it.each([
    'http://127.0.0.1:8080',
    'http://localhost:8080',
    'http://[::1]:8080',
    'http://127.1',
    'http://0x7f.1',
    'HTTP://LOCALHOST',
    'https://eci.cn-hangzhou.aliyuncs.com',
  ])('may be %s', (text) => {
    expect(readBaseUrl(text)).toBeInstanceOf(URL);
  });

  it.each([
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://evil.localhost',
    'http://localhost@evil.example',
    'http://127.0.0.1@evil.example',
    'http://evil.example#@127.0.0.1',
    'http://evil.example\\@127.0.0.1',
    'http://128.0.0.1',
    'http://0.0.0.0',
    'http://[::ffff:8.8.8.8]',
    'http://10.0.0.1',
    'HTTP://EVIL.EXAMPLE',
    'https://user:secret@eci.cn-hangzhou.aliyuncs.com',
    'https://eci.cn-hangzhou.aliyuncs.com/path',
    'https://eci.cn-hangzhou.aliyuncs.com?x=1',
    'ftp://127.0.0.1',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '//127.0.0.1',
  ])('may not be %s', (text) => {
    expect(readBaseUrl(text)).toHaveProperty('fault');
  });

  it('is plain http for this machine alone, whatever the text', () => {
    const piece = fc.constantFrom(
      'http://',
      'https://',
      '127.0.0.1',
      'localhost',
      'evil.example',
      '@',
      ':',
      '#',
      '?',
      '.',
      '/',
      '\\',
      '[::1]',
      '0x7f.1',
      '%2e',
      '8080',
    );

    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const url = readBaseUrl(pieces.join(''));
        if (!(url instanceof URL) || url.protocol === 'https:') return;
        expect(url.hostname).toMatch(/^(127(\.\d+){3}|localhost|\[::1\])$/);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('what is no region id', () => {
  it.each(NO_REGIONS)('gets no request, although it comes out of a plan or a journal: %j', async (region) => {
    let asked = 0;
    const eci = createEciClient({
      endpointFor: (one) => eciHost(one, 'public'),
      protocol: 'https',
      credentials: async () => {
        asked += 1;
        return KEYS;
      },
    });

    const listing = eci.listResources({ region, type: 'ContainerGroup' });

    await expect(listing).rejects.toThrow('that is no region id');
    expect(asked).toBe(0);
  });

  it.each(NO_REGIONS)('is none in a policy either, nor in a continuation: %j', (region) => {
    expect(() => aPolicy({ scope: { regions: [region] } })).toThrow(/region|empty/);
    expect(continuationSchema.shape.regions.safeParse([region]).success).toBe(false);
  });
});

describe('a service', () => {
  let server: EchoServer;
  let other: EchoServer;

  beforeEach(async () => {
    server = await startEchoServer();
    other = await startEchoServer();
  });

  afterEach(async () => {
    await server.close();
    await other.close();
  });

  const host = () => new URL(server.url).host;
  const eci = () => createEciClient({ endpointFor: host, protocol: 'http', credentials: async () => KEYS });

  it('cannot name a region that is another host', async () => {
    server.answer(() => ({
      status: 200,
      body: JSON.stringify({ RequestId: '1A', Regions: [{ RegionId: 'evil.example/' }] }),
    }));

    await expect(eci().describeRegions()).rejects.toThrow('lists a region that is none');
  });

  it.each([301, 302, 303, 307, 308])('cannot send a request on to another host with %i', async (status) => {
    const to = { location: `${other.url}/`, 'x-log-requestid': '1A' };
    server.answer(() => ({ status, headers: to, body: '{}' }));
    const place = { functionName: 'f', qualifier: 'LATEST', accountId: '1', region: 'cn-hangzhou' };
    const address = { ...place, endpoint: server.url };
    const common = { credentials: async () => KEYS, clock, chance: () => 0 };
    const log = createSlsLog({ ...common, endpoint: server.url, project: 'project', logstore: 'store' });

    const outcomes = await Promise.allSettled([
      eci().listResources({ region: 'cn-hangzhou', type: 'ContainerGroup' }),
      log.read({ runId: 'run-1' }),
      createInvoker({ ...common, address }).call({}),
      createInvoker({ ...common, address, useFc2: false }).call({}),
    ]);

    expect(server.heard.length).toBeGreaterThanOrEqual(outcomes.length);
    expect(other.heard).toEqual([]);
  });
});
