import type { StoredResource, Type } from '../resource.ts';
import { arnsOf } from './arn.ts';
import { fieldTest, listPage, type Test, tagTest } from './list.ts';
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
  readonly filters: (call: Call) => readonly Test[];
  readonly render: (resource: StoredResource, call: Call) => Readonly<Record<string, unknown>>;
}

/** A list operation: pages, id, tag and field filters, in the common envelope. */
export function listOperation(spec: ListSpec): Operation {
  return {
    name: spec.name,
    kind: 'list',
    ...(spec.postOnly === undefined ? {} : { postOnly: spec.postOnly }),
    resources: (call) => arnsOf(call, spec.type, spec.ids(call)),
    empty: { NextToken: '', TotalCount: 0, [spec.array]: [] },
    prepare(call) {
      const { parameters } = call;
      const question = {
        type: spec.type,
        limit: parameters.integer('Limit', 1, spec.limit.most, spec.limit.default),
        ids: spec.ids(call),
        tests: [
          ...tagTest(call, parameters.tags(spec.tags)),
          ...fieldTest(call, 'ResourceGroupId', (resource) => resource.group),
          ...spec.filters(call),
        ],
      };
      return {
        commit() {
          const page = listPage(call, question);
          return {
            ...nextTokenField(call, page.nextToken),
            TotalCount: page.total,
            [spec.array]: page.resources.map((resource) => spec.render(resource, call)),
          };
        },
      };
    },
  };
}

/** The end of a list, as this emulator spells it. */
export function nextTokenField(call: Call, token: string): { NextToken?: string } {
  return token === '' && call.context.behavior().lastToken === 'absent' ? {} : { NextToken: token };
}

/** `Tags` as lists show them now. */
export function tagsField(
  resource: StoredResource,
  call: Call,
): { Tags?: readonly { readonly Key: string; readonly Value: string }[] } {
  const tags = call.context.state.shownTags(resource);
  if (tags.size === 0 && call.context.behavior().noTags === 'absent') return {};
  return { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) };
}

/** `2018-08-02T15:00:00Z` */
export function toSeconds(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** `2023-06-16T02:43Z`, as data caches have it. */
export function toMinutes(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16)}Z`;
}
