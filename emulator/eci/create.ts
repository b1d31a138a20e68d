import { ApiError, invalid } from '../errors.ts';
import { pick, type Random } from '../random.ts';
import type { Type } from '../resource.ts';
import { arnsOf } from './arn.ts';
import type { Call, Operation } from './operation.ts';
import { readNewTags } from './tag-resources.ts';

/** What tells one creation from another. */
export interface CreateSpec {
  readonly name: string;
  readonly type: Type;
  readonly nameParameter: string;
  /** The id in the answer, and how ids begin. */
  readonly idField: string;
  readonly prefix: string;
  /** The status that a new one has. */
  readonly status: string;
  /** What becomes of a new one in time. */
  readonly live?: (call: Call, id: string) => void;
}

const ID_LETTERS = [...'0123456789abcdefghijklmnopqrstuvwxyz'];

/**
 * A creation, as far as tags and events need it: name, resource group and tags are kept, all else that the
 * API takes is accepted unread.
 */
export function createOperation(spec: CreateSpec): Operation {
  return {
    name: spec.name,
    kind: 'write',
    resources: (call) => arnsOf(call, spec.type, undefined),
    prepare(call) {
      const { parameters, context } = call;
      const name = parameters.required(spec.nameParameter);
      if (name.length > 128) throw invalid(spec.nameParameter, 'it may have at most 128 characters');
      const tags = readNewTags(parameters.tags(20), 64);
      parameters.clientToken();
      return {
        commit() {
          const id = newId(spec.prefix, context.random);
          call.change(spec.type, [id], () => {
            context.state.addResource(
              {
                id,
                type: spec.type,
                region: call.region,
                name,
                status: spec.status,
                group: parameters.text('ResourceGroupId'),
                tags: Object.fromEntries(tags),
              },
              { listed: 'later' },
            );
          });
          spec.live?.(call, id);
          return { [spec.idField]: id };
        },
      };
    },
  };
}

/** A deletion by id; what is gone already is `InvalidParameter.NotFound`. */
export function deleteOperation(name: string, type: Type, idParameter: string): Operation {
  return {
    name,
    kind: 'write',
    resources: (call) => arnsOf(call, type, [call.parameters.required(idParameter)]),
    prepare(call) {
      const id = call.parameters.required(idParameter);
      return { commit: () => remove(call, type, id) };
    },
  };
}

function remove(call: Call, type: Type, id: string): Readonly<Record<string, unknown>> {
  const ref = { region: call.region, type, id };
  if (call.context.state.get(ref) === undefined) {
    throw new ApiError('InvalidParameter.NotFound', `The specified resource "${id}" does not exist.`);
  }
  call.change(type, [id], () => call.context.state.removeResource(ref));
  return {};
}

/** An id such as `eci-2ze0vcg8afz8z5l3k1bq`. */
function newId(prefix: string, random: Random): string {
  const letters = Array.from({ length: 17 }, () => pick(random, ID_LETTERS)).join('');
  return `${prefix}-2ze${letters}`;
}
