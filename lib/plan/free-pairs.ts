import type { Resource, ResourceRef, TagKey } from '../resource.ts';
import { compareResources } from './order.ts';
import type { Judge } from './types.ts';

/** Whether a request may name this pair although the plan does not remove it. */
export type IsFree = (ref: ResourceRef, key: TagKey) => boolean;

/**
 * The free pairs of resources as they were seen: the tag is absent, and the policy would remove it
 * whatever its value. A resource that was not seen, or whose tags were not, has none.
 *
 * @param resources - sorted by region, type and id.
 */
export function createIsFree(judge: Judge, resources: readonly Resource[]): IsFree {
  // Requests are walked resource by resource, so the last one found answers most questions.
  let last: Resource | undefined;
  const answers = new Map<string, Map<TagKey, boolean>>();
  return (ref, key) => {
    if (!last || last.id !== ref.id || last.type !== ref.type || last.region !== ref.region) {
      last = findResource(resources, ref);
    }
    if (!last?.tags || last.tags.some((tag) => tag.key === key)) {
      return false;
    }
    const name = judge.freeClass?.(last);
    if (name === undefined) {
      return judge.isFree(last, key);
    }
    let ofClass = answers.get(name);
    if (!ofClass) {
      ofClass = new Map();
      answers.set(name, ofClass);
    }
    let answer = ofClass.get(key);
    if (answer === undefined) {
      answer = judge.isFree(last, key);
      ofClass.set(key, answer);
    }
    return answer;
  };
}

function findResource(resources: readonly Resource[], ref: ResourceRef): Resource | undefined {
  let from = 0;
  let to = resources.length - 1;
  while (from <= to) {
    const middle = (from + to) >> 1;
    const order = compareResources(resources[middle]!, ref);
    if (order === 0) {
      return resources[middle];
    }
    if (order < 0) {
      from = middle + 1;
    } else {
      to = middle - 1;
    }
  }
  return undefined;
}
