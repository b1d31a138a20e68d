import type { Region } from '../resource.ts';

/** `learned`: neither good nor bad, it is how this account's service behaves. */
export type FindingStatus = 'passed' | 'warned' | 'failed' | 'learned';

/** One line of what the doctor says. */
export interface Finding {
  /** What was looked at, such as `credentials` or `lists`. */
  readonly check: string;
  readonly region?: Region;
  readonly status: FindingStatus;
  /** One sentence: what was seen. */
  readonly text: string;
  /** What to do about it; only with `warned` and `failed`. */
  readonly todo?: string;
  /** The service's id of the call that showed it. */
  readonly requestId?: string;
}
