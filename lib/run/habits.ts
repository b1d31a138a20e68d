import { type Profile, whyNotUsable } from '../doctor/profile.ts';
import type { Judge } from '../plan/types.ts';
import type { Policy } from '../policy/policy.ts';
import type { Region } from '../resource.ts';

/**
 * How the services of an account behave, as far as a run may use it: to read in a cheaper way, to ask for less at a
 * time, to wait longer. Nothing here lets a tag go that would stay.
 */
export interface Habits {
  /** Whether ListTagResources lists every tag of the region. */
  tagRows(region: Region): boolean;
  /** The judge, for whom no key is free where a request may name none that a resource lacks. */
  judge(judge: Judge): Judge;
  /** The policy, asking for no more ids and keys at once than every region is known to take. */
  policy(policy: Policy): Policy;
  /** How long a change is known to take until it shows in any region, milliseconds; 0: nothing is known. */
  readonly visibleAfterMs: number;
}

/** Without a profile: the safe readings. */
const UNKNOWN: Habits = {
  tagRows: () => false,
  judge: (judge) => judge,
  policy: (policy) => policy,
  visibleAfterMs: 0,
};

/**
 * The habits that a profile tells of; the safe ones where there is none, or it must be left aside.
 *
 * @returns a warning where it was left aside.
 */
export function habitsOf(
  profile: Profile | undefined,
  now: { readonly account?: string | undefined; readonly atMs: number },
): { readonly habits: Habits; readonly warning?: string } {
  if (profile === undefined) return { habits: UNKNOWN };
  const warning = whyNotUsable(profile, now);
  return warning === undefined ? { habits: fromProfile(profile) } : { habits: UNKNOWN, warning };
}

function fromProfile({ regions }: Profile): Habits {
  const known = (region: Region) => (Object.hasOwn(regions, region) ? regions[region]! : {});
  const isStrict = (region: Region) => known(region).absentKey?.value === 'refused';
  const fewest = (item: 'idsPerCall' | 'keysPerCall', wanted: number): number => {
    const values = Object.values(regions).flatMap((one) => one[item]?.value ?? []);
    return Math.max(1, Math.min(wanted, ...values));
  };
  return {
    tagRows: (region) => known(region).tagRows?.value === 'complete',
    judge: (judge) => {
      const { freeClass } = judge;
      return {
        ...judge,
        isFree: (resource, key) => !isStrict(resource.region) && judge.isFree(resource, key),
        ...(freeClass && {
          freeClass: (resource) => (isStrict(resource.region) ? 'nothing is free' : freeClass(resource)),
        }),
      };
    },
    policy: (policy) => ({
      ...policy,
      batch: {
        resources: fewest('idsPerCall', policy.batch.resources),
        keys: fewest('keysPerCall', policy.batch.keys),
      },
    }),
    visibleAfterMs: Math.max(
      0,
      ...Object.values(regions).flatMap((one) => [
        one.visibleById?.value ?? 0,
        one.visibleInList?.value ?? 0,
      ]),
    ),
  };
}
