import { LimitExceededError } from '../errors.ts';
import type { Limits } from '../policy/policy.ts';
import type { Plan } from './types.ts';

/** Below this many resources seen, a percentage says little, and `maxPercent` is not looked at (0 always is). */
export const PERCENT_FROM_RESOURCES = 20;

/**
 * Holds a plan against the limits of its policy, before anything is removed.
 *
 * A limit of 0 means that none may. Percentages are compared exactly: 50 of 100 pass a limit of 50.
 *
 * @throws {LimitExceededError} for the first limit that the plan passes, with the figures.
 */
export function checkLimits(plan: Pick<Plan, 'policy' | 'inventory' | 'removals'>, limits: Limits): void {
  const resources = plan.removals.length;
  const tags = plan.removals.reduce((sum, removal) => sum + removal.tags.length, 0);
  const name = JSON.stringify(plan.policy.name);
  if (resources > limits.maxResources) {
    throw new LimitExceededError(
      'maxResources',
      limits.maxResources,
      resources,
      `Policy ${name} would change ${resources} resources, and its limits.maxResources allows ${limits.maxResources}. ${ADVICE}`,
    );
  }
  if (tags > limits.maxTags) {
    throw new LimitExceededError(
      'maxTags',
      limits.maxTags,
      tags,
      `Policy ${name} would remove ${tags} tags, and its limits.maxTags allows ${limits.maxTags}. ${ADVICE}`,
    );
  }
  checkPercent(plan, limits, name);
}

const ADVICE =
  'Nothing was removed. Look at the plan; then narrow the policy (scope, select, protect), or raise the limit if the plan is what you mean.';

function checkPercent(
  plan: Pick<Plan, 'inventory' | 'removals'>,
  { maxPercent }: Limits,
  name: string,
): void {
  const planned = plan.removals.length;
  const seen = plan.inventory.resourcesSeen;
  if (seen < PERCENT_FROM_RESOURCES && maxPercent !== 0) {
    return;
  }
  if (isAbovePercent(planned, seen, maxPercent)) {
    const share = ((planned * 100) / Math.max(seen, 1)).toFixed(1);
    throw new LimitExceededError(
      'maxPercent',
      maxPercent,
      planned,
      `Policy ${name} would change ${planned} of ${seen} resources in scope (${share} %), and its limits.maxPercent allows ${maxPercent} %. ${ADVICE}`,
    );
  }
}

/**
 * Whether `part` of `whole` is more than `percent`, in whole numbers: a percentage such as 0.1 has no
 * exact binary form, so its decimal digits are taken as they were written.
 */
export function isAbovePercent(part: number, whole: number, percent: number): boolean {
  const [digits, exponent] = percent.toExponential().split('e');
  const [units, decimals = ''] = digits!.split('.');
  const scale = decimals.length - Number(exponent);
  const mantissa = BigInt(units! + decimals);
  const left = BigInt(part) * 100n * 10n ** BigInt(Math.max(scale, 0));
  const right = mantissa * 10n ** BigInt(Math.max(-scale, 0)) * BigInt(whole);
  return left > right;
}
