import type { StoredResource, Type } from '../resource.ts';
import { positionAfter } from '../state.ts';
import type { Call } from './operation.ts';
import type { Cursor } from './pages.ts';
import type { TagFilter } from './parameters.ts';

export type Test = (resource: StoredResource) => boolean;

/** What a list is asked for, once its parameters are read. */
export interface ListQuestion {
  readonly type: Type;
  readonly limit: number;
  readonly tests: readonly Test[];
  readonly ids: readonly string[] | undefined;
}

export interface ListAnswer {
  readonly resources: readonly StoredResource[];
  readonly nextToken: string;
  readonly total: number;
}

/** Everything but where to begin and how much: what a page token is bound to. */
export function queryOf(call: Call): string {
  const own = [...call.parameters.map].filter(([name]) => BUSINESS.test(name)).sort();
  return JSON.stringify([call.api, call.identity.accountId, own]);
}

/** Names that belong to the question; the common parameters of a signed request do not. */
const BUSINESS =
  /^(?!(Action|Format|Version|Timestamp|Signature.*|AccessKeyId|SecurityToken|NextToken|Limit|ClientToken)$)/;

/** One page of the resources that pass, in stable order, whatever came or went since the page before. */
export function listPage(call: Call, question: ListQuestion): ListAnswer {
  const { context, parameters } = call;
  const query = queryOf(call);
  const token = parameters.text('NextToken');
  const cursor = token === undefined ? undefined : context.pages.resume(token, query);
  const { found, more } = collect(
    call,
    question,
    shifted(call, question, cursor),
    pageSize(call, question.limit),
  );
  const last = found.at(-1)?.sequence ?? cursor?.sequence;
  return {
    resources: found,
    nextToken: more ? tokenFor(call, { sequence: last ?? startOf(call), row: 0 }, query, token) : '',
    total: countMatches(call, question, query),
  };
}

/** A token for the next page: one of its own, or the same that this list began with. */
export function tokenFor(call: Call, cursor: Cursor, query: string, token: string | undefined): string {
  const { behavior, pages } = call.context;
  if (behavior().tokens === 'own') return pages.issue(cursor, query);
  return token === undefined ? pages.keep(cursor, query) : pages.issue(cursor, query, token);
}

/** Where a page begins: after the last resource of the one before, or with it. */
function shifted(call: Call, { limit }: ListQuestion, cursor: Cursor | undefined): Cursor | undefined {
  const { pageShift, order, pages } = call.context.behavior();
  // A page that might hold that one alone would never move on.
  if (cursor === undefined || pageShift === 'none' || limit < 2 || pages === 'short') return cursor;
  return { ...cursor, sequence: cursor.sequence + (order === 'oldest-first' ? -1 : 1) };
}

/** The resources of a region and type after a place, in the order of this emulator. */
export function* walk(call: Call, type: Type, cursor: Cursor | undefined): Generator<StoredResource> {
  const shelf = call.context.state.shelf(call.region, type);
  if (call.context.behavior().order === 'oldest-first') {
    const start = cursor === undefined ? 0 : positionAfter(shelf, cursor.sequence);
    for (let index = start; index < shelf.length; index += 1) yield shelf[index] as StoredResource;
  } else {
    const start = cursor === undefined ? shelf.length : positionAfter(shelf, cursor.sequence - 1);
    for (let index = start - 1; index >= 0; index -= 1) yield shelf[index] as StoredResource;
  }
}

function startOf(call: Call): number {
  return call.context.behavior().order === 'oldest-first' ? 0 : Number.MAX_SAFE_INTEGER;
}

function collect(
  call: Call,
  question: ListQuestion,
  cursor: Cursor | undefined,
  size: number,
): { found: StoredResource[]; more: boolean } {
  const found: StoredResource[] = [];
  for (const resource of candidates(call, question, cursor)) {
    if (!passes(call, question, resource)) continue;
    if (found.length === size) return { found, more: true };
    found.push(resource);
  }
  return { found, more: false };
}

/** With ids, only those are looked at; else everything after the place. */
function candidates(
  call: Call,
  question: ListQuestion,
  cursor: Cursor | undefined,
): Iterable<StoredResource> {
  if (question.ids === undefined) return walk(call, question.type, cursor);
  const ascending = call.context.behavior().order === 'oldest-first';
  const after = cursor?.sequence;
  return [...new Set(question.ids)]
    .map((id) => call.context.state.get({ region: call.region, type: question.type, id }))
    .filter((resource): resource is StoredResource => resource !== undefined)
    .filter(({ sequence }) => after === undefined || (ascending ? sequence > after : sequence < after))
    .sort((a, b) => (ascending ? a.sequence - b.sequence : b.sequence - a.sequence));
}

function passes(call: Call, question: ListQuestion, resource: StoredResource): boolean {
  return resource.listedFromMs <= call.context.now() && question.tests.every((test) => test(resource));
}

/** Now and then shorter than asked for, even empty, where pages are `short`. */
function pageSize(call: Call, limit: number): number {
  if (call.context.behavior().pages === 'full') return limit;
  return Math.floor(call.context.random() * (limit + 1));
}

interface Counted {
  readonly version: number;
  readonly behavior: object;
  readonly total: number;
}

const counts = new WeakMap<object, Map<string, Counted>>();

/** Counted once for each state of the fleet; pages of one list share it. */
function countMatches(call: Call, question: ListQuestion, query: string): number {
  const { state, behavior } = call.context;
  if (question.ids === undefined && question.tests.length === 0 && behavior().listingDelayMs === 0) {
    return state.shelf(call.region, question.type).length;
  }
  const known = counts.get(state) ?? new Map<string, Counted>();
  counts.set(state, known);
  const entry = known.get(query);
  const { listingDelayMs, visibilityDelayMs, lateListsMs } = behavior();
  const timeless = listingDelayMs === 0 && visibilityDelayMs === 0 && lateListsMs === 0;
  if (timeless && entry?.version === state.version && entry.behavior === behavior()) return entry.total;
  let total = 0;
  for (const resource of candidates(call, question, undefined)) {
    if (passes(call, question, resource)) total += 1;
  }
  if (known.size > 1000) known.clear();
  known.set(query, { version: state.version, behavior: behavior(), total });
  return total;
}

/** Tags are joined by and. */
export function tagTest(call: Call, filters: readonly TagFilter[]): readonly Test[] {
  const { state, behavior } = call.context;
  const anyWhenEmpty = behavior().emptyFilterValue === 'any';
  return filters.map(({ key, value }) => {
    const wanted = value === '' && anyWhenEmpty ? undefined : value;
    return (resource) => {
      const tags = state.shownTags(resource, 'inList');
      if (key !== undefined) return wanted === undefined ? tags.has(key) : tags.get(key) === wanted;
      return wanted === undefined || [...tags.values()].includes(wanted);
    };
  });
}

/** A filter on one field, when it was given. */
export function fieldTest(
  call: Call,
  name: string,
  read: (resource: StoredResource) => string,
): readonly Test[] {
  const wanted = call.parameters.text(name);
  return wanted === undefined ? [] : [(resource) => read(resource) === wanted];
}
