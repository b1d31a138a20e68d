import type { ApiName } from '../ports.ts';
import type { Region } from '../resource.ts';
import { callsPerMinute } from './quotas.ts';

/** What a call takes from here to there and back, as a rule of thumb. */
const TYPICAL_CALL_MS = 120;

/**
 * How long calls need at the allowed pace, in milliseconds: a guess for people, exact to the minute.
 *
 * Regions have quotas of their own and go on side by side, so the slowest one counts. Within a minute's
 * share calls go as fast as `concurrency` allows; the next minute's share begins a minute later.
 */
export function estimateMs(
  api: ApiName,
  regions: Iterable<Region>,
  pace: { readonly share: number; readonly concurrency: number },
): number {
  const perMinute = callsPerMinute(api, pace.share);
  const calls = new Map<Region, number>();
  for (const region of regions) calls.set(region, (calls.get(region) ?? 0) + 1);
  let slowest = 0;
  for (const count of calls.values()) {
    const fullMinutes = Math.floor((count - 1) / perMinute);
    const rest = count - fullMinutes * perMinute;
    slowest = Math.max(slowest, fullMinutes * 60_000 + Math.ceil(rest / pace.concurrency) * TYPICAL_CALL_MS);
  }
  return slowest;
}
