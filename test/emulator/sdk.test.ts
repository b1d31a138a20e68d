import { afterEach, describe, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { aFleet } from './support/fleet.ts';
import { callTagApi, connectSdk, listAll } from './support/sdk.ts';

let emulator: Emulator | undefined;

afterEach(async () => {
  expect(emulator?.failures ?? []).toEqual([]);
  await emulator?.close();
  emulator = undefined;
});

describe('the unmodified SDK', () => {
  it('lists all four types, page by page', async () => {
    emulator = await startEmulator({ fleet: aFleet() });

    const lists = await listAll(connectSdk(emulator.url), 'cn-hangzhou');

    expect(lists).toEqual({ ContainerGroup: 45, ImageCache: 3, DataCache: 3, VirtualNode: 3 });
  });

  it('removes tags through the generic call', async () => {
    emulator = await startEmulator({ fleet: aFleet() });

    const answer = await callTagApi(connectSdk(emulator.url), 'UntagResources', {
      RegionId: 'cn-hangzhou',
      ResourceType: 'ContainerGroup',
      ResourceId: ['eci-1', 'eci-2'],
      TagKey: ['ci-run', 'never-there'],
      ClientToken: 'token-1',
    });

    expect(answer.body).toEqual({ RequestId: expect.stringMatching(/^[0-9A-F-]{36}$/) });
    const left = emulator.state.get({ region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-1' });
    expect([...(left?.tags.keys() ?? [])]).toEqual(['env']);
    expect(emulator.counters.writes).toMatchObject([{ code: 'OK', applied: true, clientToken: 'token-1' }]);
  });
});
