import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { createEciClient as CreateEciClient } from '../../lib/cloud/eci/client.ts';
import type { EciApi } from '../../lib/ports.ts';
import { RESOURCE_TYPES } from '../../lib/resource.ts';
import { functionOptions } from '../../scripts/bundle-options.mjs';
import { json, startScriptedServer, text } from '../support/scripted-server.ts';

const RequestId = '1A2B3C4D-0000-4000-8000-000000000001';
let folder: string;
let createEciClient: typeof CreateEciClient;
let metafile: Metafile;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tagsweep-bundle-'));
  const outfile = join(folder, 'client.cjs');
  const built = await build({
    ...functionOptions,
    entryPoints: ['lib/cloud/eci/client.ts'],
    outfile,
    metafile: true,
  });
  metafile = built.metafile as Metafile;
  ({ createEciClient } = createRequire(import.meta.url)(outfile));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function withEci<T>(
  scenes: Parameters<typeof startScriptedServer>[0],
  use: (eci: EciApi) => Promise<T>,
) {
  const server = await startScriptedServer(scenes);
  try {
    const eci = createEciClient({
      endpointFor: () => server.host,
      protocol: 'http',
      credentials: async () => ({ accessKeyId: 'id', accessKeySecret: 'secret' }),
    });
    return { result: await use(eci), actions: server.seen.map((request) => request.action) };
  } finally {
    await server.close();
  }
}

describe('the bundled ECI client', () => {
  it('still has every operation that a run can call', async () => {
    const region = 'cn-hangzhou';
    const { actions } = await withEci([json({ RequestId })], async (eci) => {
      await eci.describeRegions();
      for (const type of RESOURCE_TYPES) await eci.listResources({ region, type });
      await eci.listContainerGroupStatus({ region });
      await eci.listTagResources({ region, type: 'DataCache' });
      await eci.untagResources({ region, type: 'DataCache', ids: ['a'], keys: ['b'], clientToken: 'c' });
      await eci.tagResources({ region, type: 'DataCache', ids: ['a'], tags: [{ key: 'b', value: 'c' }] });
    });

    expect(actions).toEqual([
      'DescribeRegions',
      'DescribeContainerGroups',
      'DescribeImageCaches',
      'DescribeDataCaches',
      'DescribeVirtualNodes',
      'DescribeContainerGroupStatus',
      'ListTagResources',
      'UntagResources',
      'TagResources',
    ]);
  });

  it('still reads the models of a listing', async () => {
    const { result } = await withEci(
      [
        json({
          RequestId,
          DataCaches: [{ DataCacheId: 'edc-1', Name: 'a', Tags: [{ Key: 'k', Value: 'v' }] }],
        }),
      ],
      (eci) => eci.listResources({ region: 'cn-hangzhou', type: 'DataCache' }),
    );

    expect(result.items).toEqual([
      { region: 'cn-hangzhou', type: 'DataCache', id: 'edc-1', name: 'a', tags: [{ key: 'k', value: 'v' }] },
    ]);
  });

  it('still reads an error that is sent as XML', async () => {
    const xml = `<?xml version="1.0"?><Error><RequestId>${RequestId}</RequestId><Code>Throttling.User</Code><Message>a &amp; b</Message></Error>`;
    const { result } = await withEci([text(xml, 400, 'text/xml;charset=utf-8')], (eci) =>
      eci.describeRegions().catch((error: unknown) => error),
    );

    expect(result).toMatchObject({ kind: 'throttled', apiCode: 'Throttling.User', requestId: RequestId });
    expect(String(result)).toContain('a & b');
  });

  it('holds nothing of what it never needs', () => {
    const inputs = Object.keys(metafile.inputs).join('\n');

    for (const left of [
      'lodash',
      'moment',
      'xml2js',
      'xmlbuilder',
      '/ws/',
      'socks',
      '@alicloud/credentials/',
      'debug/',
    ]) {
      expect(inputs).not.toContain(`node_modules/${left.replace(/^\//, '')}`);
    }
    const [output] = Object.values(metafile.outputs);
    expect(output?.bytes).toBeLessThan(160_000);
  });
});

describe('the client of Function Compute that the runtime ships', () => {
  it('is found by the bundle where only require looks', async () => {
    const outfile = join(folder, 'code', 'fc2.cjs');
    await build({ ...functionOptions, entryPoints: ['lib/cloud/fc/fc2-transport.ts'], outfile });
    const shipped = join(folder, 'shipped', '@alicloud', 'fc2');
    await mkdir(shipped, { recursive: true });
    await writeFile(
      join(shipped, 'index.js'),
      'module.exports = class { async post() { return { data: Buffer.from("sent"), headers: {} }; } };',
    );

    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        '-e',
        `require(process.argv[1])
          .createFc2Transport(async () => ({ accessKeyId: 'id', accessKeySecret: 'secret' }))
          .send({ functionName: 'f', accountId: '1', region: 'r', endpoint: 'https://e', qualifier: 'q' },
            { payload: Buffer.from('{}'), async: false, timeoutMs: 1000 })
          .then(({ body }) => console.log(String(body)));`,
        outfile,
      ],
      { env: { NODE_PATH: join(folder, 'shipped') }, encoding: 'utf8' },
    );

    expect({ stdout, stderr }).toEqual({ stdout: 'sent\n', stderr: '' });
  });
});
