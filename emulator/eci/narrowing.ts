import { ApiError, missing } from '../errors.ts';
import type { StoredResource, Type } from '../resource.ts';
import { fieldTest, type Test, tagTest } from './list.ts';
import type { Call } from './operation.ts';
import type { TagFilter } from './parameters.ts';

/** What a list was asked to narrow itself to, as this emulator's service understands it. */
export interface Narrowing {
  readonly tags: readonly TagFilter[];
  readonly ids: readonly string[] | undefined;
  /** The tests of the operation's own filters. */
  readonly own: readonly Test[];
  /** The parameter that takes ids. */
  readonly idParameter: string;
  readonly type: Type;
  /** Whether it is the list of statuses. */
  readonly isStatusList: boolean;
}

/** The tests that a listed resource passes, where filters may be less than exact. */
export function testsOf(call: Call, narrowing: Narrowing): readonly Test[] {
  const { filters, statusList } = call.context.behavior();
  const { tags, own, isStatusList } = narrowing;
  const ignoresGroup = isStatusList && statusList === 'ignoresGroup';
  return [
    ...tagTest(call, tags),
    ...(ignoresGroup ? [] : fieldTest(call, 'ResourceGroupId', (resource) => resource.group)),
    ...own,
    ...(filters === 'nothing' && tags.some(({ value }) => value === undefined) ? [() => false] : []),
    ...(filters === 'less' && (tags.length > 0 || call.parameters.text('Status') !== undefined)
      ? [isEven]
      : []),
    ...(isStatusList && statusList === 'podsOnly' ? [isPod] : []),
    ...(isStatusList && statusList === 'some' ? [isKept] : []),
    ...bucketTest(call, narrowing),
  ];
}

/** Refuses what this emulator's service does not take: `Limit` without ids, ids that are gone. */
export function checkNarrowing(call: Call, { ids, idParameter, type }: Narrowing): void {
  const { limitNeedsIds, goneOnRead } = call.context.behavior();
  if (limitNeedsIds && ids === undefined && call.parameters.text('Limit') !== undefined) {
    throw missing(idParameter);
  }
  const { region, context } = call;
  const gone = ids?.find((id) => context.state.get({ region, type, id }) === undefined);
  if (goneOnRead === '404' && gone !== undefined) {
    throw new ApiError('InvalidParameter.NotFound', `The specified resource "${gone}" does not exist.`);
  }
}

const isEven: Test = ({ sequence }) => sequence % 2 === 0;
const isKept: Test = ({ sequence }) => sequence % 4 !== 0;
const isPod: Test = ({ tags }: StoredResource) => tags.has('PodName');

function bucketTest(call: Call, { type, ids }: Narrowing): readonly Test[] {
  if (type !== 'DataCache') return [];
  const asked = call.parameters.text('Bucket');
  if (asked !== undefined) return [({ bucket }) => bucket === asked];
  const { buckets } = call.context.behavior();
  const isDefaultOnly = buckets === 'defaultById' || (buckets === 'default' && ids === undefined);
  return isDefaultOnly ? [({ bucket }) => bucket === 'default'] : [];
}
