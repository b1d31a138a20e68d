import { describe, expect, it } from 'vitest';
import { KNOWN_CODES, statusOf } from '../../emulator/errors.ts';
import { generateFleet, parseFleet } from '../../emulator/fleet.ts';
import { createQuotas } from '../../emulator/quotas.ts';
import { useEmulator } from './support/running.ts';

const start = useEmulator();
const REGION = { RegionId: 'cn-hangzhou' };
const GROUPS = { ...REGION, ResourceType: 'ContainerGroup' };
const many = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

describe('UntagResources', () => {
  it.each([
    {
      fault: 'no region',
      parameters: { ResourceType: 'ContainerGroup', ResourceId: ['eci-1'], TagKey: ['a'] },
      code: 'MissingParameter',
    },
    {
      fault: 'an unknown region',
      parameters: { ...GROUPS, RegionId: 'xx-nowhere', ResourceId: ['eci-1'], TagKey: ['a'] },
      code: 'InvalidRegionId.NotFound',
    },
    {
      fault: 'no type',
      parameters: { ...REGION, ResourceId: ['eci-1'], TagKey: ['a'] },
      code: 'MissingParameter',
    },
    {
      fault: 'a type in lower case',
      parameters: { ...REGION, ResourceType: 'containergroup', ResourceId: ['eci-1'], TagKey: ['a'] },
      code: 'InvalidParameter',
    },
    { fault: 'no id', parameters: { ...GROUPS, TagKey: ['a'] }, code: 'MissingParameter' },
    {
      fault: '101 ids',
      parameters: { ...GROUPS, ResourceId: many(101, 'eci-'), TagKey: ['a'] },
      code: 'InvalidParameter',
    },
    {
      fault: '21 keys',
      parameters: { ...GROUPS, ResourceId: ['eci-1'], TagKey: many(21, 'k') },
      code: 'NumberExceed.Tags',
    },
    {
      fault: 'no key and no All',
      parameters: { ...GROUPS, ResourceId: ['eci-1'] },
      code: 'MissingParameter',
    },
    {
      fault: 'a system key',
      parameters: { ...GROUPS, ResourceId: ['eci-1'], TagKey: ['env', 'acs:tag:createdby'] },
      code: 'NoPermission.Tag',
    },
    {
      fault: 'an unknown id',
      parameters: { ...GROUPS, ResourceId: ['eci-1', 'eci-none'], TagKey: ['env'] },
      code: 'InvalidParameter.NotFound',
    },
    {
      fault: 'an id of another region',
      parameters: { ...GROUPS, RegionId: 'cn-beijing', ResourceId: ['eci-1'], TagKey: ['env'] },
      code: 'InvalidParameter.NotFound',
    },
    {
      fault: 'a token of 65 characters',
      parameters: { ...GROUPS, ResourceId: ['eci-1'], TagKey: ['env'], ClientToken: 'x'.repeat(65) },
      code: 'InvalidParameter.LengthExceeded',
    },
    {
      fault: 'a token that is not ASCII',
      parameters: { ...GROUPS, ResourceId: ['eci-1'], TagKey: ['env'], ClientToken: 'ü' },
      code: 'InvalidParameter',
    },
  ])('refuses $fault with $code, and changes nothing', async ({ parameters, code }) => {
    const emulator = await start();

    const answer = await emulator.call('UntagResources', parameters);

    expect(answer).toMatchObject({ code, status: statusOf(code) });
    expect(emulator.tagsOf('eci-1')).toEqual({ env: 'dev', 'ci-run': '0' });
    expect(emulator.counters.writes).toMatchObject([{ code, applied: false }]);
  });

  it('takes away everything but system tags with All, and counts that it was asked to', async () => {
    const emulator = await start();
    emulator.state.setTags({ region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-1' }, { 'acs:x': '1' });

    await emulator.call('UntagResources', { ...GROUPS, ResourceId: ['eci-1'], All: true });

    expect(emulator.tagsOf('eci-1')).toEqual({ 'acs:x': '1' });
    expect(emulator.counters).toMatchObject({ untagWithAll: 1, untagWithoutKeys: 1 });
  });

  it('changes the resources before an unknown one where it is partial', async () => {
    const emulator = await start({ behavior: { untag: 'partial' } });

    const answer = await emulator.call('UntagResources', {
      ...GROUPS,
      ResourceId: ['eci-1', 'eci-none', 'eci-2'],
      TagKey: ['env'],
    });

    expect(answer.code).toBe('InvalidParameter.NotFound');
    expect([emulator.tagsOf('eci-1'), emulator.tagsOf('eci-2')]).toEqual([
      { 'ci-run': '0' },
      { env: 'test', 'ci-run': '1' },
    ]);
  });

  it('passes over unknown ids where it ignores them', async () => {
    const emulator = await start({ behavior: { unknownId: 'ignore' } });

    const answer = await emulator.call('UntagResources', {
      ...GROUPS,
      ResourceId: ['eci-none', 'eci-1'],
      TagKey: ['env'],
    });

    expect(answer.status).toBe(200);
    expect(emulator.tagsOf('eci-1')).toEqual({ 'ci-run': '0' });
  });

  it('gives the first answer again for the same token, and refuses it for another question', async () => {
    const emulator = await start();
    const call = (key: string) =>
      emulator.call('UntagResources', { ...GROUPS, ResourceId: ['eci-1'], TagKey: [key], ClientToken: 't' });

    const first = await call('env');
    emulator.state.setTags({ region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-1' }, { env: 'again' });
    const second = await call('env');
    const other = await call('ci-run');

    expect(second.body).toEqual(first.body);
    expect(other.code).toBe('IdempotentParameterMismatch');
    expect(emulator.tagsOf('eci-1')).toEqual({ env: 'again', 'ci-run': '0' });
    expect(emulator.counters.writes.map(({ replayed }) => replayed)).toEqual([false, true, false]);
  });

  it('refuses a denied identity with its own code, while lists look empty', async () => {
    const emulator = await start({
      identities: [
        {
          accountId: '1',
          accessKeyId: 'emulator-key-id',
          accessKeySecret: 'emulator-key-secret',
          denies: ['*'],
        },
      ],
    });

    const untag = await emulator.call('UntagResources', {
      ...GROUPS,
      ResourceId: ['eci-1'],
      TagKey: ['env'],
    });
    const list = await emulator.call('DescribeContainerGroups', REGION);

    expect(untag.code).toBe('NoPermission.Tag');
    expect(list.body).toMatchObject({ ContainerGroups: [], NextToken: '' });
  });
});

describe('lists', () => {
  it('gives every resource once however short the pages', async () => {
    const emulator = await start({ behavior: { pages: 'short' } });
    const ids: string[] = [];
    let token = '';
    do {
      const page = await emulator.call('DescribeContainerGroups', {
        ...REGION,
        ...(token === '' ? {} : { NextToken: token }),
      });
      ids.push(
        ...page.body.ContainerGroups.map((group: { ContainerGroupId: string }) => group.ContainerGroupId),
      );
      token = page.body.NextToken;
    } while (token !== '');

    expect(ids).toEqual(many(45, 'eci-'));
  });

  it.each([
    { fault: 'an unknown token', parameters: { NextToken: 'made-up' }, code: 'InvalidParameter' },
    { fault: 'a page of 21', parameters: { Limit: 21 }, code: 'InvalidParameter' },
    { fault: 'ids that are no JSON', parameters: { ContainerGroupIds: '[eci-1' }, code: 'InvalidParameter' },
    {
      fault: '21 ids',
      parameters: { ContainerGroupIds: JSON.stringify(many(21, 'eci-')) },
      code: 'InvalidParameter',
    },
    {
      fault: '11 tag filters',
      parameters: Object.fromEntries(many(11, 'Tag.').map((name) => [`${name}.Key`, name])),
      code: 'NumberExceed.Tags',
    },
  ])('refuses $fault', async ({ parameters, code }) => {
    const emulator = await start();

    expect((await emulator.call('DescribeContainerGroups', { ...REGION, ...parameters })).code).toBe(code);
  });

  it.each([
    { filter: 'a key', parameters: { 'Tag.1.Key': 'env' }, count: 45 },
    { filter: 'a key and its value', parameters: { 'Tag.1.Key': 'env', 'Tag.1.Value': 'dev' }, count: 23 },
    {
      filter: 'two tags, joined by and',
      parameters: { 'Tag.1.Key': 'env', 'Tag.1.Value': 'dev', 'Tag.2.Key': 'ci-run', 'Tag.2.Value': '1' },
      count: 0,
    },
    { filter: 'ids', parameters: { ContainerGroupIds: '["eci-3","eci-none"]' }, count: 1 },
    { filter: 'a resource group that is not there', parameters: { ResourceGroupId: 'rg-none' }, count: 0 },
    { filter: 'a status', parameters: { Status: 'Pending' }, count: 0 },
  ])('filters by $filter', async ({ parameters, count }) => {
    const emulator = await start();

    expect(
      (await emulator.call('DescribeContainerGroups', { ...REGION, ...parameters })).body.TotalCount,
    ).toBe(count);
  });
});

describe('faults', () => {
  it.each(KNOWN_CODES)('answers %s as the API would, without doing anything', async (code) => {
    const emulator = await start({
      faults: [{ api: 'UntagResources', calls: [1], fault: { kind: 'error', code } }],
    });

    const answer = await emulator.call('UntagResources', {
      ...GROUPS,
      ResourceId: ['eci-1'],
      TagKey: ['env'],
    });

    expect(answer).toMatchObject({ code, status: statusOf(code) });
    expect(emulator.tagsOf('eci-1')).toMatchObject({ env: 'dev' });
  });

  it.each([
    { applied: false, tags: { env: 'dev', 'ci-run': '0' } },
    { applied: true, tags: { 'ci-run': '0' } },
  ])('resets the connection, with the change applied: $applied', async ({ applied, tags }) => {
    const emulator = await start({ faults: [{ fault: { kind: 'reset', applied } }] });

    await expect(
      emulator.call('UntagResources', { ...GROUPS, ResourceId: ['eci-1'], TagKey: ['env'] }),
    ).rejects.toThrow();

    expect(emulator.tagsOf('eci-1')).toEqual(tags);
  });

  it.each([
    { fault: { kind: 'html' }, status: 503, text: /^<html>/ },
    { fault: { kind: 'empty' }, status: 502, text: /^$/ },
    { fault: { kind: 'truncated' }, status: 200, text: /^\{[^}]*$/ },
    { fault: { kind: 'code-in-ok', code: 'Throttling' }, status: 200, text: /"Code":"Throttling"/ },
    { fault: { kind: 'trickle', bytes: 200, everyMs: 1 }, status: 200, text: /"Regions"/ },
  ] as const)('sends $fault.kind', async ({ fault, status, text }) => {
    const emulator = await start({ faults: [{ fault }] });

    const answer = await emulator.call('DescribeRegions');

    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(text);
  });

  it('never answers where it hangs, and still closes', async () => {
    const emulator = await start({ faults: [{ fault: { kind: 'hang' } }] });

    await expect(emulator.call('DescribeRegions', {}, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
  });
});

describe('quotas', () => {
  it('refuses with Throttling.User what passes the quota of one API, and counts it', async () => {
    const emulator = await start({ quotas: { perWindow: { DescribeRegions: 2 }, shape: 'sliding' } });

    const codes = [];
    for (let call = 0; call < 3; call += 1) codes.push((await emulator.call('DescribeRegions')).code);

    expect(codes).toEqual([undefined, undefined, 'Throttling.User']);
    expect(emulator.counters.of('DescribeRegions')).toMatchObject({
      requests: 3,
      throttled: 1,
      peakPerMinute: 3,
    });
  });

  it.each([
    { shape: 'fixed', times: [0, 59_000, 59_500, 60_000], admitted: [true, true, false, true] },
    { shape: 'sliding', times: [0, 59_000, 59_999, 60_000], admitted: [true, true, false, true] },
    { shape: 'bucket', times: [0, 0, 29_999, 30_000], admitted: [true, true, false, true] },
  ] as const)('has a $shape window', ({ shape, times, admitted }) => {
    const quotas = createQuotas({ perWindow: { A: 2 }, shape, burst: 2, countRefused: false });

    expect(times.map((atMs) => quotas.admit('1', 'cn-hangzhou', 'A', atMs))).toEqual(admitted);
  });
});

describe('fleets', () => {
  const options = {
    seed: 7,
    resources: 500,
    regions: ['cn-hangzhou', 'cn-beijing'],
    nowMs: Date.parse('2026-06-01T00:00:00Z'),
  };

  it('are the same for the same seed, differ for another, and are valid', () => {
    const fleet = generateFleet(options);

    expect(generateFleet(options)).toEqual(fleet);
    expect(generateFleet({ ...options, seed: 8 })).not.toEqual(fleet);
    expect(parseFleet(JSON.stringify({ resources: fleet }), 'fleet.json')).toEqual(fleet);
    expect(new Set(fleet.map(({ type }) => type)).size).toBe(4);
  });

  it.each([
    { text: '[', fault: /not JSON/ },
    {
      text: '{"resources":[{"id":"a","type":"Pod","region":"cn-hangzhou"}]}',
      fault: /resources\[0\]\.type: a type is one of/,
    },
    {
      text: '{"resources":[{"id":"a","type":"ImageCache","region":"cn-hangzhou","label":1}]}',
      fault: /label/,
    },
    {
      text: '{"resources":[{"id":"a","type":"ImageCache","region":"cn-hangzhou","status":"Running"}]}',
      fault: /has no status Running/,
    },
  ])('are refused with what is wrong: $fault', ({ text, fault }) => {
    expect(() => parseFleet(text, 'fleet.json')).toThrow(fault);
  });
});
