import { RESOURCE_KINDS } from '../../kinds.ts';
import type { Resource } from '../../resource.ts';
import { isRefusal } from '../gaps.ts';
import { matchesFilter, type TouchFilter } from '../needs/filter.ts';
import { listPager, type Shard } from '../shard.ts';
import { stillThere } from './by-ids.ts';
import { type FirstLook, showPage } from './first-look.ts';

/** Fewer resources would not show that a filter leaves some out; where a list takes one id a call, no more are tried. */
const LEAST_TRIED = 6;
/** So many plain pages are read at most to find them. */
const MOST_PAGES = 4;

/** What a filter can name: a key, a key and its value, a status. */
const FORMS = ['key', 'value', 'status'] as const;
type Form = (typeof FORMS)[number];

/**
 * Whether filters find what they name: each form of filter that is to be relied on is tried once on resources that
 * plain pages have shown, asked for by their ids.
 *
 * A filter by a key alone may find nothing, and one that is late may leave some out; neither would show in what it
 * finds. Where the pages show too little to try a form on, it is not relied on.
 */
export async function filtersHold(look: FirstLook, filters: readonly TouchFilter[]): Promise<boolean> {
  const forms = FORMS.filter((form) => filters.some((filter) => formsOf(filter).includes(form)));
  for (const form of forms) {
    const trial = await findTrial(look, form);
    if (trial === undefined || !(await finds(look.shard, trial))) return false;
  }
  return true;
}

function formsOf({ tags, status }: TouchFilter): readonly Form[] {
  const ofTags = tags.map(({ value }): Form => (value === undefined ? 'key' : 'value'));
  return status === undefined ? ofTags : [...ofTags, 'status'];
}

interface Trial {
  readonly filter: TouchFilter;
  readonly ids: readonly string[];
}

/** Reads a few pages more where those that were read show too little to try the form on. */
async function findTrial(look: FirstLook, form: Form): Promise<Trial | undefined> {
  for (;;) {
    const trial = trialOf(look, form);
    if (trial !== undefined && trial.ids.length >= LEAST_TRIED) return trial;
    if (look.plain.ended || look.plain.calls >= MOST_PAGES) return undefined;
    await showPage(look);
  }
}

/** The filter of this form that most of the shown resources match. */
function trialOf({ shard, shown }: FirstLook, form: Form): Trial | undefined {
  const resources = [...new Set(shown)].flatMap((id) => shard.collector.get(id) ?? []);
  const candidates = new Map<string, TouchFilter>();
  for (const resource of resources) {
    for (const filter of filtersOf(resource, form)) candidates.set(JSON.stringify(filter), filter);
  }
  let best: Trial | undefined;
  for (const filter of candidates.values()) {
    const ids = resources.filter((one) => matchesFilter(one, filter)).map(({ id }) => id);
    if (ids.length > (best?.ids.length ?? 0)) best = { filter, ids };
  }
  return best;
}

function filtersOf({ tags = [], status }: Resource, form: Form): readonly TouchFilter[] {
  if (form === 'status') return status === undefined ? [] : [{ tags: [], status }];
  // An empty value may mean any.
  const used = form === 'key' ? tags : tags.filter(({ value }) => value !== '');
  return used.map(({ key, value }) => ({ tags: [form === 'key' ? { key } : { key, value }] }));
}

async function finds(shard: Shard, { filter, ids }: Trial): Promise<boolean> {
  const most = RESOURCE_KINDS[shard.type].list.ids.most;
  const tried = ids.slice(0, most === 1 ? LEAST_TRIED : most);
  for (let at = 0; at < tried.length; at += most) {
    if (!(await findsAll(shard, filter, tried.slice(at, at + most)))) return false;
  }
  return true;
}

async function findsAll(shard: Shard, filter: TouchFilter, ids: readonly string[]): Promise<boolean> {
  const pager = listPager(shard, filter, ids);
  const missing = new Set(ids);
  try {
    while (!pager.ended && missing.size > 0) for (const { id } of await pager.next()) missing.delete(id);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return false;
  }
  if (missing.size === 0) return true;
  // One that changed or vanished since it was shown speaks against nothing.
  return !(await stillThere(shard, [...missing], (resource) => matchesFilter(resource, filter)));
}
