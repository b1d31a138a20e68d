import { lazyList, readerOf } from '../lazy-list.ts';
import type { Resource } from '../resource.ts';
import type { PlannedResource } from './cover-groups.ts';
import { tagsInOrder } from './order.ts';
import type { Removal, RemovalTag } from './types.ts';

/** Removals as they are found, at a few bytes each: which resource, which of its tags, by which rule. */
export interface RemovalTable {
  /**
   * Adds the removal of a resource.
   *
   * @param position - of the resource in the list that the table was made for.
   * @param tags - of the resource; never empty.
   */
  add(position: number, resource: Resource, tags: readonly RemovalTag[]): void;
  /** In the order in which they were added; each is made when it is looked at. */
  all(): readonly Removal[];
  /** The same with their resources. */
  planned(): readonly PlannedResource[];
}

/** Numbers of 16 bits for each tag: its place among the resource's tags, and that of its rule. */
const TAG_NUMBERS = 2;
const MOST = 0xffff;

/** @param resources - whose removals they are: they must not change while the removals are in use. */
export function createRemovalTable(resources: readonly Resource[]): RemovalTable {
  const rules: string[] = [];
  const ruleNumbers = new Map<string, number>();
  let positions = new Uint32Array(64);
  /** Where the tags of each removal begin; one more than there are removals. */
  let firsts = new Uint32Array(65);
  let numbers = new Uint16Array(256);
  let count = 0;

  const numberOf = (rule: string): number => {
    const known = ruleNumbers.get(rule);
    if (known !== undefined) return known;
    ruleNumbers.set(rule, rules.length);
    return rules.push(rule) - 1;
  };
  const resourceAt = readerOf(resources);
  const make = (index: number): Removal => {
    const resource = resourceAt(positions[index]!);
    const tags: RemovalTag[] = [];
    for (let at = firsts[index]!; at < firsts[index + 1]!; at += 1) {
      const { key, value } = resource.tags![numbers[at * TAG_NUMBERS]!]!;
      tags.push({ key, value, rule: rules[numbers[at * TAG_NUMBERS + 1]!]! });
    }
    return {
      region: resource.region,
      type: resource.type,
      id: resource.id,
      ...(resource.name !== undefined && { name: resource.name }),
      tags: tagsInOrder(tags),
    };
  };
  return {
    add(position, resource, tags) {
      if (count === positions.length) {
        positions = widened(positions, new Uint32Array(count * 2));
        firsts = widened(firsts, new Uint32Array(count * 2 + 1));
      }
      positions[count] = position;
      let at = firsts[count]!;
      for (const tag of tags) {
        const place = resource.tags!.findIndex(({ key, value }) => key === tag.key && value === tag.value);
        if (place < 0) throw new Error(`tag ${JSON.stringify(tag.key)} is not one of ${resource.id}`);
        const rule = numberOf(tag.rule);
        // A number that does not fit would stand for another tag.
        if (place > MOST || rule > MOST)
          throw new Error(`${resource.id}: more tags or rules than are counted`);
        if ((at + 1) * TAG_NUMBERS > numbers.length) {
          numbers = widened(numbers, new Uint16Array(numbers.length * 2));
        }
        numbers[at * TAG_NUMBERS] = place;
        numbers[at * TAG_NUMBERS + 1] = rule;
        at += 1;
      }
      count += 1;
      firsts[count] = at;
    },
    all: () => lazyList(count, make),
    planned: () =>
      lazyList(count, (index) => ({ resource: resourceAt(positions[index]!), removal: make(index) })),
  };
}

function widened<T extends Uint16Array | Uint32Array>(narrow: T, wide: T): T {
  wide.set(narrow);
  return wide;
}
