import { ApiError } from '../errors.ts';
import type { Service } from '../http.ts';
import { createRpcService, need, type RpcOperation, type RpcParameters } from '../rpc.ts';
import type { ServiceContext } from '../service-context.ts';

export interface KeptQueue {
  messageRetentionPeriod: number;
  readonly tags: Readonly<Record<string, string>>;
}

const DEFAULT_RETENTION = 345_600;

/** The part of Simple Message Queue (Mns-open 2022-01-19) that makes and takes away queues. */
export function createMnsService(context: ServiceContext, queues: Map<string, KeptQueue>): Service {
  const on = (answer: RpcOperation['answer']): RpcOperation => ({
    resource: (parameters, { accountId }) =>
      `acs:mns:*:${accountId}:/queues/${parameters('QueueName') ?? ''}`,
    answer,
  });
  const find = (parameters: RpcParameters): KeptQueue => {
    const name = need(parameters, 'QueueName');
    const queue = queues.get(name);
    if (queue === undefined)
      throw new ApiError('QueueNotExist', `The queue name you provided is not exist: ${name}.`, {}, 404);
    return queue;
  };
  return createRpcService(context, {
    name: 'mns',
    version: '2022-01-19',
    operations: {
      CreateQueue: on((parameters) => {
        const name = need(parameters, 'QueueName');
        if (queues.has(name)) throw new ApiError('QueueAlreadyExist', 'The queue exists.', {}, 409);
        queues.set(name, {
          messageRetentionPeriod: retentionOf(parameters) ?? DEFAULT_RETENTION,
          tags: tagsOf(parameters),
        });
        return { Code: 200, Success: true };
      }),
      GetQueueAttributes: on((parameters) => {
        const { messageRetentionPeriod, tags } = find(parameters);
        const Tags = Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
        const QueueName = parameters('QueueName');
        return { Code: 200, Data: { QueueName, MessageRetentionPeriod: messageRetentionPeriod, Tags } };
      }),
      SetQueueAttributes: on((parameters) => {
        const queue = find(parameters);
        queue.messageRetentionPeriod = retentionOf(parameters) ?? queue.messageRetentionPeriod;
        return { Code: 200, Success: true };
      }),
      DeleteQueue: on((parameters) => {
        find(parameters);
        queues.delete(parameters('QueueName') ?? '');
        return { Code: 200, Success: true };
      }),
    },
  });
}

function retentionOf(parameters: RpcParameters): number | undefined {
  const text = parameters('MessageRetentionPeriod');
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 60 || seconds > 604_800)
    throw new ApiError('InvalidArgument', 'MessageRetentionPeriod must lie between 60 and 604800.');
  return seconds;
}

function tagsOf(parameters: RpcParameters): Record<string, string> {
  const tags: Record<string, string> = {};
  for (let n = 1; parameters(`Tag.${n}.Key`) !== undefined; n += 1)
    tags[parameters(`Tag.${n}.Key`) ?? ''] = parameters(`Tag.${n}.Value`) ?? '';
  return tags;
}
