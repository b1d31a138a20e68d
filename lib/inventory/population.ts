import { isRefusal } from './gaps.ts';
import type { Pager } from './pager.ts';

/** How many resources there are, counted as far as somebody asked. */
export interface Population {
  /** Never more than there are. */
  seen(): number;
  /** Whether there is nothing left to count. */
  ended(): boolean;
  /** Counts one page more. */
  more(): Promise<void>;
  /** The most that one page can add. */
  readonly pageSize: number;
}

/** Counts with a listing, after what was counted already. */
export function byPages(
  counted: Set<string>,
  pager: Pager<{ readonly id: string }>,
  pageSize: number,
): Population {
  return {
    seen: () => counted.size,
    ended: () => pager.ended,
    more: async () => {
      for (const { id } of await pager.next()) {
        counted.add(id);
      }
    },
    pageSize,
  };
}

/** A population of which nothing is left to count. */
export function countedOut(size: number): Population {
  return { seen: () => size, ended: () => true, more: async () => {}, pageSize: 0 };
}

/** The count of all resources in scope, and what to say of it. */
export interface Count {
  /** Never more than there are. */
  readonly seen: number;
  /** Left out: every resource was seen. */
  readonly note?: string;
}

/**
 * Counts the population only as far as it can matter for `maxPercent`.
 *
 * Of `touchable` resources no more can be planned. Once so many resources were seen that even all of these
 * pass the limit, counting more changes nothing: the part that is planned only gets smaller. Until then the
 * largest pages go first. A count that cannot go on is left too small, which makes the limit stricter.
 */
export async function countPopulation(
  populations: readonly Population[],
  touchable: number,
  maxPercent: number,
): Promise<Count> {
  // One more than needed, so that rounding cannot end the count too early.
  const enough = maxPercent > 0 && maxPercent < 100 ? Math.ceil((touchable * 100) / maxPercent) + 1 : 0;
  const stuck = new Map<Population, string>();
  for (;;) {
    const seen = populations.reduce((sum, one) => sum + one.seen(), 0);
    const open = populations.filter((one) => !one.ended() && !stuck.has(one));
    const pageSize = Math.max(...open.map((one) => one.pageSize));
    if (open.length === 0 || seen >= enough) {
      return { seen, ...noteOf(seen, open.length > 0, [...stuck.values()], enough > 0) };
    }
    const pages = Math.ceil((enough - seen) / pageSize);
    const next = open.filter((one) => one.pageSize === pageSize).slice(0, pages);
    await Promise.all(next.map((one) => countPage(one, stuck)));
  }
}

async function countPage(population: Population, stuck: Map<Population, string>): Promise<void> {
  try {
    await population.more();
  } catch (error) {
    if (!isRefusal(error)) {
      throw error;
    }
    stuck.set(population, (error as Error).message);
  }
}

function noteOf(seen: number, open: boolean, stuck: readonly string[], counting: boolean) {
  if (stuck.length > 0) {
    return {
      note: `population counted only up to ${seen}, which makes maxPercent stricter: ${stuck[0]}`,
    };
  }
  if (!open) {
    return {};
  }
  return {
    note: counting
      ? `population counted up to ${seen}: enough to show that the plan stays within maxPercent`
      : 'population not counted: maxPercent does not need it',
  };
}
