import type { ApiName } from '../ports.ts';

/** What was sent: each try counts. */
export interface CallCounts {
  readonly list: number;
  readonly untag: number;
  readonly tag: number;
  readonly retries: number;
  readonly throttled: number;
  /** The same by API; an API that was not called is left out. */
  readonly byApi: Readonly<Partial<Record<ApiName, number>>>;
}

export interface LiveCounts {
  list: number;
  untag: number;
  tag: number;
  retries: number;
  throttled: number;
  byApi: Partial<Record<ApiName, number>>;
}

export function newCounts(): LiveCounts {
  return { list: 0, untag: 0, tag: 0, retries: 0, throttled: 0, byApi: {} };
}

/** Counts one try. */
export function countCall(counts: LiveCounts, api: ApiName, again: boolean): void {
  counts.byApi[api] = (counts.byApi[api] ?? 0) + 1;
  if (again) counts.retries += 1;
  if (api === 'UntagResources') counts.untag += 1;
  else if (api === 'TagResources') counts.tag += 1;
  else counts.list += 1;
}
