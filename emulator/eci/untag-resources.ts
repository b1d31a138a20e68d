import type { Behavior } from '../behavior.ts';
import { ApiError, invalid, missing } from '../errors.ts';
import type { Operation } from './operation.ts';
import { changeTags, isSystemKey, readTarget, taggedArns } from './tag-call.ts';

/** UntagResources: `All` counts only where no key is named; an absent key is a success. */
export const untagResources: Operation = {
  name: 'UntagResources',
  kind: 'write',
  refusal: 'NoPermission.Tag',
  resources: taggedArns,
  prepare(call) {
    const { parameters, context } = call;
    const behavior = context.behavior();
    const target = readTarget(call);
    const keys = new Set(parameters.list('TagKey'));
    const all = parameters.boolean('All') === true && keys.size === 0;
    parameters.clientToken();
    if (keys.has('')) throw invalid('TagKey', 'a key is empty');
    if (keys.size > behavior.keysPerTagCall) {
      throw new ApiError('NumberExceed.Tags', `At most ${behavior.keysPerTagCall} tag keys are allowed.`);
    }
    if (keys.size === 0 && !all && behavior.withoutKeys === 'refuse') throw missing('TagKey');
    if (behavior.systemTags === 'refuse' && [...keys].some(isSystemKey)) {
      throw new ApiError('NoPermission.Tag', 'System tags cannot be removed.');
    }
    return {
      holds: target.holds,
      commit() {
        changeTags(
          call,
          target,
          (resource) => {
            const missed =
              behavior.absentKey === 'refuse' && [...keys].find((key) => !resource.tags.has(key));
            return missed ? invalid('TagKey', `"${resource.id}" has no tag "${missed}"`) : undefined;
          },
          (ref) => {
            const held = [...(context.state.get(ref)?.tags.keys() ?? [])];
            const going = all ? held : held.filter(taken(behavior.untagTakes, keys));
            context.state.removeTags(
              ref,
              going.filter((key) => !isSystemKey(key)),
            );
          },
        );
        return {};
      },
    };
  },
};

/** Which of the tags that are there a request takes. */
function taken(takes: Behavior['untagTakes'], asked: ReadonlySet<string>): (key: string) => boolean {
  if (takes === 'everything') return () => true;
  if (takes === 'asked') return (key) => asked.has(key);
  const lower = new Set([...asked].map((key) => key.toLowerCase()));
  return (key) => lower.has(key.toLowerCase());
}
