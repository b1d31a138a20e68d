import type { TagKey } from '../../lib/resource.ts';
import { createRandom, type Random } from './random.ts';

/** How a service behaves where its pages leave it open, or lie; each differs from `EXACT` in what its seed drew. */
export interface Readings {
  /** A resource without tags is listed without the field. */
  readonly noTags: 'array' | 'absent';
  /** An id that is gone, asked for in a list: missing from the answer, or the call is refused. */
  readonly goneOnRead: 'empty' | 'refused';
  /** DescribeContainerGroupStatus: every group, or those alone that a pod stands behind. */
  readonly statusList: 'all' | 'podsOnly';
  /** What a filter by tag or status finds of what it should. */
  readonly filters: 'exact' | 'less' | 'nothing';
  /** What UntagResources takes. */
  readonly untagTakes: 'asked' | 'everything' | 'anyCase';
  /** After so many removals lists show nothing any more, as with a right that was taken away; 0: never. */
  readonly listsGoEmptyAfter: number;
  /** Whether ListTagResources goes with them. */
  readonly rowsGoEmptyToo: boolean;
}

export const EXACT: Readings = {
  noTags: 'array',
  goneOnRead: 'empty',
  statusList: 'all',
  filters: 'exact',
  untagTakes: 'asked',
  listsGoEmptyAfter: 0,
  rowsGoEmptyToo: false,
};

/** Draws the readings of a seed, from chance of their own, so that the rest of the seed stays what it is. */
export function drawReadings(seed: number): Readings {
  const random = createRandom(seed + 0x5eed);
  return random.chance(0.1) ? { ...drawHarmless(random), ...drawHarm(random) } : drawHarmless(random);
}

function drawHarmless(random: Random): Readings {
  const sometimes = <T>(usual: T, ...others: readonly T[]): T =>
    random.chance(0.2) ? random.pick(others) : usual;
  return {
    ...EXACT,
    noTags: sometimes<Readings['noTags']>('array', 'absent'),
    goneOnRead: sometimes<Readings['goneOnRead']>('empty', 'refused'),
    statusList: sometimes<Readings['statusList']>('all', 'podsOnly'),
    filters: sometimes<Readings['filters']>('exact', 'less', 'nothing'),
  };
}

function drawHarm(random: Random): Partial<Readings> {
  const untagTakes = random.pick(['everything', 'anyCase', 'asked'] as const);
  if (untagTakes !== 'asked') return { untagTakes };
  return { listsGoEmptyAfter: random.whole(1, 3), rowsGoEmptyToo: random.chance(0.5) };
}

/** Whether a run can do harm before it knows, which it then has to bound and to tell. */
export function isHarmful({ untagTakes, listsGoEmptyAfter }: Readings): boolean {
  return untagTakes !== 'asked' || listsGoEmptyAfter > 0;
}

/** What differs, to be counted. */
export function namesOf(readings: Readings): readonly string[] {
  return Object.entries(readings)
    .filter(([name, value]) => value !== EXACT[name as keyof Readings])
    .map(([name, value]) => `reading ${name} ${name === 'listsGoEmptyAfter' ? '' : value}`.trim());
}

/** Whether the service takes a key that a request did not name. */
export function takesMore({ untagTakes }: Readings, key: TagKey, asked: readonly TagKey[]): boolean {
  if (key.startsWith('acs:')) return false;
  if (untagTakes === 'everything') return true;
  return untagTakes === 'anyCase' && asked.some((one) => one.toLowerCase() === key.toLowerCase());
}
