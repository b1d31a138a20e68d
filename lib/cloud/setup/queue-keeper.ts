import { type Answer, type Rpc, RpcError } from './rpc.ts';
import type { Keeper, Thing } from './things.ts';

/** By which a queue says that it is ours: it has no description. */
const TAG = { TagKey: 'made-for', TagValue: 'tagsweep' };

/** Keeps the failure queue (Simple Message Queue, Mns-open 2022-01-19). */
export function createQueueKeeper(rpc: Rpc): Keeper {
  const nameOf = ({ name }: Thing) => ({ QueueName: name });
  const attributesOf = ({ document }: Thing) => ({ MessageRetentionPeriod: document.messageRetentionPeriod });
  return {
    async find(thing) {
      try {
        const { Data } = await rpc('GetQueueAttributes', { ...nameOf(thing), Tag: [{ Key: TAG.TagKey }] });
        const { MessageRetentionPeriod, Tags } = (Data ?? {}) as Answer;
        const tags = Array.isArray(Tags) ? (Tags as readonly Answer[]) : [];
        return {
          document: { messageRetentionPeriod: MessageRetentionPeriod },
          ours: tags.some((tag) => tag.TagKey === TAG.TagKey && tag.TagValue === TAG.TagValue),
        };
      } catch (error) {
        if (error instanceof RpcError && error.code.startsWith('QueueNotExist')) return undefined;
        throw error;
      }
    },
    async make(thing) {
      const tag = [{ Key: TAG.TagKey, Value: TAG.TagValue }];
      await rpc('CreateQueue', { ...nameOf(thing), ...attributesOf(thing), Tag: tag });
    },
    async change(thing) {
      await rpc('SetQueueAttributes', { ...nameOf(thing), ...attributesOf(thing) });
    },
    async remove(thing) {
      await rpc('DeleteQueue', nameOf(thing));
    },
  };
}
