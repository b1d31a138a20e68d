import { EciError } from '../../lib/errors.ts';
import type { EciApi, ListQuery } from '../../lib/ports.ts';
import type { Region, Resource, Tag, TagKey } from '../../lib/resource.ts';

export const REGIONS = ['cn-beijing', 'cn-hangzhou'] as const;
const FIRST_DAY_MS = Date.UTC(2026, 0, 1);
const APPS = ['billing', 'indexer', 'api', 'checkout', 'search', 'mailer', 'gateway', 'scheduler'];
const KEPT: readonly (readonly [TagKey, readonly string[]])[] = [
  ['app', APPS],
  ['cost-center', ['cc-100', 'cc-200', 'cc-300']],
  ['env', ['dev', 'test']],
  ['team', ['web', 'data']],
];
/** Keys that each template leaves behind, besides what all have. */
const TEMPLATES = 40;
/** One in so many has a key of its own. */
const OWN_KEY_EVERY = 50;

/** A cloud that exists only as numbers. */
export interface NumberedFleet extends EciApi {
  /** Tags that the policy removes and that are still there. */
  left(): number;
  /** What the cloud itself takes: one byte a resource. */
  readonly bytes: number;
}

/**
 * Container groups of two regions that exist only as numbers: what a resource looks like is computed when it
 * is asked for, and of what was removed one byte a resource is kept. So all memory measured is the run's.
 *
 * Each has four tags that stay, and two to six that go: one with a value of its own, some of its template, and
 * on one in fifty a key of its own.
 */
export function createNumberedFleet(count: number): NumberedFleet {
  const gone = new Uint8Array(count);
  const sizeOf = (region: Region): number => (count + (region === REGIONS[0] ? 1 : 0)) >> 1;
  const numberOf = (region: Region, at: number): number => at * 2 + (region === REGIONS[0] ? 0 : 1);
  const look = (n: number): Resource => resourceAt(n, gone[n]!);
  const pageOf = <T>(query: Omit<ListQuery, 'type'>, size: number, make: (n: number) => T) => {
    const from = Number(query.nextToken ?? 0);
    const to = Math.min(from + size, sizeOf(query.region));
    const items = Array.from({ length: Math.max(0, to - from) }, (_, at) =>
      make(numberOf(query.region, from + at)),
    );
    return to < sizeOf(query.region) ? { items, nextToken: String(to) } : { items };
  };
  return {
    bytes: count,
    left() {
      let tags = 0;
      for (let n = 0; n < count; n += 1) {
        tags += goingTags(n).filter((_, bit) => (gone[n]! & (1 << bit)) === 0).length;
      }
      return tags;
    },
    describeRegions: async () => [...REGIONS],
    listResources: async (query) => {
      if (query.type !== 'ContainerGroup' || (query.tags?.length ?? 0) > 0) return { items: [] };
      if (query.ids !== undefined) return { items: query.ids.map((id) => look(numberIn(id))) };
      return pageOf(query, 20, look);
    },
    listContainerGroupStatus: async (query) =>
      pageOf(query, 200, (n) => ({ id: idOf(n), status: 'Running' })),
    listTagResources: async () => ({ items: [] }),
    untagResources: async ({ ids, keys }) => {
      const asked = new Set(keys);
      for (const id of ids) {
        const n = numberIn(id);
        for (const [bit, { key }] of goingTags(n).entries()) if (asked.has(key)) gone[n]! |= 1 << bit;
      }
      return { requestId: 'R' };
    },
    tagResources: async ({ region }) => {
      const details = { kind: 'rejected', apiCode: 'Unexpected', apiName: 'TagResources', region } as const;
      throw new EciError('nothing is put back here', { ...details, outcomeUnknown: false });
    },
  };
}

/** The tags of resource n that the policy of the benchmark removes; at most eight. */
function goingTags(n: number): readonly Tag[] {
  const template = Math.imul(n, 0x9e3779b1) >>> 0;
  const tags: Tag[] = [{ key: 'ci-run', value: String(7_000_000 + n) }];
  if (template % 7 < 4) tags.push({ key: 'ci-branch', value: `release-${n % 40}` });
  if (template % 5 < 3) tags.push({ key: 'ci-pipeline', value: APPS[n % APPS.length]! });
  if (template % 3 === 0) tags.push({ key: 'tmp-trace', value: '' });
  tags.push({ key: `tmp-of-template-${template % TEMPLATES}`, value: 'x' });
  if (n % OWN_KEY_EVERY === 0) tags.push({ key: `ci-lease-${n.toString(36)}`, value: 'held' });
  return tags;
}

function resourceAt(n: number, gone: number): Resource {
  const kept = KEPT.map(([key, values]) => ({ key, value: values[n % values.length]! }));
  const going = goingTags(n).filter((_, bit) => (gone & (1 << bit)) === 0);
  return {
    region: REGIONS[n % 2]!,
    type: 'ContainerGroup',
    id: idOf(n),
    name: `${APPS[n % APPS.length]}-7f${n.toString(36).padStart(8, '0')}`,
    status: 'Running',
    createdAtMs: FIRST_DAY_MS + n * 1000,
    resourceGroupId: 'rg-default',
    tags: [...kept, ...going].map((tag) => ({ key: fresh(tag.key), value: fresh(tag.value) })),
  };
}

/** As an SDK hands it out: a text of its own, not one that is shared already. */
function fresh(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function idOf(n: number): string {
  return fresh(`eci-2ze${n.toString(36).padStart(16, '0')}`);
}

function numberIn(id: string): number {
  return Number.parseInt(id.slice(7), 36);
}
