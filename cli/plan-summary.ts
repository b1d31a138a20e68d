import type { Plan } from '../lib/plan/types.ts';
import { compareText, type Region, type ResourceType, type TagKey } from '../lib/resource.ts';

/** What one rule removes under one key. */
export interface KeySummary {
  readonly key: TagKey;
  readonly rule: string;
  /** As many as resources, since a resource holds a key once. */
  readonly tags: number;
  readonly distinctValues: number;
  /** The values met most often, at most five, with how often. */
  readonly examples: readonly { readonly value: string; readonly tags: number }[];
}

/** What goes in one region from one type. */
export interface PlaceSummary {
  readonly region: Region;
  readonly type: ResourceType;
  readonly resources: number;
  readonly tags: number;
  readonly calls: number;
}

/** A plan as a person wants to hear it: sums before single tags. */
export interface PlanSummary {
  readonly tags: number;
  readonly resources: number;
  readonly keys: readonly KeySummary[];
  readonly places: readonly PlaceSummary[];
}

const EXAMPLES = 5;

/** Adds up a plan by key and rule, most tags first, and by region and type. */
export function summarizePlan(plan: Pick<Plan, 'removals' | 'batches'>): PlanSummary {
  const keys = new Map<string, { key: TagKey; rule: string; tags: number; values: Map<string, number> }>();
  const places = new Map<string, { -readonly [Field in keyof PlaceSummary]: PlaceSummary[Field] }>();
  let tags = 0;
  for (const { region, type, tags: removed } of plan.removals) {
    tags += removed.length;
    const place = getOrAdd(places, `${region} ${type}`, () => ({
      region,
      type,
      resources: 0,
      tags: 0,
      calls: 0,
    }));
    place.resources += 1;
    place.tags += removed.length;
    for (const { key, value, rule } of removed) {
      const group = getOrAdd(keys, `${rule}\n${key}`, () => ({ key, rule, tags: 0, values: new Map() }));
      group.tags += 1;
      group.values.set(value, (group.values.get(value) ?? 0) + 1);
    }
  }
  for (const { region, type } of plan.batches) {
    const place = places.get(`${region} ${type}`);
    if (place !== undefined) place.calls += 1;
  }
  return {
    tags,
    resources: plan.removals.length,
    keys: [...keys.values()]
      .map(({ key, rule, tags: sum, values }) => ({
        key,
        rule,
        tags: sum,
        distinctValues: values.size,
        examples: mostFrequent(values),
      }))
      .sort((a, b) => b.tags - a.tags || compareText(a.key, b.key) || compareText(a.rule, b.rule)),
    places: [...places.values()],
  };
}

/** One pass with a short list, since there can be as many values as tags. */
function mostFrequent(values: ReadonlyMap<string, number>): KeySummary['examples'] {
  const top: { value: string; tags: number }[] = [];
  for (const [value, tags] of values) {
    if (top.length === EXAMPLES && tags <= (top[EXAMPLES - 1]?.tags ?? 0)) continue;
    const at = top.findIndex((other) => other.tags < tags);
    top.splice(at === -1 ? top.length : at, 0, { value, tags });
    top.length = Math.min(top.length, EXAMPLES);
  }
  return top;
}

function getOrAdd<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
