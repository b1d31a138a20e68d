import type { Policy } from './policy.ts';

const DAY_MS = 86_400_000;

/** So long before its end an exemption is warned of. */
export const WARN_BEFORE_MS = 14 * DAY_MS;

/**
 * What the reader of a plan should know although nothing is wrong: protections that ended, and those that end
 * within 14 days of `asOfMs` (epoch milliseconds).
 */
export function policyWarnings(policy: Policy, asOfMs: number): readonly string[] {
  return policy.protect.flatMap(({ label, owner, untilMs }) => {
    if (untilMs === undefined || untilMs - asOfMs > WARN_BEFORE_MS) return [];
    const ask = owner === undefined ? '' : `; ask ${owner}`;
    const end = new Date(untilMs).toISOString();
    if (untilMs <= asOfMs) return [`${label} ended at ${end} and no longer protects${ask}`];
    const days = Math.ceil((untilMs - asOfMs) / DAY_MS);
    return [`${label} ends at ${end}, in ${days === 1 ? '1 day' : `${days} days`}${ask}`];
  });
}
