import type { ResourceType } from '../../resource.ts';
import type { Lab } from '../lab.ts';
import { listAction, type RawItem, type RawPage, readPage, readStatusPage } from '../raw.ts';

/**
 * Tag filters held against filtering here: what the first page shows is the witness. Where there is but one
 * page, what is found must be equal; else at least nothing of the page may be missing.
 */
export async function learnFilters(lab: Lab, type: ResourceType, first: RawPage): Promise<void> {
  const subject = first.items.find(({ tags }) => tags.some(isOrdinary));
  const key = subject?.tags.find(isOrdinary)?.key;
  if (key === undefined) return;
  const action = listAction(type);
  const asked = await lab.ask({ action, parameters: { Tag: [{ Key: key }] } });
  const wanted = (item: RawItem) => item.tags.some((tag) => tag.key === key);
  lab.learn(
    'keyFilter',
    asked.ok ? judge(readPage(type, asked.body), first, wanted) : 'refused',
    `${action}, Tag.1.Key alone`,
    asked,
  );
  await learnTwoFilters(lab, type, first);
}

async function learnTwoFilters(lab: Lab, type: ResourceType, first: RawPage): Promise<void> {
  const pair = twoTags(first);
  if (pair === undefined) return;
  const action = listAction(type);
  const asked = await lab.ask({
    action,
    parameters: { Tag: pair.map(({ key, value }) => ({ Key: key, Value: value })) },
  });
  const holds = (item: RawItem, one: { key: string; value: string }) =>
    item.tags.some((tag) => tag.key === one.key && tag.value === one.value);
  const probe = `${action}, two tags`;
  if (!asked.ok) return lab.learn('twoFilters', 'refused', probe, asked);
  const page = readPage(type, asked.body);
  const and = judge(page, first, (item) => pair.every((one) => holds(item, one)));
  const or = judge(page, first, (item) => pair.some((one) => holds(item, one)));
  lab.learn('twoFilters', and === 'exact' ? 'and' : or === 'exact' ? 'or' : 'other', probe, asked);
}

/** Two tags of one resource that not all holders of the one share: else nobody can tell and from or. */
function twoTags(first: RawPage): readonly { key: string; value: string }[] | undefined {
  for (const { tags } of first.items) {
    const own = tags
      .filter(isOrdinary)
      .filter((tag): tag is { key: string; value: string } => Boolean(tag.value));
    for (const a of own) {
      for (const b of own) {
        const parts = first.items.some((item) => has(item, a) !== has(item, b));
        if (a.key < b.key && parts) return [a, b];
      }
    }
  }
  return undefined;
}

function has(item: RawItem, one: { key: string; value: string }): boolean {
  return item.tags.some(({ key, value }) => key === one.key && value === one.value);
}

function isOrdinary({ key }: { readonly key: string }): boolean {
  return !/^(acs:|aliyun)/.test(key);
}

function judge(
  found: RawPage,
  first: RawPage,
  wanted: (item: RawItem) => boolean,
): 'exact' | 'less' | 'more' {
  const ids = new Set(found.items.map(({ id }) => id));
  if (found.items.some((item) => !wanted(item))) return 'more';
  const missing = first.items.filter((item) => wanted(item) && !ids.has(item.id));
  // What was found may go on on further pages: only a page that ends tells what is missing.
  return missing.length > 0 && found.nextToken === undefined ? 'less' : 'exact';
}

/** Ids by status held against those of the plain list, and whether Limit is taken there. */
export async function learnStatusIds(lab: Lab, first: RawPage): Promise<void> {
  const action = 'DescribeContainerGroupStatus';
  const plain = await lab.ask({ action, parameters: {} });
  const limited = await lab.ask({ action, parameters: { Limit: 200 } });
  if (plain.ok || limited.ok)
    lab.learn('statusLimit', limited.ok ? 'accepted' : 'refused', `${action} with Limit`, limited);
  const asked = limited.ok ? limited : plain;
  if (!asked.ok) return lab.learn('statusIds', 'refused', action, asked);
  const page = readStatusPage(asked.body);
  const ids = new Set(page.items.map(({ id }) => id));
  const missing = first.items.filter(({ id }) => !ids.has(id));
  if (missing.length === 0 && page.nextToken === undefined) {
    const isAll =
      first.nextToken === undefined || page.total === undefined || page.total === page.items.length;
    lab.learn('statusIds', isAll ? 'complete' : 'incomplete', action, asked);
  } else if (missing.length > 0 && page.nextToken === undefined) {
    lab.learn('statusIds', 'incomplete', action, asked);
    lab.say({
      check: 'status list',
      status: 'learned',
      text: `${action} leaves out ${missing[0]!.id}, which the plain list shows: runs read plainly`,
      requestId: asked.requestId,
    });
  }
}
