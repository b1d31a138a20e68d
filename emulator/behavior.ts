import type { Type } from './resource.ts';

/** A place that the account may not use: every call to the region, or about the type, is refused. */
export interface ClosedPlace {
  /** Left out: in every region. */
  readonly region?: string;
  /** Left out: every type. */
  readonly type?: Type;
  readonly code: string;
  /** Default: the status that goes with the code. */
  readonly status?: number;
  readonly message?: string;
}

/**
 * How the service behaves where nothing public says so, one switch each.
 *
 * The defaults are what the reference assumes; where it assumes nothing, the choice that is hardest on a
 * client. The README tells what each rests on.
 */
export interface Behavior {
  /** Several ids of which one cannot be changed: none is, or those named before it are. */
  readonly untag: 'atomic' | 'partial';
  /** An id that the region does not hold. */
  readonly unknownId: 'InvalidParameter.NotFound' | 'InvalidResourceId.NotFound' | 'ignore';
  /** UntagResources without a key and without `All`. */
  readonly withoutKeys: 'refuse' | 'nothing';
  /** A key that a resource does not have: passed over, or the resource is one that cannot be changed. */
  readonly absentKey: 'accept' | 'refuse';
  /** A system tag among the keys: the call is refused, or the tag stays and the rest is done. */
  readonly systemTags: 'refuse' | 'keep';
  /** A list that the identity may not read. */
  readonly deniedList: 'empty' | 'error';
  /** What RAM judges tag changes of data caches on: `datacache/…`, or, since no page lists it, everything. */
  readonly dataCacheArn: 'datacache' | 'none';
  /** Tag changes on a resource in a moving status such as Pending: carried out, or `IncorrectStatus`. */
  readonly movingStatus: 'allow' | 'refuse';
  /** A resource that is in two changes at once: the second is refused, or both are carried out. */
  readonly inFlight: 'conflict' | 'allow';
  /** Whole pages, or now and then a shorter or even an empty one that is not the last. */
  readonly pages: 'full' | 'short';
  readonly order: 'oldest-first' | 'newest-first';
  /** The end of a list: an empty `NextToken`, or none. */
  readonly lastToken: 'empty' | 'absent';
  /** A resource without tags: an empty array, no `Tags`, or `Tags: null`. */
  readonly noTags: 'array' | 'absent' | 'null';
  /** An empty value of a tag: `""`, or no `Value`. */
  readonly emptyValue: 'text' | 'absent';
  /** `Limit` without ids: taken, or `MissingParameter` for the ids. */
  readonly limitNeedsIds: boolean;
  /** `TotalCount`: of all that match, of the page, or not sent. */
  readonly totalCount: 'matches' | 'page' | 'absent';
  /** `NextToken`: one of its own for each page, or the same for all pages of a list, whose place the service keeps. */
  readonly tokens: 'own' | 'constant';
  /** Pages follow each other, or each begins with the last resource of the one before. */
  readonly pageShift: 'none' | 'repeats';
  /** An id that is gone, asked for in a list: missing from the answer, or the call is refused. */
  readonly goneOnRead: 'empty' | '404';
  /**
   * DescribeContainerGroupStatus: every group; those that a pod stands behind (they have the tag `PodName`); three of
   * four; or every one whatever the `ResourceGroupId`.
   */
  readonly statusList: 'all' | 'podsOnly' | 'some' | 'ignoresGroup';
  /**
   * Data caches without `Bucket`: of every bucket; of the bucket `default` in lists; or of that alone even where ids
   * are given.
   */
  readonly buckets: 'all' | 'default' | 'defaultById';
  /** Filters by tag and status find what they name; by a key alone, nothing; or every other that they name. */
  readonly filters: 'exact' | 'nothing' | 'less';
  /** ListTagResources without ids: rows of all, or `MissingParameter`. */
  readonly tagRowsNeedIds: boolean;
  /** After so many calls of UntagResources all four lists are empty, as after a permission was revoked. */
  readonly listsGoEmptyAfter: number;
  /** What UntagResources takes away: the keys asked for, every tag, or those keys in whatever case. */
  readonly untagTakes: 'asked' | 'everything' | 'anyCase';
  /** Tag changes on a container group in a terminal status: carried out, or `IncorrectStatus`. */
  readonly endedGroups: 'allow' | 'refuse';
  /** Regions and types that this account may not use. */
  readonly places: readonly ClosedPlace[];
  /** A tag filter with an empty value: tags with that very value, or with any. */
  readonly emptyFilterValue: 'exact' | 'any';
  /** Form parameters beside or instead of the query. */
  readonly formBody: 'accept' | 'ignore';
  readonly idsPerTagCall: number;
  readonly keysPerTagCall: number;
  /** Rows a page of ListTagResources when `Limit` is left out, and the most that it may ask for. */
  readonly tagRows: number;
  readonly maxTagRows: number;
  /** Longest path and query in bytes; longer ones meet a 414 page. */
  readonly maxTargetBytes: number;
  /** How far a date may be off, either way. */
  readonly clockWindowMs: number;
  /** How long an answer is remembered for its client token. */
  readonly clientTokenMs: number;
  /** How long lists show the old tags after a change. */
  readonly visibilityDelayMs: number;
  /** The same for lists without ids alone; what is asked for by id shows at once. */
  readonly lateListsMs: number;
  /** How long a new resource is missing from lists. */
  readonly listingDelayMs: number;
  /** Milliseconds until ActionTrail tells of a call. */
  readonly trailDelayMs: number;
  /** How long a new group with RestartPolicy Never is Pending, and how long it then runs before it has Succeeded. */
  readonly groupPendingMs: number;
  readonly groupRunMs: number;
  /** Time that each call takes, one figure or one per API; `default` for those not named. */
  readonly latencyMs: number | Readonly<Record<string, number>>;
}

export const DEFAULT_BEHAVIOR: Behavior = {
  untag: 'atomic',
  unknownId: 'InvalidParameter.NotFound',
  withoutKeys: 'refuse',
  absentKey: 'accept',
  systemTags: 'refuse',
  deniedList: 'empty',
  dataCacheArn: 'datacache',
  movingStatus: 'allow',
  inFlight: 'conflict',
  pages: 'full',
  order: 'oldest-first',
  lastToken: 'empty',
  noTags: 'array',
  emptyValue: 'text',
  limitNeedsIds: false,
  totalCount: 'matches',
  tokens: 'own',
  pageShift: 'none',
  goneOnRead: 'empty',
  statusList: 'all',
  buckets: 'all',
  filters: 'exact',
  tagRowsNeedIds: false,
  listsGoEmptyAfter: Number.POSITIVE_INFINITY,
  untagTakes: 'asked',
  endedGroups: 'allow',
  places: [],
  emptyFilterValue: 'exact',
  formBody: 'accept',
  idsPerTagCall: 100,
  keysPerTagCall: 20,
  tagRows: 20,
  maxTagRows: 100,
  maxTargetBytes: 64 * 1024,
  clockWindowMs: 15 * 60_000,
  clientTokenMs: 24 * 60 * 60_000,
  visibilityDelayMs: 0,
  lateListsMs: 0,
  listingDelayMs: 0,
  trailDelayMs: 0,
  groupPendingMs: 0,
  groupRunMs: 60_000,
  latencyMs: 0,
};

/** The time that a call of this API takes. */
export function latencyOf(behavior: Behavior, api: string): number {
  if (typeof behavior.latencyMs === 'number') return behavior.latencyMs;
  return behavior.latencyMs[api] ?? behavior.latencyMs.default ?? 0;
}
