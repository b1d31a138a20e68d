import type { Region } from '../../resource.ts';

/** Where ECI answers. */
export interface EciEndpoints {
  readonly protocol: 'http' | 'https';
  /** Host, and port where one was given, for the requests of a region. */
  endpointFor(region: Region): string;
}

/** Regions whose public host is not named after them. */
const PUBLIC_EXCEPTIONS: Readonly<Record<Region, string>> = {
  'cn-shanghai-finance-1': 'eci.cn-shanghai-finance.aliyuncs.com',
  'cn-shenzhen-finance-1': 'eci.cn-shenzhen-finance.aliyuncs.com',
};

/** Regions without a host inside the VPC. */
const WITHOUT_VPC: ReadonlySet<Region> = new Set(['cn-hangzhou-finance']);

/** `https://eci.{region}.aliyuncs.com`, with the finance exceptions; the host inside the VPC where there is one. */
export function eciHost(region: Region, network: 'public' | 'vpc'): string {
  if (network === 'vpc' && !WITHOUT_VPC.has(region)) return `eci-vpc.${region}.aliyuncs.com`;
  return PUBLIC_EXCEPTIONS[region] ?? `eci.${region}.aliyuncs.com`;
}

/** The endpoints of all regions; `override` is one base URL for every region, already checked. */
export function eciEndpoints(network: 'public' | 'vpc', override?: URL): EciEndpoints {
  if (override !== undefined) {
    const host = override.host;
    return { protocol: override.protocol === 'http:' ? 'http' : 'https', endpointFor: () => host };
  }
  return { protocol: 'https', endpointFor: (region) => eciHost(region, network) };
}
