import { ApiError, invalid, missing } from '../errors.ts';
import type { Operation } from './operation.ts';
import type { TagFilter } from './parameters.ts';
import { changeTags, isSystemKey, readTarget, taggedArns } from './tag-call.ts';

/** The most tags on one resource. */
const MOST_TAGS = 20;

/** TagResources: a value overwrites; no resource may end with more than 20 tags. */
export const tagResources: Operation = {
  name: 'TagResources',
  kind: 'write',
  refusal: 'NoPermission.Tag',
  resources: taggedArns,
  prepare(call) {
    const target = readTarget(call);
    const tags = readNewTags(call.parameters.tags(MOST_TAGS), 128);
    if (tags.size === 0) throw missing('Tag');
    return {
      holds: target.holds,
      commit() {
        changeTags(
          call,
          target,
          (resource) =>
            new Set([...resource.tags.keys(), ...tags.keys()]).size > MOST_TAGS
              ? new ApiError('NumberExceed.Tags', `"${resource.id}" would have more than ${MOST_TAGS} tags.`)
              : undefined,
          (ref) => call.context.state.setTags(ref, tags),
        );
        return {};
      },
    };
  },
};

/** Checks tags that a caller wants to set; a value left out is an empty one. */
export function readNewTags(filters: readonly TagFilter[], longestKey: number): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const { key, value = '' } of filters) {
    if (key === undefined || key === '') throw missing('Tag.N.Key');
    if (tags.has(key)) throw invalid('Tag', `the key "${key}" is named twice`);
    if ([...key].length > longestKey || [...value].length > 128) {
      throw new ApiError('InvalidParameter.LengthExceeded', `The tag "${key}" is too long.`);
    }
    if (isSystemKey(key) || isSystemKey(value)) {
      throw new ApiError('NoPermission.Tag', 'Tags must not begin with aliyun or acs:.');
    }
    if (/https?:\/\//.test(key) || /https?:\/\//.test(value)) throw invalid('Tag', 'it holds a URL');
    tags.set(key, value);
  }
  return tags;
}
