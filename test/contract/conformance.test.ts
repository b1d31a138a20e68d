import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import { startEmulator } from '../../emulator/server.ts';
import { createEciClient } from '../../lib/cloud/eci/client.ts';
import { eciEndpoints } from '../../lib/cloud/eci/endpoints.ts';
import { createCloud } from '../simulation/cloud.ts';
import { aResource } from '../support/builders.ts';
import { fakeEci } from '../support/fake-eci.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { differencesTable, findDifferences, OWN, VALUE } from './facts.ts';
import { realSubject } from './real.ts';

const region = 'cn-hangzhou';
const tags = { [OWN.stays]: VALUE, [OWN.goes]: VALUE, env: 'dev' };
const others = Array.from({ length: 45 }, (_, n) => ({ id: `eci-${n}`, tags: { env: 'dev' } }));
const fleet = [...others, { id: 'eci-own', tags }];
const pause = async () => undefined;

async function onEmulator(behavior: Parameters<typeof startEmulator>[0] = {}) {
  const emulator = await startEmulator({
    ...behavior,
    fleet: fleet.map((one) => ({ ...one, type: 'ContainerGroup', region })),
  });
  try {
    const eci = createEciClient({
      ...eciEndpoints('public', new URL(emulator.url)),
      credentials: async () => DEFAULT_IDENTITY,
    });
    return await findDifferences({ eci, region, id: 'eci-own', pause });
  } finally {
    await emulator.close();
  }
}

describe('what is relied upon', () => {
  it('holds of the emulator, over HTTP', async () => {
    expect(await onEmulator()).toEqual([]);
  });

  it('holds of the fake of unit tests, which keeps no client tokens and passes over ids that are gone', async () => {
    const eci = fakeEci({ resources: fleet.map((one) => aResource({ ...one, region })) });

    const differences = await findDifferences({ eci, region, id: 'eci-own', pause });

    expect(differences.map(({ seen }) => seen)).toEqual(['accepted accepted', `accepted ${OWN.stays}`]);
  });

  it('holds of the cloud of the simulation, which takes a token for whatever it is sent with', async () => {
    const clock = virtualClock();
    const { api } = createCloud(
      fleet.map((one) => aResource({ ...one, region })),
      { clock, chance: () => 0.5 },
    );

    const differences = await findDifferences({
      eci: api,
      region,
      id: 'eci-own',
      pause: () => clock.sleep(1000),
    });

    expect(differences.map(({ seen }) => seen)).toEqual(['accepted accepted']);
  });

  it('is asked of a group that is made in the account, and taken away again', async () => {
    const emulator = await startEmulator({ behavior: { groupPendingMs: 50 } });
    const { accessKeyId, accessKeySecret } = DEFAULT_IDENTITY;
    const subject = await realSubject({
      TAGSWEEP_REGION: region,
      TAGSWEEP_ECI_ENDPOINT: emulator.url,
      TAGSWEEP_VSWITCH: 'vsw-1',
      TAGSWEEP_SECURITY_GROUP: 'sg-1',
      ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
    });

    const differences = await findDifferences(subject);
    await subject.close();

    expect(differences).toEqual([]);
    expect(emulator.state.shelf(region, 'ContainerGroup')).toEqual([]);
    await emulator.close();
  });

  it.each([
    { behavior: { untagTakes: 'everything' as const }, fact: 'a removal takes the named key and no other' },
    { behavior: { filters: 'nothing' as const }, fact: 'a list by one of its keys finds it' },
    { behavior: { statusList: 'podsOnly' as const }, fact: 'the status list names it' },
    { behavior: { absentKey: 'refuse' as const }, fact: 'a removal takes the named key and no other' },
    { behavior: { untag: 'partial' as const }, fact: 'a removal that names an id which does not exist' },
  ])('is told as a table where a service differs: $behavior', async ({ behavior, fact }) => {
    const table = differencesTable(await onEmulator({ behavior }));

    expect(table).toContain(`| ${fact}`);
  });
});

/** With keys, a region and a network of one's own: `TAGSWEEP_CONFORMANCE=real`; see docs/doctor.md. */
describe.runIf(process.env.TAGSWEEP_CONFORMANCE === 'real')('what is relied upon, of a real account', () => {
  it('is compared, and the differences are printed as a table', async () => {
    const subject = await realSubject(process.env);
    try {
      process.stdout.write(`${differencesTable(await findDifferences(subject))}\n`);
    } finally {
      await subject.close();
    }
  }, 600_000);
});
