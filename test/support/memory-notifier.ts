import type { Message, Notifier } from '../../lib/ports.ts';

/** Channels in memory, which fail when told to. */
export interface MemoryNotifier extends Notifier {
  readonly sent: readonly { readonly channel: string; readonly message: Message }[];
  /** Channels that take nothing from now on. */
  readonly broken: Set<string>;
}

export function createMemoryNotifier(...channels: readonly string[]): MemoryNotifier {
  const sent: { channel: string; message: Message }[] = [];
  const broken = new Set<string>();
  return {
    channels: new Set(channels),
    usual: channels.slice(0, 1),
    sent,
    broken,
    linkTo: (runId) => `https://example.com/runs/${runId}`,
    send: async (channel, message) => {
      if (broken.has(channel)) throw new Error('the robot is gone');
      sent.push({ channel, message });
      return { leftOut: 0 };
    },
  };
}
