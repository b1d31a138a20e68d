import { describe, expect, it } from 'vitest';
import { checkEndpoints } from '../../../lib/doctor/endpoints-check.ts';

const hostOf = (region: string, network: 'public' | 'vpc') => `${network}.${region}`;

async function check(network: 'public' | 'vpc', found: readonly string[]) {
  const resolves = async (host: string) => found.includes(host);
  return await checkEndpoints({ regions: ['cn-hangzhou'], hostOf, network, resolves });
}

describe('checkEndpoints', () => {
  it('passes where the host of the chosen network resolves', async () => {
    expect(await check('public', ['public.cn-hangzhou'])).toMatchObject([{ status: 'passed' }]);
  });

  it('names the other network where only its host resolves', async () => {
    const [finding] = await check('vpc', ['public.cn-hangzhou']);

    expect(finding).toMatchObject({ status: 'failed', region: 'cn-hangzhou' });
    expect(finding?.todo).toContain('TAGSWEEP_ECI_NETWORK=public');
  });

  it('asks for the region and the way out where neither does', async () => {
    const [finding] = await check('public', []);

    expect(finding?.todo).toContain('Is cn-hangzhou a region of ECI');
  });
});
