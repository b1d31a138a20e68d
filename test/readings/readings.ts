import type { Behavior } from '../../emulator/behavior.ts';
import type { FaultRule } from '../../emulator/faults.ts';
import type { SlsSettings } from '../../emulator/sls/state.ts';

/** One way in which the service may differ from what its pages lead one to expect. */
export interface ReadingOfService {
  readonly name: string;
  readonly behavior?: Partial<Behavior>;
  readonly faults?: readonly FaultRule[];
  /** Buckets that the policy names. */
  readonly buckets?: readonly string[];
  /** Of the log store; with it the journal is kept there. */
  readonly log?: Partial<SlsSettings>;
  /**
   * `through`: everything is done, and undone. `told`: not everything can be done, and the report says so. `stops`: the
   * service does harm by itself, and the run must stop early and must not call it success.
   */
  readonly ends: 'through' | 'told' | 'stops';
}

const LISTS = [
  'DescribeContainerGroups',
  'DescribeImageCaches',
  'DescribeDataCaches',
  'DescribeVirtualNodes',
];

/** An error on one page, and on one removal, which are carried out all the same. */
const errorOnce = (code: string, status: number): readonly FaultRule[] => [
  { api: LISTS, calls: [2], fault: { kind: 'error', code, status } },
  { api: 'UntagResources', calls: [2], fault: { kind: 'error', code, status, applied: true } },
];

export const READINGS: readonly ReadingOfService[] = [
  { name: 'as documented', ends: 'through' },
  { name: 'Limit needs ids', behavior: { limitNeedsIds: true }, ends: 'through' },
  { name: 'no Tags where there are none', behavior: { noTags: 'absent' }, ends: 'through' },
  { name: 'Tags null where there are none', behavior: { noTags: 'null' }, ends: 'through' },
  { name: 'an empty value is left out', behavior: { emptyValue: 'absent' }, ends: 'through' },
  { name: 'TotalCount of the page', behavior: { totalCount: 'page' }, ends: 'through' },
  { name: 'no TotalCount', behavior: { totalCount: 'absent' }, ends: 'through' },
  { name: 'statuses of pods alone', behavior: { statusList: 'podsOnly' }, ends: 'through' },
  { name: 'statuses of some', behavior: { statusList: 'some' }, ends: 'through' },
  { name: 'statuses of every group', behavior: { statusList: 'ignoresGroup' }, ends: 'through' },
  { name: 'the same token on every page', behavior: { tokens: 'constant' }, ends: 'through' },
  { name: 'pages that overlap', behavior: { pageShift: 'repeats' }, ends: 'through' },
  { name: 'short and empty pages', behavior: { pages: 'short' }, ends: 'through' },
  { name: 'newest first', behavior: { order: 'newest-first' }, ends: 'through' },
  { name: 'no token at the end', behavior: { lastToken: 'absent' }, ends: 'through' },
  { name: 'ids that are gone refuse the list', behavior: { goneOnRead: '404' }, ends: 'through' },
  { name: 'unknown ids are ignored', behavior: { unknownId: 'ignore' }, ends: 'through' },
  {
    name: 'the other code for what is gone',
    behavior: { unknownId: 'InvalidResourceId.NotFound' },
    ends: 'through',
  },
  { name: 'removals that are partial', behavior: { untag: 'partial' }, ends: 'through' },
  { name: 'a filter by key finds nothing', behavior: { filters: 'nothing' }, ends: 'through' },
  { name: 'filters leave some out', behavior: { filters: 'less' }, ends: 'through' },
  { name: 'an empty value in a filter means any', behavior: { emptyFilterValue: 'any' }, ends: 'through' },
  { name: 'rows of tags need ids', behavior: { tagRowsNeedIds: true }, ends: 'through' },
  { name: 'small pages of rows', behavior: { tagRows: 3 }, ends: 'through' },
  { name: 'lists are late', behavior: { lateListsMs: 20_000 }, ends: 'through' },
  { name: 'every reading is late', behavior: { visibilityDelayMs: 8000 }, ends: 'through' },
  { name: 'a denied list is an error', behavior: { deniedList: 'error' }, ends: 'through' },
  { name: 'data caches of one bucket, any by id', behavior: { buckets: 'default' }, ends: 'through' },
  { name: 'data caches of one bucket, by id as well', behavior: { buckets: 'defaultById' }, ends: 'told' },
  {
    name: 'data caches of one bucket, by id as well, and the policy names all',
    behavior: { buckets: 'defaultById' },
    buckets: ['default', 'models'],
    ends: 'through',
  },
  { name: 'ended groups refuse', behavior: { endedGroups: 'refuse' }, ends: 'told' },
  {
    name: 'a region that is not open',
    behavior: { places: [{ region: 'cn-beijing', code: 'ServiceNotEnabled' }] },
    ends: 'told',
  },
  {
    name: 'a region that is forbidden',
    behavior: { places: [{ region: 'cn-beijing', code: 'Forbidden.RAM', status: 403 }] },
    ends: 'told',
  },
  {
    name: 'a type that is closed',
    behavior: { places: [{ type: 'VirtualNode', code: 'NoPermission', status: 400 }] },
    ends: 'told',
  },
  { name: 'UnknownError', faults: errorOnce('UnknownError', 500), ends: 'through' },
  {
    name: 'ServiceUnavailableTemporary',
    faults: errorOnce('ServiceUnavailableTemporary', 503),
    ends: 'through',
  },
  { name: 'a gateway that takes too long', faults: errorOnce('GatewayTimeout', 504), ends: 'through' },
  { name: 'SystemBusy', faults: errorOnce('SystemBusy', 400), ends: 'through' },
  { name: 'TooManyRequests', faults: errorOnce('TooManyRequests', 429), ends: 'through' },
  { name: 'a removal takes every tag', behavior: { untagTakes: 'everything' }, ends: 'stops' },
  { name: 'a removal takes keys in any case', behavior: { untagTakes: 'anyCase' }, ends: 'stops' },
  { name: 'lists go empty after the first removal', behavior: { listsGoEmptyAfter: 1 }, ends: 'stops' },
];
