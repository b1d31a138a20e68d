import { RESOURCE_KINDS } from '../../kinds.ts';
import type { ResourceType } from '../../resource.ts';
import type { Asked, Lab } from '../lab.ts';
import { listAction, type RawItem, type RawPage, readPage } from '../raw.ts';
import type { FirstPages } from './lists.ts';

/** An id of the right form that no region holds. */
export function inventedId(type: ResourceType, n = 0): string {
  return `${RESOURCE_KINDS[type].idPrefix}-0tagsweepdoctor${String(n).padStart(5, '0')}`;
}

/** What the first pages show by themselves: how `Tags` and empty values arrive, and whether system tags do. */
export function learnForms(lab: Lab, pages: FirstPages): void {
  const all = [...pages.values()].flatMap(({ page, asked }) => page.items.map((item) => ({ item, asked })));
  const bare = all.find(({ item }) => item.tags.length === 0);
  if (bare !== undefined) lab.learn('noTags', bare.item.form, 'the first pages', bare.asked);
  const empty = all.find(({ item }) => item.tags.some(({ value }) => value === undefined || value === ''));
  if (empty !== undefined) {
    const isAbsent = empty.item.tags.some(({ value }) => value === undefined);
    lab.learn('emptyValue', isAbsent ? 'absent' : 'sent', 'the first pages', empty.asked);
  }
  const system = all.find(({ item }) => item.tags.some(({ key }) => key.startsWith('acs:')));
  if (system !== undefined) lab.learn('systemTags', 'shown', 'the first pages', system.asked);
}

/** Lists with Limit, the second page, its token again, and what the count counts. */
export async function learnPaging(lab: Lab, type: ResourceType, first: RawPage, asked: Asked): Promise<void> {
  const action = listAction(type);
  const limited = await lab.ask({ action, parameters: { Limit: 20 } });
  lab.learn('limitWithoutIds', limited.ok ? 'accepted' : 'refused', `${action} with Limit`, limited);
  if (first.nextToken === undefined) {
    learnCount(lab, first.total, first.items, [first], asked);
    return;
  }
  lab.learn('listPage', first.items.length, action, asked);
  const next = { action, parameters: { NextToken: first.nextToken } };
  const second = await lab.ask(next);
  if (!second.ok) {
    lab.say({
      check: 'paging',
      status: 'failed',
      text: `the second page was refused: ${second.error.message}`,
      todo: 'Without it no inventory is complete: report this with the RequestId.',
      requestId: second.requestId,
    });
    return;
  }
  const page = readPage(type, second.body);
  if (page.nextToken !== undefined) {
    const word = page.nextToken === first.nextToken ? 'constant' : 'changing';
    lab.learn('tokens', word, `${action}, two pages`, asked, second);
  }
  const again = await lab.ask(next);
  lab.learn(
    'repeatedToken',
    again.ok ? comparePages(readPage(type, again.body), page) : 'refused',
    `${action}, one token twice`,
    second,
    again,
  );
  learnCount(lab, first.total, first.items, [first, page], second);
}

function comparePages(a: RawPage, b: RawPage): 'same' | 'other' {
  return idsOf(a) === idsOf(b) ? 'same' : 'other';
}

/** `exact` can be told only where all pages were seen; `page` wherever the count is no more than a first page that goes on. */
function learnCount(
  lab: Lab,
  total: number | undefined,
  firstItems: readonly RawItem[],
  pages: readonly RawPage[],
  asked: Asked,
): void {
  if (total === undefined) return;
  const isWhole = pages.at(-1)?.nextToken === undefined;
  const seen = new Set(pages.flatMap((page) => page.items.map(({ id }) => id))).size;
  if (isWhole && total === seen) lab.learn('totalCount', 'exact', 'all pages', asked);
  else if (total === firstItems.length) lab.learn('totalCount', 'page', 'the first of several pages', asked);
  else if (isWhole || total < seen) lab.learn('totalCount', 'other', 'the pages seen', asked);
}

function idsOf(page: RawPage): string {
  return page.items
    .map(({ id }) => id)
    .sort()
    .join(' ');
}

/** A real id beside an invented one; where a list takes one id a call, the invented one alone. */
export async function learnUnknownId(lab: Lab, type: ResourceType, real: RawItem): Promise<void> {
  const asked = await lab.ask({
    action: listAction(type),
    parameters: byIds(type, [real.id, inventedId(type)]),
  });
  lab.learn('unknownId', asked.ok ? 'left-out' : 'refused', `${listAction(type)} by ids`, asked);
}

function byIds(type: ResourceType, ids: readonly string[]): Readonly<Record<string, unknown>> {
  const { parameter, form } = RESOURCE_KINDS[type].list.ids;
  if (form === 'one') return { [parameter]: ids.at(-1) };
  return { [parameter]: form === 'jsonText' ? JSON.stringify(ids) : ids };
}

/** A list by id, its parameters in a form body: whether just that resource came. */
export async function learnFormBody(lab: Lab, type: ResourceType, real: RawItem): Promise<void> {
  const asked = await lab.ask({ action: listAction(type), parameters: byIds(type, [real.id]), asForm: true });
  const isHeard = asked.ok && idsOf(readPage(type, asked.body)) === real.id;
  lab.learn('formBody', isHeard ? 'accepted' : 'refused', `${listAction(type)} by id as a form`, asked);
}
