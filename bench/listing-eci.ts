import type { Clock } from '../lib/clock.ts';
import type { EciApi, ListQuery, Page, TagRow } from '../lib/ports.ts';
import type { Resource } from '../lib/resource.ts';

/** An ECI in memory that lists and does nothing else; counts its calls, each of which takes `latencyMs`. */
export function listingOnly(
  fleet: readonly Resource[],
  { clock, latencyMs }: { readonly clock: Clock; readonly latencyMs: number },
): EciApi & { readonly calls: number } {
  const byId = new Map(fleet.map((one) => [one.id, one]));
  let calls = 0;
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
  const pageOf = async <T>(
    items: readonly T[],
    token: string | undefined,
    size: number,
  ): Promise<Page<T>> => {
    calls += 1;
    if (latencyMs > 0) await clock.sleep(latencyMs);
    const from = Number(token ?? 0);
    const page = items.slice(from, from + size);
    const total = items.length;
    return from + size < total
      ? { items: page, nextToken: String(from + size), total }
      : { items: page, total };
  };
  const rowsOf = ({ type, id, tags = [] }: Resource): readonly TagRow[] =>
    tags.map(({ key, value }) => ({ type, id, key, value }));
  const never = async (): Promise<never> => {
    throw new Error('a listing does not ask for this');
  };
  return {
    get calls() {
      return calls;
    },
    listResources: (query) => pageOf(find(query), query.nextToken, 20),
    listContainerGroupStatus: (query) => pageOf(find(query), query.nextToken, 200),
    listTagResources: (query) => pageOf(find(query).flatMap(rowsOf), query.nextToken, 20),
    describeRegions: never,
    untagResources: never,
    tagResources: never,
  };
}
