import { describe, expect, it } from 'vitest';
import { eciEndpoints, eciHost } from '../../../../lib/cloud/eci/endpoints.ts';

describe('eciHost', () => {
  it.each([
    ['cn-hangzhou', 'public', 'eci.cn-hangzhou.aliyuncs.com'],
    ['cn-hangzhou', 'vpc', 'eci-vpc.cn-hangzhou.aliyuncs.com'],
    ['cn-beijing-finance-1', 'public', 'eci.cn-beijing-finance-1.aliyuncs.com'],
    ['cn-shanghai-finance-1', 'public', 'eci.cn-shanghai-finance.aliyuncs.com'],
    ['cn-shanghai-finance-1', 'vpc', 'eci-vpc.cn-shanghai-finance-1.aliyuncs.com'],
    ['cn-shenzhen-finance-1', 'public', 'eci.cn-shenzhen-finance.aliyuncs.com'],
    ['cn-hangzhou-finance', 'vpc', 'eci.cn-hangzhou-finance.aliyuncs.com'],
  ] as const)('of %s on the %s network is %s', (region, network, host) => {
    expect(eciHost(region, network)).toBe(host);
  });
});

describe('eciEndpoints', () => {
  it('uses one override for every region', () => {
    const endpoints = eciEndpoints('vpc', new URL('http://127.0.0.1:18080'));

    expect(endpoints.protocol).toBe('http');
    expect(endpoints.endpointFor('cn-hangzhou')).toBe('127.0.0.1:18080');
    expect(endpoints.endpointFor('us-east-1')).toBe('127.0.0.1:18080');
  });

  it('speaks https to the cloud', () => {
    expect(eciEndpoints('public').protocol).toBe('https');
  });
});
