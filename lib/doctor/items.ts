/** One respect in which the service may behave in this way or that. */
interface Item {
  /** What is asked, for a reader. */
  readonly question: string;
  /** Words that the answer can be; left out: a whole number. */
  readonly values?: readonly string[];
  /** Whether only a change of tags can tell. */
  readonly needsWrite?: true;
}

/**
 * What the doctor can learn of a service, the one table of it: the profile's schema, the documentation and
 * the emulator's switches go by these names.
 */
export const ITEMS = {
  limitWithoutIds: {
    question: 'Is a list with Limit and without ids taken?',
    values: ['accepted', 'refused'],
  },
  listPage: { question: 'How many resources a page of DescribeContainerGroups holds' },
  tokens: { question: 'Is NextToken another one on each page?', values: ['changing', 'constant'] },
  repeatedToken: {
    question: 'Does a token that is used again give its page again?',
    values: ['same', 'other', 'refused'],
  },
  totalCount: { question: 'Is TotalCount the number of resources?', values: ['exact', 'page', 'other'] },
  noTags: { question: 'How a resource without tags arrives', values: ['array', 'absent', 'null'] },
  emptyValue: { question: 'How a tag with an empty value arrives', values: ['sent', 'absent'] },
  systemTags: { question: 'Are system tags shown?', values: ['shown', 'hidden'] },
  unknownId: {
    question: 'A list by ids of which one does not exist',
    values: ['left-out', 'refused'],
  },
  tagRows: {
    question: 'Does ListTagResources without ids and keys list every tag?',
    values: ['complete', 'incomplete', 'refused'],
  },
  tagRowsPage: { question: 'How many rows a page of ListTagResources holds' },
  statusIds: {
    question: 'Does DescribeContainerGroupStatus name every container group?',
    values: ['complete', 'incomplete', 'refused'],
  },
  statusLimit: {
    question: 'Does DescribeContainerGroupStatus take Limit?',
    values: ['accepted', 'refused'],
  },
  keyFilter: {
    question: 'Does a tag filter with a key alone find what has the key?',
    values: ['exact', 'less', 'more', 'refused'],
  },
  twoFilters: { question: 'How two tag filters are joined', values: ['and', 'or', 'other', 'refused'] },
  buckets: {
    question: 'Does a list of data caches without a bucket show those of the buckets that were named?',
    values: ['all', 'default-only'],
  },
  formBody: { question: 'Are parameters in a form body taken?', values: ['accepted', 'refused'] },

  visibleById: {
    question: 'Milliseconds until a change of tags shows in a list by id',
    needsWrite: true,
  },
  visibleInList: { question: 'Milliseconds until it shows in a whole list', needsWrite: true },
  absentKey: {
    question: 'A key in the request that the resource does not have',
    values: ['accepted', 'refused'],
    needsWrite: true,
  },
  removesOnly: {
    question: 'What a removal takes away',
    values: ['asked', 'more'],
    needsWrite: true,
  },
  caseOfKeys: {
    question: 'Are keys that differ by case told apart?',
    values: ['kept-apart', 'one', 'refused'],
    needsWrite: true,
  },
  sameToken: {
    question: 'The same ClientToken and request again',
    values: ['accepted', 'refused'],
    needsWrite: true,
  },
  tokenReused: {
    question: 'The same ClientToken with another request',
    values: ['refused', 'ignored', 'done'],
    needsWrite: true,
  },
  mixedIds: {
    question: 'A real id beside an invented one',
    values: ['done', 'refused-whole', 'refused-after-part'],
    needsWrite: true,
  },
  keysPerCall: { question: 'Tag keys that one removal takes, of 20 and 21', needsWrite: true },
  idsPerCall: { question: 'Resource ids that one removal takes, of 1, 10, 20, 50 and 100', needsWrite: true },
  lastTag: {
    question: 'How the resource arrives once its last own tag is gone',
    values: ['array', 'absent', 'null', 'others-left'],
    needsWrite: true,
  },
  whilePending: {
    question: 'A removal while the group is not running yet',
    values: ['done', 'refused', 'not-seen'],
    needsWrite: true,
  },
  afterEnd: {
    question: 'A removal after the group has ended',
    values: ['done', 'refused', 'not-seen'],
    needsWrite: true,
  },
} as const satisfies Readonly<Record<string, Item>>;

export type ItemName = keyof typeof ITEMS;

/** What an item may be. */
export type ItemValue<Name extends ItemName> = (typeof ITEMS)[Name] extends {
  readonly values: readonly (infer Word extends string)[];
}
  ? Word
  : number;
