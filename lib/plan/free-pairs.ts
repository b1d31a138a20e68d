import { readerOf } from '../lazy-list.ts';
import { createRefIndex, type RefIndex } from '../ref-index.ts';
import type { Resource, ResourceRef, TagKey } from '../resource.ts';
import type { Judge } from './types.ts';

/** Whether a request may name this pair although the plan does not remove it. */
export type IsFree = (ref: ResourceRef, key: TagKey) => boolean;

/**
 * The free pairs of resources as they were seen: the tag is absent, and the policy would remove it
 * whatever its value. A resource that was not seen, or whose tags were not, has none.
 */
export function createIsFree(judge: Judge, resources: readonly Resource[]): IsFree {
  // Requests are walked resource by resource, so the last one found answers most questions.
  let last: Resource | undefined;
  const at = readerOf(resources);
  let index: RefIndex | undefined;
  const find = ({ region, type, id }: ResourceRef): Resource | undefined => {
    index ??= createRefIndex(resources);
    const position = index.find(region, type, id);
    return position < 0 ? undefined : at(position);
  };
  const answers = new Map<string, Map<TagKey, boolean>>();
  return (ref, key) => {
    if (!last || last.id !== ref.id || last.type !== ref.type || last.region !== ref.region) {
      last = find(ref);
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
