import type { ResourceType } from '../../resource.ts';
import type { Lab } from '../lab.ts';
import { type RawPage, type RawRow, readRows } from '../raw.ts';

/** Pages of rows that are read at the most: enough for a first page of resources, and no listing. */
const MOST_PAGES = 6;

/**
 * Rows of tags without ids and keys, held against what the plain list showed and against the rows of the
 * same resources by id.
 *
 * `complete` only where every tag of the first page of resources was among the rows, all rows read; where
 * there are more rows than a doctor reads, nothing is learned.
 */
export async function learnTagRows(lab: Lab, type: ResourceType, first: RawPage): Promise<void> {
  const action = 'ListTagResources';
  const parameters = { ResourceType: type };
  const whole = await lab.ask({ action, parameters });
  if (!whole.ok) return lab.learn('tagRows', 'refused', `${action} without ids`, whole);
  const rows: RawRow[] = [];
  let asked = whole;
  let page = readRows(whole.body);
  if (page.nextToken !== undefined) lab.learn('tagRowsPage', page.rows.length, action, whole);
  for (let n = 1; ; n++) {
    rows.push(...page.rows);
    if (page.nextToken === undefined || n === MOST_PAGES) break;
    const next = await lab.ask({ action, parameters: { ...parameters, NextToken: page.nextToken } });
    if (!next.ok) return lab.learn('tagRows', 'incomplete', `${action}, page ${n + 1}`, next);
    asked = next;
    page = readRows(next.body);
  }
  const byId = await rowsById(lab, type, first);
  const isWhole = page.nextToken === undefined;
  const expected = [...byId, ...tagsOf(first)];
  if (expected.length === 0) return;
  const names = new Set(rows.map(nameOf));
  const hasAll = expected.every((row) => names.has(nameOf(row)));
  if (isWhole)
    lab.learn(
      'tagRows',
      hasAll ? 'complete' : 'incomplete',
      `${action} against the plain list`,
      whole,
      asked,
    );
}

async function rowsById(lab: Lab, type: ResourceType, first: RawPage): Promise<readonly RawRow[]> {
  const ids = first.items.slice(0, 20).map(({ id }) => id);
  if (ids.length === 0) return [];
  const asked = await lab.ask({
    action: 'ListTagResources',
    parameters: { ResourceType: type, ResourceId: ids },
  });
  if (asked.ok) return readRows(asked.body).rows;
  lab.say({
    check: 'tag rows',
    status: 'failed',
    text: `${type}: ListTagResources by ids is refused: ${asked.error.message}`,
    todo: 'Allow it eci:ListTagResources: where a list does not send the tags of a resource, a run asks for them so.',
    requestId: asked.requestId,
  });
  return [];
}

function tagsOf(first: RawPage): readonly RawRow[] {
  return first.items.flatMap(({ id, tags }) => tags.map(({ key, value = '' }) => ({ id, key, value })));
}

function nameOf({ id, key, value }: RawRow): string {
  return JSON.stringify([id, key, value]);
}
