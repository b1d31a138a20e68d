import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createEciClient } from '../../../../lib/cloud/eci/client.ts';
import type { EciError } from '../../../../lib/errors.ts';
import type { EciApi, UntagRequest } from '../../../../lib/ports.ts';
import {
  apiFault,
  hang,
  json,
  reset,
  type Scene,
  type ScriptedServer,
  startScriptedServer,
  text,
  truncated,
} from '../../../support/scripted-server.ts';

const RequestId = '1A2B3C4D-0000-4000-8000-000000000001';
const SECRET = 'tHiSiSaSecretOfThirtyChars0123';
const TOKEN = 'CAISplantedTokenValue0123456789abcdefghijABCDEFGHIJ0123456789abcdefghij';
const untag: UntagRequest = {
  region: 'cn-hangzhou',
  type: 'ContainerGroup',
  ids: ['eci-1', 'eci-2'],
  keys: ['ci-run', 'temp'],
  clientToken: '0123456789abcdef',
};

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function eciThatAnswers(...scenes: Scene[]): Promise<EciApi> {
  server = await startScriptedServer(scenes);
  const { host } = server;
  return createEciClient({
    endpointFor: () => host,
    protocol: 'http',
    credentials: async () => ({
      accessKeyId: 'STS.NTplanted0001',
      accessKeySecret: SECRET,
      securityToken: TOKEN,
    }),
    // Only a server that never answers is waited for in vain.
    timeoutMs: scenes.includes(hang) ? 300 : 10_000,
  });
}

async function failureOf(call: Promise<unknown>): Promise<EciError> {
  return call.then(
    () => expect.unreachable('the call should have failed'),
    (error: EciError) => error,
  );
}

describe('createEciClient', () => {
  it('sends an untag request with lists, token and temporary credentials, and nothing that means all', async () => {
    const eci = await eciThatAnswers(json({ RequestId }));

    const receipt = await eci.untagResources(untag);

    expect(receipt).toEqual({ requestId: RequestId });
    expect(server?.seen[0]).toMatchObject({
      action: 'UntagResources',
      headers: { 'x-acs-version': '2018-08-08', 'x-acs-security-token': TOKEN },
    });
    expect(server?.seen[0]?.query).toEqual({
      RegionId: 'cn-hangzhou',
      ResourceType: 'ContainerGroup',
      'ResourceId.1': 'eci-1',
      'ResourceId.2': 'eci-2',
      'TagKey.1': 'ci-run',
      'TagKey.2': 'temp',
      ClientToken: '0123456789abcdef',
    });
  });

  it.each([
    ['no ids', { ids: [] }],
    ['no keys', { keys: [] }],
    ['an empty key', { keys: ['a', ''] }],
    ['101 ids', { ids: Array.from({ length: 101 }, (_, n) => `eci-${n}`) }],
    ['21 keys', { keys: Array.from({ length: 21 }, (_, n) => `key-${n}`) }],
  ])('refuses to send an untag request with %s', async (_description, change) => {
    const eci = await eciThatAnswers(json({ RequestId }));

    const error = await failureOf(eci.untagResources({ ...untag, ...change }));

    expect(error).toMatchObject({ kind: 'rejected', apiCode: 'InvalidRequest', outcomeUnknown: false });
    expect(server?.seen).toEqual([]);
  });

  it('refuses an id filter without ids, which would list everything', async () => {
    const eci = await eciThatAnswers(json({ RequestId }));

    await failureOf(eci.listResources({ region: 'cn-hangzhou', type: 'DataCache', ids: [] }));

    expect(server?.seen).toEqual([]);
  });

  it.each([
    [
      'ContainerGroup' as const,
      ['eci-1', 'eci-2'],
      { ContainerGroupIds: '["eci-1","eci-2"]' },
      {
        ContainerGroups: [
          { ContainerGroupId: 'eci-1', ContainerGroupName: 'api', CreationTime: '2026-01-02T03:04:05Z' },
        ],
      },
      { id: 'eci-1', name: 'api', createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5) },
    ],
    [
      'ImageCache' as const,
      ['imc-1'],
      { ImageCacheId: 'imc-1' },
      {
        ImageCaches: [
          { ImageCacheId: 'imc-1', ImageCacheName: 'base', CreationTime: '2026-01-02T03:04:05Z' },
        ],
      },
      { id: 'imc-1', name: 'base', createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5) },
    ],
    [
      'DataCache' as const,
      ['edc-1', 'edc-2'],
      { 'DataCacheId.1': 'edc-1', 'DataCacheId.2': 'edc-2' },
      { DataCaches: [{ DataCacheId: 'edc-1', Name: 'model', CreationTime: '2026-01-02T03:04Z' }] },
      { id: 'edc-1', name: 'model', createdAtMs: Date.UTC(2026, 0, 2, 3, 4) },
    ],
    [
      'VirtualNode' as const,
      ['vnd-1'],
      { VirtualNodeIds: '["vnd-1"]' },
      { VirtualNodes: [{ VirtualNodeId: 'vnd-1', VirtualNodeName: 'node', CreationTime: 'yesterday' }] },
      { id: 'vnd-1', name: 'node' },
    ],
  ])('lists a %s with the names and the id filter of its own', async (type, ids, query, body, resource) => {
    const eci = await eciThatAnswers(json({ RequestId, NextToken: 'next', ...body }));

    const page = await eci.listResources({ region: 'cn-hangzhou', type, ids, nextToken: 'token' });

    expect(server?.seen[0]?.query).toEqual({
      RegionId: 'cn-hangzhou',
      NextToken: 'token',
      ...query,
    });
    expect(page).toEqual({ items: [{ region: 'cn-hangzhou', type, ...resource }], nextToken: 'next' });
  });

  it('leaves tags out that were not sent or have two values, keeps an empty list, and sorts the rest by key', async () => {
    const eci = await eciThatAnswers(
      json({
        RequestId,
        NextToken: '',
        ContainerGroups: [
          { ContainerGroupId: 'eci-1' },
          { ContainerGroupId: 'eci-2', Tags: [] },
          {
            ContainerGroupId: 'eci-3',
            Tags: [
              { Key: 'b', Value: '' },
              { Key: 'B', Value: '2' },
              { Key: 'a', Value: '1' },
            ],
          },
          { ContainerGroupId: 'eci-4', Tags: [{ Key: 'a' }] },
          { ContainerGroupId: 'eci-5', Tags: [{ Value: 'a' }] },
          { ContainerGroupId: 'eci-6', Tags: null },
          {
            ContainerGroupId: 'eci-7',
            Tags: [
              { Key: 'a', Value: '1' },
              { Key: 'a', Value: '1' },
            ],
          },
          {
            ContainerGroupId: 'eci-8',
            Tags: [
              { Key: 'a', Value: '1' },
              { Key: 'a', Value: '2' },
            ],
          },
        ],
      }),
    );

    const page = await eci.listResources({ region: 'cn-hangzhou', type: 'ContainerGroup' });

    expect(page.nextToken).toBeUndefined();
    expect(page.items.map((item) => item.tags)).toEqual([
      undefined,
      [],
      [
        { key: 'B', value: '2' },
        { key: 'a', value: '1' },
        { key: 'b', value: '' },
      ],
      [{ key: 'a', value: '' }],
      undefined,
      undefined,
      [{ key: 'a', value: '1' }],
      undefined,
    ]);
  });

  it.each([
    ['2026-02-28T23:59:59Z', Date.UTC(2026, 1, 28, 23, 59, 59)],
    ['2024-02-29T00:00Z', Date.UTC(2024, 1, 29)],
    ['2026-02-30T00:00:00Z', undefined],
    ['2025-02-29T00:00:00Z', undefined],
    ['2026-04-31T00:00Z', undefined],
    ['2026-13-01T00:00Z', undefined],
    ['2026-01-00T00:00Z', undefined],
  ])('reads the creation time %s only if it exists', async (CreationTime, createdAtMs) => {
    const eci = await eciThatAnswers(
      json({ RequestId, VirtualNodes: [{ VirtualNodeId: 'vnd-1', CreationTime }] }),
    );

    const { items } = await eci.listResources({ region: 'cn-hangzhou', type: 'VirtualNode' });

    expect(items[0]?.createdAtMs).toBe(createdAtMs);
  });

  it('asks for statuses without Limit once a region refused it, and says that the call is worth another try', async () => {
    const refused = apiFault(400, 'MissingParameter');
    const eci = await eciThatAnswers(refused, json({ RequestId }), json({ RequestId }));
    const list = (region: string) => eci.listContainerGroupStatus({ region });

    const error = await failureOf(list('cn-hangzhou'));
    await list('cn-hangzhou');
    await list('cn-beijing');

    expect(error).toMatchObject({ kind: 'unavailable', apiCode: 'MissingParameter' });
    expect(server?.seen.map(({ query }) => [query.RegionId, query.Limit])).toEqual([
      ['cn-hangzhou', '200'],
      ['cn-hangzhou', undefined],
      ['cn-beijing', '200'],
    ]);
  });

  it('lets a refusal stand that has nothing to do with Limit', async () => {
    const eci = await eciThatAnswers(apiFault(400, 'MissingParameter'), apiFault(400, 'MissingParameter'));
    const list = () => eci.listContainerGroupStatus({ region: 'cn-hangzhou' });

    await failureOf(list());

    expect(await failureOf(list())).toMatchObject({ kind: 'rejected' });
  });

  it('takes a missing list for an empty page', async () => {
    const eci = await eciThatAnswers(json({ RequestId }));

    expect(await eci.listResources({ region: 'cn-hangzhou', type: 'ImageCache' })).toEqual({ items: [] });
  });

  it('sends tag filters with and without a value', async () => {
    const eci = await eciThatAnswers(json({ RequestId }));

    await eci.listContainerGroupStatus({
      region: 'cn-hangzhou',
      tags: [{ key: 'env' }, { key: 'team', value: '' }],
      resourceGroupId: 'rg-1',
    });

    expect(server?.seen[0]?.query).toEqual({
      RegionId: 'cn-hangzhou',
      Limit: '200',
      ResourceGroupId: 'rg-1',
      'Tag.1.Key': 'env',
      'Tag.2.Key': 'team',
      'Tag.2.Value': '',
    });
  });

  it('reads rows of tags', async () => {
    const eci = await eciThatAnswers(
      json({
        RequestId,
        NextToken: 'next',
        TagResources: [{ ResourceType: 'DataCache', ResourceId: 'edc-1', TagKey: 'env', TagValue: 'dev' }],
      }),
    );

    expect(await eci.listTagResources({ region: 'cn-hangzhou', type: 'DataCache', ids: ['edc-1'] })).toEqual({
      items: [{ type: 'DataCache', id: 'edc-1', key: 'env', value: 'dev' }],
      nextToken: 'next',
    });
  });

  it.each([
    ['a reset', reset, 'unanswered', 'ECONNRESET'],
    ['a body that ends too early', truncated, 'unanswered', 'ECONNRESET'],
    ['silence', hang, 'unanswered', 'Timeout'],
    ['an HTML page with status 503', text('<html>503</html>', 503), 'unanswered', 'InvalidAnswer'],
    ['an empty 502', text('', 502), 'unanswered', 'InvalidAnswer'],
    ['half of a JSON text', text('{"RequestId":"1A', 200, 'application/json'), 'unanswered', 'InvalidAnswer'],
    ['an answer without RequestId', json({}), 'unanswered', 'InvalidAnswer'],
    ['a JSON list', json([]), 'unanswered', 'InvalidAnswer'],
    ['a redirection', json({ RequestId }, 302), 'unanswered', 'InvalidAnswer'],
    ['an error without a code', json({}, 500), 'unanswered', 'InvalidAnswer'],
    ['an internal error', apiFault(500, 'InternalError'), 'unavailable', 'InternalError'],
    ['an unknown error', apiFault(500, 'UnknownError'), 'unavailable', 'UnknownError'],
    [
      'a temporary one',
      apiFault(503, 'ServiceUnavailableTemporary'),
      'unavailable',
      'ServiceUnavailableTemporary',
    ],
    ['a busy system', apiFault(400, 'SystemBusy'), 'unavailable', 'SystemBusy'],
    ['an unknown code with status 504', apiFault(504, 'Whatever.New'), 'unavailable', 'Whatever.New'],
  ] as const)(
    'does not know the outcome of a removal after %s',
    async (_description, scene, kind, apiCode) => {
      const eci = await eciThatAnswers(scene);

      const error = await failureOf(eci.untagResources(untag));

      expect(error).toMatchObject({ name: 'EciError', kind, apiCode, outcomeUnknown: true });
    },
  );

  it.each([
    ['a code in an answer with status 200', apiFault(200, 'Throttling'), 'throttled', 'Throttling'],
    ['a throttle', apiFault(400, 'Throttling.User'), 'throttled', 'Throttling.User'],
    ['a throttle with status 503', apiFault(503, 'Throttling.Api'), 'throttled', 'Throttling.Api'],
    ['a conflict', apiFault(400, 'OperationConflict'), 'busy', 'OperationConflict'],
    ['a moving state', apiFault(400, 'IncorrectStatus.Pending'), 'busy', 'IncorrectStatus.Pending'],
    ['a missing resource', apiFault(404, 'InvalidParameter.NotFound'), 'gone', 'InvalidParameter.NotFound'],
    ['a refused tag', apiFault(400, 'NoPermission.Tag'), 'rejected', 'NoPermission.Tag'],
    ['too many requests', apiFault(429, 'TooManyRequests'), 'throttled', 'TooManyRequests'],
    ['an unknown code with status 429', apiFault(429, 'Whatever.New'), 'throttled', 'Whatever.New'],
    ['a moving state with details', apiFault(403, 'IncorrectStatusDetail'), 'busy', 'IncorrectStatusDetail'],
    ['a region that is not open', apiFault(400, 'ServiceNotEnabled'), 'rejected', 'ServiceNotEnabled'],
    ['an unknown code', apiFault(400, 'Whatever.New'), 'rejected', 'Whatever.New'],
    ['a wrong key', apiFault(404, 'InvalidAccessKeyId.NotFound'), 'fatal', 'InvalidAccessKeyId.NotFound'],
  ] as const)('knows that nothing was done after %s', async (_description, scene, kind, apiCode) => {
    const eci = await eciThatAnswers(scene);

    const error = await failureOf(eci.untagResources(untag));

    expect(error).toMatchObject({ kind, apiCode, outcomeUnknown: false });
    expect(error.requestId).toBe('1A2B3C4D-0000-4000-8000-00000000000F');
  });

  it('sees a code in a listing that looks empty', async () => {
    const eci = await eciThatAnswers(json({ RequestId, Code: 'Throttling', Message: 'slow down' }));

    const error = await failureOf(eci.listResources({ region: 'cn-hangzhou', type: 'ContainerGroup' }));

    expect(error.kind).toBe('throttled');
  });

  it('tells that nothing was sent when the endpoint cannot be reached', async () => {
    const eci = await eciThatAnswers(json({ RequestId }));
    await server?.close();

    const error = await failureOf(eci.untagResources(untag));

    expect(error).toMatchObject({ kind: 'unavailable', apiCode: 'ECONNREFUSED', outcomeUnknown: false });
    expect(error.message).toContain('TAGSWEEP_ECI_ENDPOINT');
  });

  it('asks for credentials before each request, and once more when they have expired', async () => {
    server = await startScriptedServer([apiFault(400, 'InvalidSecurityToken.Expired'), json({ RequestId })]);
    const { host } = server;
    let asked = 0;
    const eci = createEciClient({
      endpointFor: () => host,
      protocol: 'http',
      credentials: async () => {
        asked += 1;
        return { accessKeyId: 'id', accessKeySecret: SECRET, securityToken: `token-${asked}` };
      },
    });

    await eci.untagResources(untag);

    expect(server.seen.map((request) => request.headers['x-acs-security-token'])).toEqual([
      'token-1',
      'token-2',
    ]);
  });

  it('ends with a fatal error when new credentials have expired too', async () => {
    const eci = await eciThatAnswers(apiFault(403, 'InvalidSecurityToken.Expired'));

    const error = await failureOf(eci.untagResources(untag));

    expect(error.kind).toBe('fatal');
    expect(server?.seen).toHaveLength(2);
  });

  it('ends with a fatal error when there are no credentials', async () => {
    server = await startScriptedServer([json({ RequestId })]);
    const { host } = server;
    const eci = createEciClient({
      endpointFor: () => host,
      protocol: 'http',
      credentials: async () => Promise.reject(new Error('No credentials: set them.')),
    });

    const error = await failureOf(eci.describeRegions());

    expect(error).toMatchObject({ kind: 'fatal', apiCode: 'InvalidCredentials' });
    expect(error.message).toContain('No credentials: set them.');
    expect(server.seen).toEqual([]);
  });

  it.each([
    ['a reset', reset],
    ['silence', hang],
    ['a page', text('<html>', 503)],
    [
      'a refused signature that repeats the request',
      apiFault(
        400,
        'SignatureDoesNotMatch',
        `Specified signature is not matched with our calculation. server string to sign is: ACS3-HMAC-SHA256 x-acs-security-token:${TOKEN}`,
      ),
    ],
    [
      'a refusal that repeats the credentials',
      apiFault(400, 'Whatever', `key STS.NTplanted0001 secret ${SECRET} token ${TOKEN}`),
    ],
  ])('tells neither secret nor URL after %s', async (_description, scene) => {
    const eci = await eciThatAnswers(scene);

    const error = await failureOf(eci.untagResources(untag));
    const shown = inspect(error, { depth: 10, showHidden: true });

    for (const secret of [SECRET, TOKEN, 'STS.NTplanted0001', 'http://', 'ResourceId', 'ACS3-HMAC']) {
      expect(shown).not.toContain(secret);
    }
    expect(error.message.length).toBeLessThan(500);
  });
});
