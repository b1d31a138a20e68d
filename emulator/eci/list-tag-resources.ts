import { invalid, missing } from '../errors.ts';
import type { StoredResource, Type } from '../resource.ts';
import { queryOf, type Test, tagTest, tokenFor, walk } from './list.ts';
import { nextTokenField } from './list-operation.ts';
import type { Call, Operation } from './operation.ts';
import type { Cursor } from './pages.ts';
import type { TagFilter } from './parameters.ts';

interface Row {
  readonly ResourceType: Type;
  readonly ResourceId: string;
  readonly TagKey: string;
  readonly TagValue?: string;
}

/**
 * ListTagResources: one row per resource and tag; a resource's rows may straddle two pages.
 *
 * With tag filters, a resource must have them all, and only the rows of those keys are shown [assumed].
 */
export const listTagResources: Operation = {
  name: 'ListTagResources',
  kind: 'list',
  refusal: 'NoPermission.Tag',
  prepare(call) {
    const { parameters, context } = call;
    const type = parameters.resourceType();
    const ids = parameters.list('ResourceId');
    if (ids.length > context.behavior().idsPerTagCall) throw invalid('ResourceId', 'too many ids');
    const filters = parameters.tags(20);
    const { tagRows, maxTagRows, tagRowsNeedIds } = context.behavior();
    if (tagRowsNeedIds && ids.length === 0) throw missing('ResourceId');
    const limit = parameters.integer('Limit', 1, maxTagRows, tagRows);
    const query = queryOf(call);
    const token = parameters.text('NextToken');
    const cursor = token === undefined ? undefined : context.pages.resume(token, query);
    return {
      commit() {
        const tests = [...tagTest(call, filters), ...idTest(ids)];
        const page = collectRows(call, { type, tests, keys: keysOf(filters), limit }, cursor);
        const next = page.next === undefined ? '' : tokenFor(call, page.next, query, token);
        return { ...nextTokenField(call, next), TagResources: page.rows };
      },
    };
  },
};

function idTest(ids: readonly string[]): readonly Test[] {
  if (ids.length === 0) return [];
  const wanted = new Set(ids);
  return [(resource) => wanted.has(resource.id)];
}

/** The keys whose rows are shown; `undefined`: every one. */
function keysOf(filters: readonly TagFilter[]): ReadonlySet<string> | undefined {
  const keys = filters.map(({ key }) => key);
  return keys.length === 0 || keys.includes(undefined) ? undefined : new Set(keys as string[]);
}

interface RowQuestion {
  readonly type: Type;
  readonly tests: readonly Test[];
  readonly keys: ReadonlySet<string> | undefined;
  readonly limit: number;
}

/** The cursor names the last resource looked at, and how many of its rows were shown. */
function collectRows(
  call: Call,
  question: RowQuestion,
  cursor: Cursor | undefined,
): { rows: Row[]; next: Cursor | undefined } {
  const rows: Row[] = [];
  let last: Cursor | undefined = cursor;
  for (const resource of resume(call, question, cursor)) {
    const all = rowsOf(call, question, resource);
    const from = resource.sequence === cursor?.sequence ? cursor.row : 0;
    const part = all.slice(from, from + question.limit - rows.length);
    if (rows.length === question.limit && all.length > from) return { rows, next: last };
    rows.push(...part);
    last = { sequence: resource.sequence, row: from + part.length };
    if (from + part.length < all.length) return { rows, next: last };
  }
  return { rows, next: undefined };
}

/** Begins with the resource that the page before ended in: it may have rows left. */
function* resume(call: Call, question: RowQuestion, cursor: Cursor | undefined): Generator<StoredResource> {
  const step = call.context.behavior().order === 'oldest-first' ? -1 : 1;
  const from = cursor === undefined ? undefined : { ...cursor, sequence: cursor.sequence + step };
  yield* walk(call, question.type, from);
}

function rowsOf(call: Call, question: RowQuestion, resource: StoredResource): readonly Row[] {
  const listed = resource.listedFromMs <= call.context.now();
  if (!listed || !question.tests.every((test) => test(resource))) return [];
  return [...call.context.state.shownTags(resource)]
    .filter(([key]) => question.keys === undefined || question.keys.has(key))
    .map(([key, value]) => ({
      ResourceType: resource.type,
      ResourceId: resource.id,
      TagKey: key,
      ...(value === '' && call.context.behavior().emptyValue === 'absent' ? {} : { TagValue: value }),
    }));
}
