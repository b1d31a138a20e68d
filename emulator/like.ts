import type { Behavior } from './behavior.ts';

/** Below this a delay that was measured is the way there and back. */
const NO_DELAY_MS = 1000;

type Found = Readonly<Record<string, string | number | undefined>>;

/** What a profile's items say of the switches: one line each, and nothing where an item says what is usual. */
const SWITCHES: readonly ((found: Found) => Partial<Behavior> | false)[] = [
  ({ limitWithoutIds }) => limitWithoutIds === 'refused' && { limitNeedsIds: true },
  ({ noTags }) => (noTags === 'absent' || noTags === 'null') && { noTags },
  ({ emptyValue }) => emptyValue === 'absent' && { emptyValue },
  ({ tokens }) => tokens === 'constant' && { tokens },
  ({ totalCount }) => totalCount === 'page' && { totalCount },
  ({ unknownId }) => unknownId === 'refused' && { goneOnRead: '404' },
  ({ tagRows }) => tagRows === 'refused' && { tagRowsNeedIds: true },
  ({ tagRowsPage }) => typeof tagRowsPage === 'number' && { tagRows: tagRowsPage },
  ({ statusIds }) => statusIds === 'incomplete' && { statusList: 'some' },
  ({ keyFilter }) => keyFilter === 'less' && { filters: 'nothing' },
  ({ buckets }) => buckets === 'default-only' && { buckets: 'default' },
  ({ formBody }) => formBody === 'refused' && { formBody: 'ignore' },
  ({ removesOnly }) => removesOnly === 'more' && { untagTakes: 'everything' },
  ({ caseOfKeys }) => caseOfKeys === 'one' && { untagTakes: 'anyCase' },
  ({ absentKey }) => absentKey === 'refused' && { absentKey: 'refuse' },
  ({ mixedIds }) => mixedIds === 'done' && { unknownId: 'ignore' },
  ({ mixedIds }) => mixedIds === 'refused-after-part' && { untag: 'partial' },
  ({ whilePending }) => whilePending === 'refused' && { movingStatus: 'refuse' },
  ({ afterEnd }) => afterEnd === 'refused' && { endedGroups: 'refuse' },
  ({ idsPerCall }) => typeof idsPerCall === 'number' && { idsPerTagCall: Math.max(1, idsPerCall) },
  ({ keysPerCall }) => typeof keysPerCall === 'number' && { keysPerTagCall: Math.max(1, keysPerCall) },
  ({ visibleById }) =>
    typeof visibleById === 'number' && visibleById > NO_DELAY_MS && { visibilityDelayMs: visibleById },
];

/**
 * The behavior that a profile of `tagsweep doctor` tells of, of its first region or of the one that is named: what one
 * account saw can so be replayed anywhere.
 *
 * @throws {Error} when the text is no such profile, or does not know the region.
 */
export function behaviorLike(text: string, region?: string): Partial<Behavior> {
  const { regions } = JSON.parse(text) as {
    regions?: Readonly<Record<string, Readonly<Record<string, { value?: string | number }>>>>;
  };
  if (regions === undefined) throw new Error('it is no profile of tagsweep doctor: it has no regions');
  const [first] = Object.keys(regions);
  const name = region ?? first;
  const items = name === undefined || !Object.hasOwn(regions, name) ? undefined : regions[name];
  if (items === undefined)
    throw new Error(
      `it knows nothing of ${name ?? 'any region'}, only of ${Object.keys(regions).join(', ')}`,
    );
  const found: Found = Object.fromEntries(Object.entries(items).map(([item, { value }]) => [item, value]));
  return Object.assign({}, ...SWITCHES.map((read) => read(found) || {}));
}
