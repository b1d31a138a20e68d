import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { createEciClient } from '../../lib/cloud/eci/client.ts';

const { accessKeyId, accessKeySecret } = DEFAULT_IDENTITY;
const KEYS = Array.from({ length: 20 }, (_, at) => `${'键'.repeat(100)}${at}`);

let emulator: Emulator;
afterEach(() => emulator.close());

async function connected(options: { readonly formBody?: boolean; readonly homeRegion?: string }) {
  emulator = await startEmulator({
    fleet: [
      {
        id: 'eci-1',
        type: 'ContainerGroup',
        region: 'cn-hangzhou',
        tags: Object.fromEntries([...KEYS.slice(0, 3), 'team'].map((key) => [key, '1'])),
      },
    ],
    behavior: { maxTargetBytes: 8192 },
  });
  const asked: string[] = [];
  const eci = createEciClient({
    endpointFor: (region) => {
      asked.push(region);
      return new URL(emulator.url).host;
    },
    protocol: 'http',
    credentials: async () => ({ accessKeyId, accessKeySecret }),
    ...options,
  });
  return { eci, asked };
}

const PLACE = { region: 'cn-hangzhou', type: 'ContainerGroup', ids: ['eci-1'] } as const;

describe('createEciClient', () => {
  it('sends changes as signed form parameters where it is told to, however long the keys', async () => {
    const { eci } = await connected({ formBody: true });

    await eci.untagResources({ ...PLACE, keys: KEYS, clientToken: 'a' });
    await eci.tagResources({ ...PLACE, tags: [{ key: 'new', value: 'x y+z' }] });

    expect(Object.fromEntries(emulator.state.get({ ...PLACE, id: 'eci-1' })!.tags)).toEqual({
      team: '1',
      new: 'x y+z',
    });
    expect(emulator.counters.writes.map(({ targetBytes }) => targetBytes)).toEqual([1, 1]);
    expect(emulator.counters.writes[0]).toMatchObject({ tagKeys: KEYS, clientToken: 'a', code: 'OK' });
  });

  it('sends them in the URL otherwise', async () => {
    const { eci } = await connected({});

    await eci.untagResources({ ...PLACE, keys: ['team'], clientToken: 'a' });

    expect(emulator.counters.writes[0]!.targetBytes).toBeGreaterThan(50);
    await expect(eci.untagResources({ ...PLACE, keys: KEYS, clientToken: 'b' })).rejects.toThrow();
  });

  it('asks its own region for the list of regions', async () => {
    const { eci, asked } = await connected({ homeRegion: 'cn-beijing' });

    await eci.describeRegions();

    expect(asked).toEqual(['cn-beijing']);
  });
});
