import { describe, expect, it } from 'vitest';
import { findResource } from '../../../lib/run/find-resource.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { anEciError, fakeEci } from '../../support/fake-eci.ts';

const GROUP = aResource({ id: 'eci-1', tags: { env: 'dev' } });
const CACHE = aResource({ id: 'imc-1', type: 'ImageCache', region: 'cn-beijing' });
const both = () => fakeEci({ resources: [GROUP, CACHE] });
const inHangzhou = aPolicy({
  scope: { regions: ['cn-hangzhou'], resourceTypes: ['DataCache', 'ImageCache'] },
});

describe('findResource', () => {
  it('asks one list where the name tells region and type', async () => {
    const eci = both();

    expect(
      await findResource(eci, { id: 'imc-1', region: 'cn-beijing', type: 'ImageCache' }, aPolicy()),
    ).toEqual(CACHE);
    expect(eci.calls).toEqual([
      { api: 'DescribeImageCaches', query: { region: 'cn-beijing', type: 'ImageCache', ids: ['imc-1'] } },
    ]);
  });

  it('looks in every region of the account where the policy means all', async () => {
    const eci = both();

    expect(await findResource(eci, { id: 'imc-1' }, aPolicy())).toEqual(CACHE);
    expect(eci.calls.map((call) => call.api)).toEqual([
      'DescribeRegions',
      'DescribeImageCaches',
      'DescribeImageCaches',
    ]);
  });

  it('looks in the regions of the policy alone', async () => {
    const eci = both();

    expect(await findResource(eci, { id: 'imc-1' }, inHangzhou)).toBeUndefined();
    expect(eci.count('DescribeRegions')).toBe(0);
  });

  it('looks through the types of the policy where the id does not tell', async () => {
    const cache = aResource({ id: 'unusual', type: 'ImageCache' });
    const eci = fakeEci({ resources: [cache] });

    expect(await findResource(eci, { id: 'unusual' }, inHangzhou)).toEqual(cache);
    expect(eci.calls.map((call) => call.api)).toEqual([
      'DescribeDataCaches',
      // A data cache of another bucket is not in its list: its tags would tell of it.
      'ListTagResources',
      'DescribeImageCaches',
    ]);
  });

  it('goes on past pages that are empty', async () => {
    const eci = fakeEci({ resources: [GROUP], pageSize: (most, call) => (call < 3 ? 0 : most) });

    expect(await findResource(eci, { id: 'eci-1', region: 'cn-hangzhou' }, aPolicy())).toEqual(GROUP);
    expect(eci.calls).toHaveLength(3);
  });

  it('does not take another resource for the one that was asked for', async () => {
    const listResources = async () => ({ items: [GROUP] });
    const eci = { ...both(), listResources };

    expect(await findResource(eci, { id: 'eci-2', region: 'cn-hangzhou' }, aPolicy())).toBeUndefined();
  });

  it('throws what a list that cannot be read threw', async () => {
    const error = anEciError();
    const eci = fakeEci({
      resources: [GROUP],
      onCall: () => {
        throw error;
      },
    });

    await expect(findResource(eci, { id: 'eci-1', region: 'cn-hangzhou' }, aPolicy())).rejects.toBe(error);
  });
});
