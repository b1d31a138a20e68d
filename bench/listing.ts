/**
 * Calls that reading an inventory takes, planned against plain pages, at 10,000 container groups: run with
 * `tsx bench/listing.ts [RESOURCES]`. The service is in memory; only the number of calls is measured.
 */
import { readInventory } from '../lib/inventory/read.ts';
import { parsePolicyDocument } from '../lib/policy/parse.ts';
import type { EciApi, ListQuery, Page } from '../lib/ports.ts';
import type { Resource, Tag } from '../lib/resource.ts';

const RESOURCES = Number(process.argv[2] ?? 10_000);
const SCOPE = { regions: ['cn-hangzhou'], resourceTypes: ['ContainerGroup'] };

const CASES = [
  { name: 'two exact keys on 5 %', remove: [{ key: 'old-a' }, { key: 'old-b' }] },
  {
    name: 'the same, maxPercent 100',
    remove: [{ key: 'old-a' }, { key: 'old-b' }],
    limits: { maxPercent: 100 },
  },
  {
    name: 'the same, maxPercent 10',
    remove: [{ key: 'old-a' }, { key: 'old-b' }],
    limits: { maxPercent: 10 },
  },
  {
    name: 'wildcard, selected by a tag on 10 %',
    remove: [{ key: 'ci-*' }],
    select: { tag: 'env', equals: 'dev' },
  },
  { name: 'wildcard, selected by status on 2 %', remove: [{ key: 'ci-*' }], select: { status: 'Failed' } },
  { name: 'wildcard on all', remove: [{ key: 'ci-*' }] },
];

function aFleet(count: number): readonly Resource[] {
  return Array.from({ length: count }, (_, at) => {
    const tags: Tag[] = [{ key: 'ci-run', value: String(at) }];
    if (at % 10 === 3) tags.push({ key: 'env', value: 'dev' });
    if (at % 40 === 7) tags.push({ key: 'old-a', value: '1' });
    if (at % 40 === 27) tags.push({ key: 'old-b', value: '1' });
    return {
      region: 'cn-hangzhou',
      type: 'ContainerGroup',
      id: `eci-${String(at).padStart(8, '0')}`,
      status: at % 50 === 9 ? 'Failed' : 'Running',
      tags,
    };
  });
}

/** An ECI that lists and does nothing else. */
function listingOnly(fleet: readonly Resource[]): EciApi & { calls: number } {
  const byId = new Map(fleet.map((one) => [one.id, one]));
  const find = (query: Partial<ListQuery>): readonly Resource[] =>
    query.ids
      ? query.ids.flatMap((id) => byId.get(id) ?? [])
      : fleet.filter(
          (one) =>
            (query.status === undefined || one.status === query.status) &&
            (query.tags ?? []).every((filter) =>
              one.tags?.some(
                (tag) => tag.key === filter.key && (filter.value === undefined || tag.value === filter.value),
              ),
            ),
        );
  const page = (query: Partial<ListQuery>, size: number): Page<Resource> => {
    eci.calls += 1;
    const from = Number(query.nextToken ?? 0);
    const found = find(query);
    const items = found.slice(from, from + size);
    return from + size < found.length ? { items, nextToken: String(from + size) } : { items };
  };
  const never = async (): Promise<never> => {
    throw new Error('a listing does not ask for this');
  };
  const eci = {
    calls: 0,
    listResources: async (query: ListQuery) => page(query, 20),
    listContainerGroupStatus: async (query: Partial<ListQuery>) => page(query, 200),
    describeRegions: never,
    listTagResources: never,
    untagResources: never,
    tagResources: never,
  };
  return eci;
}

const fleet = aFleet(RESOURCES);
const plain = Math.ceil(RESOURCES / 20);
const clock = { now: () => 0, sleep: async () => {} };
console.log(`${RESOURCES} container groups; plain pages: ${plain} calls\n`);
console.log('| policy | calls | of plain | way |\n|---|---|---|---|');
for (const { name, ...part } of CASES) {
  const policy = parsePolicyDocument({ version: 1, name: 'bench', scope: SCOPE, ...part }, name);
  const eci = listingOnly(fleet);
  const { readings } = await readInventory(eci, { policy, narrowing: {} }, { clock });
  console.log(`| ${name} | ${eci.calls} | ${(eci.calls / plain).toFixed(3)} | ${readings[0]!.way} |`);
}
