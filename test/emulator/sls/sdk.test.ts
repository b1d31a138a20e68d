import type { LookupAddress } from 'node:dns';
import { Agent } from 'node:http';
import Client from '@alicloud/log';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_STS_IDENTITY } from '../../../emulator/identities.ts';
import { type Emulator, startEmulator } from '../../../emulator/server.ts';

/** The methods that are called here beside those that the program uses. */
interface WholeClient {
  postLogStoreLogs(project: string, logstore: string, data: unknown, options: unknown): Promise<unknown>;
  getLogs(
    project: string,
    logstore: string,
    from: Date,
    to: Date,
    data: unknown,
    options: unknown,
  ): Promise<unknown>;
  createProject(project: string, data: unknown, options: unknown): Promise<unknown>;
  createLogStore(project: string, logstore: string, data: unknown, options: unknown): Promise<unknown>;
  getLogStore(project: string, logstore: string, options: unknown): Promise<unknown>;
  listLogStore(project: string, data: unknown, options: unknown): Promise<unknown>;
  deleteLogStore(project: string, logstore: string, options: unknown): Promise<unknown>;
  createIndex(project: string, logstore: string, index: unknown, options: unknown): Promise<unknown>;
  updateIndex(project: string, logstore: string, index: unknown, options: unknown): Promise<unknown>;
  getIndexConfig(project: string, logstore: string, options: unknown): Promise<unknown>;
}

describe('the unmodified log SDK against the emulator', () => {
  let emulator: Emulator;
  let client: WholeClient;
  let options: { readonly agent: Agent };
  const from = new Date(Date.now() - 60_000);
  const to = new Date(Date.now() + 60_000);
  const nowS = Math.floor(Date.now() / 1000);

  beforeEach(async () => {
    emulator = await startEmulator();
    const { accessKeyId, accessKeySecret, securityToken } = DEFAULT_STS_IDENTITY;
    const endpoint = `http://cn-hangzhou.log.aliyuncs.com:${new URL(emulator.url).port}`;
    client = new (Client as unknown as new (config: unknown) => WholeClient)({
      accessKeyId,
      accessKeySecret,
      securityToken,
      endpoint,
    });
    options = { agent: new Agent({ keepAlive: true, lookup: toLoopback }) };
  });
  afterEach(async () => {
    options.agent.destroy();
    await emulator.close();
    expect(emulator.failures).toEqual([]);
  });

  const write = (content: Readonly<Record<string, string>>, timestamp = nowS) =>
    client.postLogStoreLogs(
      'tagsweep',
      'audit',
      {
        logs: [{ timestamp, timestampNsPart: 5, content }],
        topic: 'top',
        source: 'src',
        tags: [{ t1: 'v1' }],
      },
      options,
    );
  const read = (query: Readonly<Record<string, unknown>> = {}) =>
    client.getLogs('tagsweep', 'audit', from, to, query, options);

  it('writes and reads back', async () => {
    expect(await write({ a: '1', b: 'héé' })).toBe('');

    expect(await read()).toEqual([
      {
        a: '1',
        b: 'héé',
        __time__: String(nowS),
        __time_ns_part__: '5',
        __topic__: 'top',
        __source__: 'src',
        '__tag__:t1': 'v1',
      },
    ]);
    expect(emulator.sls.requests[0]?.headers.host).toMatch(/^tagsweep\.cn-hangzhou\.log\.aliyuncs\.com:/);
  });

  it('pages, reverses and searches', async () => {
    for (let i = 0; i < 5; i++) await write({ n: `v${i}`, kind: i % 2 === 0 ? 'even' : 'odd' }, nowS + i);

    const values = async (query: Readonly<Record<string, unknown>>) =>
      ((await read(query)) as readonly { readonly n: string }[]).map((row) => row.n);
    expect(await values({ line: 2, offset: 1 })).toEqual(['v1', 'v2']);
    expect(await values({ line: 2, reverse: true })).toEqual(['v4', 'v3']);
    expect(await values({ query: 'kind: even and not n: "v2"' })).toEqual(['v0', 'v4']);
    expect(await values({ query: '(n: v1 or n: v2) and *' })).toEqual(['v1', 'v2']);
    expect(await values({ query: '__topic__: other' })).toEqual([]);
  });

  it.each([
    ['SQL', { query: '* | select count(*)' }, 'ParameterInvalid'],
    ['too many lines', { line: 101 }, 'InvalidLine'],
    ['a negative offset', { offset: -1 }, 'InvalidOffset'],
    ['a wrong direction', { reverse: 'down' }, 'InvalidReverse'],
    ['an open parenthesis', { query: '(a: b' }, 'ParameterInvalid'],
    ['an open quote', { query: 'a: "b' }, 'ParameterInvalid'],
    ['a range', { query: 'a > 5' }, 'ParameterInvalid'],
  ])('is refused %s', async (_, query, code) => {
    await expect(read(query)).rejects.toMatchObject({ code });
  });

  it('is refused a time range without length', async () => {
    await expect(client.getLogs('tagsweep', 'audit', from, from, {}, options)).rejects.toMatchObject({
      code: 'InvalidTimeRange',
    });
  });

  it('manages projects, log stores and indexes', async () => {
    await client
      .createProject('', { description: '' }, options)
      .catch((error: unknown) => expect(error).toMatchObject({ code: 'ParameterInvalid' }));
    await client.createLogStore('tagsweep', 'second', { ttl: 90, shardCount: 1 }, options);
    await expect(client.createLogStore('tagsweep', 'second', {}, options)).rejects.toMatchObject({
      code: 'LogstoreAlreadyExist',
    });
    expect(await client.getLogStore('tagsweep', 'second', options)).toMatchObject({
      logstoreName: 'second',
      ttl: 90,
      shardCount: 1,
    });
    expect(await client.listLogStore('tagsweep', {}, options)).toMatchObject({
      logstores: ['audit', 'second'],
    });

    const index = { keys: { run_id: { type: 'text', doc_value: true, caseSensitive: true, token: ['\n'] } } };
    await expect(client.getIndexConfig('tagsweep', 'second', options)).rejects.toMatchObject({
      code: 'IndexConfigNotExist',
    });
    await client.createIndex('tagsweep', 'second', index, options);
    await expect(client.createIndex('tagsweep', 'second', index, options)).rejects.toMatchObject({
      code: 'IndexAlreadyExist',
    });
    await client.updateIndex('tagsweep', 'second', index, options);
    expect(await client.getIndexConfig('tagsweep', 'second', options)).toEqual(index);
    await expect(
      client.getLogs('tagsweep', 'second', from, to, { query: 'other: x' }, options),
    ).rejects.toMatchObject({
      code: 'ParameterInvalid',
    });
    await client.deleteLogStore('tagsweep', 'second', options);
    await expect(client.getLogStore('tagsweep', 'second', options)).rejects.toMatchObject({
      code: 'LogStoreNotExist',
    });
  });

  it('is refused with the code of the service', async () => {
    await expect(
      client.postLogStoreLogs(
        'nowhere',
        'audit',
        { logs: [{ timestamp: nowS, content: { a: '1' } }] },
        options,
      ),
    ).rejects.toMatchObject({ code: 'ProjectNotExist', requestid: expect.stringMatching(/^[0-9A-F]{24}$/) });
  });

  it('sees logs only after the delay that is set, and is told when an answer is not complete', async () => {
    await write({ a: '1' });
    await write({ a: '2' });
    emulator.sls.settings.incompleteReads = 1;
    expect(await read()).toHaveLength(1);
    expect(await read()).toHaveLength(2);

    emulator.sls.settings.visibilityDelayMs = 60_000;
    expect(await read()).toEqual([]);
  });
});

type Answer = (error: null, address: string | LookupAddress[], family?: number) => void;

function toLoopback(_host: string, options: { readonly all?: boolean | undefined }, answer: Answer): void {
  if (options.all === true) answer(null, [{ address: '127.0.0.1', family: 4 }]);
  else answer(null, '127.0.0.1', 4);
}
