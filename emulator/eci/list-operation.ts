import type { StoredResource, Type } from '../resource.ts';
import { arnsOf } from './arn.ts';
import { type ListAnswer, listPage, type Test } from './list.ts';
import { checkNarrowing, testsOf } from './narrowing.ts';
import type { Call, Operation } from './operation.ts';

/** What tells one list operation from another. */
export interface ListSpec {
  readonly name: string;
  readonly type: Type;
  /** The array in the answer. */
  readonly array: string;
  readonly limit: { readonly default: number; readonly most: number };
  /** The most tag filters. */
  readonly tags: number;
  readonly postOnly?: true;
  readonly ids: (call: Call) => readonly string[] | undefined;
  /** The parameter that takes them. */
  readonly idParameter: string;
  readonly isStatusList?: true;
  readonly filters: (call: Call) => readonly Test[];
  /** An item of the list, without its tags, which look alike for all types. */
  readonly render: (resource: StoredResource, call: Call) => Readonly<Record<string, unknown>>;
}

/** A list operation: pages, id, tag and field filters, in the common envelope. */
export function listOperation(spec: ListSpec): Operation {
  return {
    name: spec.name,
    kind: 'list',
    type: spec.type,
    ...(spec.postOnly === undefined ? {} : { postOnly: spec.postOnly }),
    resources: (call) => arnsOf(call, spec.type, spec.ids(call)),
    empty: { NextToken: '', TotalCount: 0, [spec.array]: [] },
    prepare(call) {
      const { parameters } = call;
      const narrowing = {
        tags: parameters.tags(spec.tags),
        ids: spec.ids(call),
        own: spec.filters(call),
        idParameter: spec.idParameter,
        type: spec.type,
        isStatusList: spec.isStatusList === true,
      };
      checkNarrowing(call, narrowing);
      const question = {
        type: spec.type,
        limit: parameters.integer('Limit', 1, spec.limit.most, spec.limit.default),
        ids: narrowing.ids,
        tests: testsOf(call, narrowing),
      };
      return {
        commit() {
          if (isEmptied(call)) return { ...nextTokenField(call, ''), TotalCount: 0, [spec.array]: [] };
          const page = listPage(call, question);
          return {
            ...nextTokenField(call, page.nextToken),
            ...totalField(call, page),
            [spec.array]: page.resources.map((resource) => ({
              ...spec.render(resource, call),
              ...(spec.isStatusList ? {} : tagsField(resource, call, narrowing.ids ? 'byId' : 'inList')),
            })),
          };
        },
      };
    },
  };
}

/** Whether lists show nothing any more, as to one whose permission was revoked. */
function isEmptied({ context }: Call): boolean {
  const { listsGoEmptyAfter } = context.behavior();
  return context.counters.of('UntagResources').requests >= listsGoEmptyAfter;
}

function totalField(call: Call, page: ListAnswer): { TotalCount?: number } {
  const { totalCount } = call.context.behavior();
  if (totalCount === 'absent') return {};
  return { TotalCount: totalCount === 'page' ? page.resources.length : page.total };
}

/** The end of a list, as this emulator spells it. */
export function nextTokenField(call: Call, token: string): { NextToken?: string } {
  return token === '' && call.context.behavior().lastToken === 'absent' ? {} : { NextToken: token };
}

/** `Tags` as lists show them now. */
function tagsField(
  resource: StoredResource,
  call: Call,
  reader: 'byId' | 'inList',
): { Tags?: readonly { readonly Key: string; readonly Value?: string }[] | null } {
  const tags = call.context.state.shownTags(resource, reader);
  const { noTags, emptyValue } = call.context.behavior();
  if (tags.size === 0 && noTags !== 'array') return noTags === 'absent' ? {} : { Tags: null };
  return {
    Tags: [...tags].map(([Key, Value]) =>
      Value === '' && emptyValue === 'absent' ? { Key } : { Key, Value },
    ),
  };
}

/** `2018-08-02T15:00:00Z` */
export function toSeconds(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** `2023-06-16T02:43Z`, as data caches have it. */
export function toMinutes(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16)}Z`;
}
