import { LimitExceededError } from '../errors.ts';
import type { Limits } from '../policy/policy.ts';
import type { Plan } from './types.ts';

/** Below this many resources seen, a percentage says little, and `maxPercent` is not looked at (0 always is). */
export const PERCENT_FROM_RESOURCES = 20;

/** How much of one limit a plan takes. */
export interface LimitUse {
  readonly limit: LimitExceededError['limit'];
  /** Resources, tags, or for `maxPercent` resources again. */
  readonly planned: number;
  /** Resources, tags, or per cent of the resources seen. */
  readonly allowed: number;
  /** False where a percentage says too little to be looked at. */
  readonly isLookedAt: boolean;
  readonly isPassed: boolean;
}

type LimitedPlan = Pick<Plan, 'policy' | 'inventory' | 'removals'>;

/**
 * How much of each limit a plan takes, in the order in which they are looked at.
 *
 * A limit of 0 means that none may. Percentages are compared exactly: 50 of 100 pass a limit of 50.
 */
export function limitUses({ inventory, removals }: LimitedPlan, limits: Limits): readonly LimitUse[] {
  const { maxResources, maxTags, maxPercent } = limits;
  const resources = removals.length;
  const tags = removals.reduce((sum, removal) => sum + removal.tags.length, 0);
  const seen = inventory.resourcesSeen;
  const isLookedAt = seen >= PERCENT_FROM_RESOURCES || maxPercent === 0;
  return [
    use('maxResources', resources, maxResources, resources > maxResources),
    use('maxTags', tags, maxTags, tags > maxTags),
    {
      ...use('maxPercent', resources, maxPercent, isLookedAt && isAbovePercent(resources, seen, maxPercent)),
      isLookedAt,
    },
  ];
}

function use(limit: LimitUse['limit'], planned: number, allowed: number, isPassed: boolean): LimitUse {
  return { limit, planned, allowed, isLookedAt: true, isPassed };
}

/**
 * Holds a plan against the limits of its policy, before anything is removed.
 *
 * @throws {LimitExceededError} for the first limit that the plan passes, with the figures; the message has them all.
 */
export function checkLimits(plan: LimitedPlan, limits: Limits): void {
  const passed = limitUses(plan, limits).filter(({ isPassed }) => isPassed);
  const [first] = passed;
  if (first === undefined) return;
  const complaints = passed.map((one) => complaint(one, plan.inventory.resourcesSeen));
  throw new LimitExceededError(
    first.limit,
    first.allowed,
    first.planned,
    `Policy ${JSON.stringify(plan.policy.name)} ${complaints.join('; it ')}. ${ADVICE}`,
  );
}

const ADVICE =
  'Nothing was removed. Look at the plan; then narrow the policy (scope, select, protect), or raise the limit if the plan is what you mean.';

function complaint({ limit, planned, allowed }: LimitUse, seen: number): string {
  switch (limit) {
    case 'maxResources':
      return `would change ${planned} resources, and its limits.maxResources allows ${allowed}`;
    case 'maxTags':
      return `would remove ${planned} tags, and its limits.maxTags allows ${allowed}`;
    case 'maxPercent': {
      const share = ((planned * 100) / Math.max(seen, 1)).toFixed(1);
      return `would change ${planned} of ${seen} resources in scope (${share} %), and its limits.maxPercent allows ${allowed} %`;
    }
  }
}

/** The least number of resources in scope of which so many are not more than `percent`; infinite where there is none. */
export function leastPopulation(resources: number, percent: number): number {
  if (resources === 0) return 0;
  if (percent === 0) return Number.POSITIVE_INFINITY;
  let least = Math.max(1, Math.floor((resources * 100) / percent) - 1);
  while (isAbovePercent(resources, least, percent)) least += 1;
  return least;
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
