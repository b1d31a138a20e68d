import type { ResourceType } from '../../resource.ts';
import type { Lab } from '../lab.ts';
import { learnBuckets } from './buckets.ts';
import { learnFilters, learnStatusIds } from './filters.ts';
import { learnFormBody, learnForms, learnPaging, learnUnknownId } from './habits.ts';
import { type FirstPages, readFirstPages } from './lists.ts';
import { learnTagRows } from './tag-rows.ts';

export interface RegionOptions {
  readonly types: readonly ResourceType[];
  /** Buckets of data caches that the user knows of. */
  readonly buckets: readonly string[];
}

/**
 * Everything that reading can tell about one region, in 25 calls at the most.
 *
 * What needs a resource to look at is tried on the type that shows most of them; in an empty region little
 * can be learned, and that is said.
 */
export async function examineRegion(lab: Lab, { types, buckets }: RegionOptions): Promise<void> {
  const pages = await readFirstPages(lab, types);
  learnForms(lab, pages);
  const subject = fullest(pages);
  if (subject === undefined) {
    lab.say({
      check: 'habits',
      status: 'learned',
      text: 'nothing to look at here: how lists behave stays unknown, and runs take the safe reading',
    });
  } else {
    const { type, page, asked } = subject;
    await learnPaging(lab, type, page, asked);
    await learnUnknownId(lab, type, page.items[0]!);
    await learnFormBody(lab, type, page.items[0]!);
    await learnFilters(lab, type, page);
    await learnTagRows(lab, type, page);
  }
  const groups = pages.get('ContainerGroup')?.page;
  if (groups !== undefined && groups.items.length > 0) await learnStatusIds(lab, groups);
  const caches = pages.get('DataCache')?.page;
  if (caches !== undefined) await learnBuckets(lab, caches, buckets.slice(0, 3));
  if (pages.size > 0) await readUsage(lab);
}

/** Quotas as far as the service tells them; how many calls a minute are allowed it does not. */
async function readUsage(lab: Lab): Promise<void> {
  const asked = await lab.ask({ action: 'ListUsage', parameters: {} });
  if (!asked.ok) {
    lab.say({
      check: 'quotas',
      status: 'learned',
      text: `cannot be read (${asked.error.apiCode}); nothing depends on it`,
    });
    return;
  }
  const { Attributes = {} } = asked.body as { Attributes?: Readonly<Record<string, unknown>> };
  const known = ['UsedCpu', 'MaxCpu', 'MaxImageCacheCount', 'MaxDataCacheCount'].filter(
    (name) => name in Attributes,
  );
  if (known.length === 0) return;
  const text = known.map((name) => `${name} ${String(Attributes[name])}`).join(', ');
  lab.say({ check: 'quotas', status: 'passed', text, requestId: asked.requestId });
}

function fullest(pages: FirstPages) {
  const [most] = [...pages]
    .map(([type, { page, asked }]) => ({ type, page, asked }))
    .filter(({ page }) => page.items.length > 0)
    .sort(
      (a, b) =>
        Number(b.page.nextToken !== undefined) - Number(a.page.nextToken !== undefined) ||
        b.page.items.length - a.page.items.length,
    );
  return most;
}
