/** Published quotas per 60 seconds; those of the three unlisted lists are assumed. */
export const PUBLISHED_QUOTAS: Readonly<Record<string, number>> = {
  UntagResources: 1000,
  TagResources: 1000,
  ListTagResources: 1000,
  DescribeContainerGroups: 2000,
  DescribeContainerGroupStatus: 10_000,
  DescribeContainerGroupEvents: 10_000,
  DescribeRegions: 10_000,
  DescribeImageCaches: 200,
  DescribeDataCaches: 200,
  DescribeVirtualNodes: 200,
  CreateContainerGroup: 1000,
  DeleteContainerGroup: 1000,
  CreateImageCache: 200,
};

/** Assumed for every API without a figure. */
const UNLISTED_QUOTA = 200;

export interface QuotaOptions {
  /** Calls per window and API, instead of the published ones. */
  readonly perWindow?: Readonly<Record<string, number>>;
  /** Multiplies every quota; default 1. */
  readonly scale?: number;
  /** Default 60,000. */
  readonly windowMs?: number;
  /**
   * `fixed`: windows begin at whole multiples of their length. `sliding`: counts back from each call.
   * `bucket`: fills evenly, and holds `burst`. Default `fixed`.
   */
  readonly shape?: 'fixed' | 'sliding' | 'bucket';
  /** Calls that a full bucket admits at once; default a tenth of the quota, at least 1. */
  readonly burst?: number;
  /** Whether refused calls use up the quota too (`fixed` and `sliding`); default true. */
  readonly countRefused?: boolean;
}

/** Says whether one more call is within the quota, and counts it. */
export interface Quotas {
  admit(accountId: string, region: string, api: string, nowMs: number): boolean;
  /** Changes the rules from now on; what was counted is forgotten. */
  configure(options: QuotaOptions): void;
}

type Meter = (nowMs: number) => boolean;

/** Counts per account, region and API. */
export function createQuotas(initial: QuotaOptions = {}): Quotas {
  let options = initial;
  const meters = new Map<string, Meter>();
  return {
    admit(accountId, region, api, nowMs) {
      const key = `${accountId} ${region} ${api}`;
      const meter = meters.get(key) ?? createMeter(api, options);
      meters.set(key, meter);
      return meter(nowMs);
    },
    configure(next) {
      options = next;
      meters.clear();
    },
  };
}

function createMeter(api: string, options: QuotaOptions): Meter {
  const published = options.perWindow?.[api] ?? PUBLISHED_QUOTAS[api] ?? UNLISTED_QUOTA;
  const quota = published * (options.scale ?? 1);
  const windowMs = options.windowMs ?? 60_000;
  const countRefused = options.countRefused ?? true;
  if (options.shape === 'bucket') {
    return bucketMeter(quota / windowMs, options.burst ?? Math.max(1, quota / 10));
  }
  if (options.shape === 'sliding') return slidingMeter(quota, windowMs, countRefused);
  return fixedMeter(quota, windowMs, countRefused);
}

function fixedMeter(quota: number, windowMs: number, countRefused: boolean): Meter {
  let window = Number.NaN;
  let used = 0;
  return (nowMs) => {
    const current = Math.floor(nowMs / windowMs);
    if (current !== window) {
      window = current;
      used = 0;
    }
    const admitted = used + 1 <= quota;
    if (admitted || countRefused) used += 1;
    return admitted;
  };
}

function slidingMeter(quota: number, windowMs: number, countRefused: boolean): Meter {
  let times: number[] = [];
  let first = 0;
  return (nowMs) => {
    while ((times[first] ?? Number.POSITIVE_INFINITY) <= nowMs - windowMs) first += 1;
    if (first > 10_000) {
      times = times.slice(first);
      first = 0;
    }
    const admitted = times.length - first + 1 <= quota;
    if (admitted || countRefused) times.push(nowMs);
    return admitted;
  };
}

function bucketMeter(perMs: number, burst: number): Meter {
  let level = burst;
  let atMs: number | undefined;
  return (nowMs) => {
    if (atMs !== undefined) level = Math.min(burst, level + Math.max(0, nowMs - atMs) * perMs);
    atMs = nowMs;
    if (level < 1) return false;
    level -= 1;
    return true;
  };
}
