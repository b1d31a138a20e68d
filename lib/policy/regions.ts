import type { Region } from '../resource.ts';
import type { Fault } from './issue.ts';
import { nearest } from './suggest.ts';

/** The regions in which ECI is offered, as its documentation lists them. */
export const KNOWN_REGIONS: readonly Region[] = [
  ...['cn-qingdao', 'cn-beijing', 'cn-zhangjiakou', 'cn-huhehaote', 'cn-wulanchabu', 'cn-hangzhou'],
  ...['cn-shanghai', 'cn-nanjing', 'cn-fuzhou', 'cn-shenzhen', 'cn-heyuan', 'cn-guangzhou', 'cn-chengdu'],
  ...['cn-wuhan-lr', 'cn-zhengzhou-jva', 'cn-hongkong'],
  ...['ap-northeast-1', 'ap-northeast-2', 'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3'],
  ...['ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ap-south-1'],
  ...['us-east-1', 'us-west-1', 'eu-central-1', 'eu-west-1', 'me-east-1', 'me-central-1'],
  ...['cn-beijing-finance-1', 'cn-hangzhou-finance', 'cn-shanghai-finance-1', 'cn-shenzhen-finance-1'],
];

/** What to do with a region that is newer than this version. */
const NEWER = 'is it newer than this version? Name it by --offline-regions, or in TAGSWEEP_OFFLINE_REGIONS';

/**
 * Why a region id cannot be meant: no list knows it. Asked before any call, since its host would not exist.
 *
 * @param newer regions that are taken for known, too.
 */
export function regionFault(
  region: Region,
  newer: readonly Region[] = [],
): { readonly message: string; readonly suggestion?: Region } | undefined {
  const known = [...KNOWN_REGIONS, ...newer];
  if (known.includes(region)) return undefined;
  const suggestion = nearest(region, known);
  return suggestion === undefined
    ? { message: `is a region that no list knows: ${NEWER}` }
    : { message: 'is a region that no list knows', suggestion };
}

/** The regions of a document's scope that no list knows; what is no region id at all is the schema's to say. */
export function unknownRegionFaults(document: unknown, newer: readonly Region[]): readonly Fault[] {
  const { scope } = (document ?? {}) as { scope?: { regions?: unknown } };
  const regions: unknown = scope?.regions;
  if (!Array.isArray(regions)) return [];
  return regions.flatMap((region: unknown, index): readonly Fault[] => {
    const fault = typeof region === 'string' ? regionFault(region, newer) : undefined;
    return fault === undefined ? [] : [{ path: ['scope', 'regions', index], ...fault }];
  });
}
