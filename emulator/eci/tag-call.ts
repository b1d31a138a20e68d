import { ApiError, invalid, missing } from '../errors.ts';
import { type Ref, refKey, type StoredResource, type Type } from '../resource.ts';
import { arnsOf } from './arn.ts';
import type { Call } from './operation.ts';

/** The resources of a tag call. */
export interface TagTarget {
  readonly type: Type;
  readonly ids: readonly string[];
  readonly holds: readonly string[];
}

/** Statuses in which a resource is on its way to another. */
const MOVING = new Set([
  'Scheduling',
  'Pending',
  'Restarting',
  'Updating',
  'Terminating',
  'Preparing',
  'Creating',
  'Loading',
]);

/** Statuses of container groups that have ended. */
const TERMINAL = new Set(['Succeeded', 'Failed', 'Expired']);

/** `ResourceType` and `ResourceId.N`. */
export function readTarget(call: Call): TagTarget {
  const type = call.parameters.resourceType();
  const named = call.parameters.list('ResourceId');
  const most = call.context.behavior().idsPerTagCall;
  if (named.length === 0) throw missing('ResourceId');
  if (named.includes('')) throw invalid('ResourceId', 'an id is empty');
  if (named.length > most)
    throw invalid('ResourceId', `${named.length} ids, and at most ${most} are allowed`);
  const ids = [...new Set(named)];
  return { type, ids, holds: ids.map((id) => refKey(toRef(call, type, id))) };
}

/** The resources whose tags are changed; the page of the API names no ARN of data caches. */
export function taggedArns(call: Call): readonly string[] {
  const { type, ids } = readTarget(call);
  const unnamed = type === 'DataCache' && call.context.behavior().dataCacheArn === 'none';
  return unnamed ? ['*'] : arnsOf(call, type, ids);
}

/** `acs:` and `aliyun` belong to the cloud. */
export function isSystemKey(key: string): boolean {
  return key.startsWith('acs:') || key.startsWith('aliyun');
}

/**
 * Changes the tags of each resource that can be changed, all or none of them or up to the first that
 * cannot, as this emulator is set.
 *
 * @param refuse the error for a resource that is there and must not be changed this way.
 */
export function changeTags(
  call: Call,
  target: TagTarget,
  refuse: (resource: StoredResource) => ApiError | undefined,
  apply: (ref: Ref) => void,
): void {
  const behavior = call.context.behavior();
  const good: string[] = [];
  let error: ApiError | undefined;
  for (const id of target.ids) {
    const resource = call.context.state.get(toRef(call, target.type, id));
    if (resource === undefined && behavior.unknownId === 'ignore') continue;
    error =
      resource === undefined
        ? unknown(behavior.unknownId, id)
        : (wrongStatus(call, resource) ?? refuse(resource));
    if (error !== undefined) break;
    good.push(id);
  }
  if (error === undefined || behavior.untag === 'partial') {
    call.change(target.type, good, () => {
      for (const id of good) {
        const ref = toRef(call, target.type, id);
        if (call.context.state.get(ref) !== undefined) apply(ref);
      }
    });
  }
  if (error !== undefined) throw error;
}

function toRef(call: Call, type: Type, id: string): Ref {
  return { region: call.region, type, id };
}

function unknown(code: string, id: string): ApiError {
  return new ApiError(code, `The specified resource "${id}" does not exist.`);
}

function wrongStatus(call: Call, resource: StoredResource): ApiError | undefined {
  const { movingStatus, endedGroups } = call.context.behavior();
  const isMoving = movingStatus === 'refuse' && MOVING.has(resource.status);
  const isEnded =
    endedGroups === 'refuse' && resource.type === 'ContainerGroup' && TERMINAL.has(resource.status);
  if (!isMoving && !isEnded) return undefined;
  return new ApiError('IncorrectStatus', `"${resource.id}" is ${resource.status}: try again later.`);
}
