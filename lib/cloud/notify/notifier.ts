import type { Notifier } from '../../ports.ts';
import { describeError } from '../../redact.ts';
import type { Channel, ChannelKind, ChannelMeans, ChannelSetting } from './channel.ts';
import { DINGTALK } from './dingtalk.ts';
import { DIRECT_MAIL } from './direct-mail.ts';
import { FEISHU } from './feishu.ts';
import { SLACK } from './slack.ts';
import { WEBHOOK } from './webhook.ts';
import { WECOM } from './wecom.ts';

/** The kinds of channel, by the word that a setting begins with. */
export const CHANNEL_KINDS: Readonly<Record<string, ChannelKind>> = {
  dingtalk: DINGTALK,
  feishu: FEISHU,
  wecom: WECOM,
  slack: SLACK,
  webhook: WEBHOOK,
  directmail: DIRECT_MAIL,
};

/** Whom the settings let be told, and where a run can be looked at. */
export interface NotifySettings {
  readonly channels: ReadonlyMap<string, ChannelSetting>;
  readonly usual: readonly string[];
  /** With `{run}` in the place of the run's id. */
  readonly runLink?: string;
}

/** Makes what people are told over; nothing is sent. A channel is made when it is first used. */
export function createNotifier(settings: NotifySettings, means: ChannelMeans): Notifier {
  const { channels, usual, runLink } = settings;
  const made = new Map<string, Channel>();
  return {
    channels: new Set(channels.keys()),
    usual,
    linkTo: (runId) => runLink?.replaceAll('{run}', encodeURIComponent(runId)),
    async send(name, message) {
      const setting = channels.get(name);
      const kind = setting === undefined ? undefined : CHANNEL_KINDS[setting.kind];
      if (setting === undefined || kind === undefined) throw new Error('there is no channel of that name.');
      const channel = made.get(name) ?? kind.create(setting, means);
      made.set(name, channel);
      try {
        return await channel.send(message);
      } catch (error) {
        throw new Error(describeError(error, 300, channelSecrets(setting)));
      }
    },
  };
}

/** What must not be seen of a channel: the address of a robot is as good as its password. */
export function channelSecrets({ url, secret }: ChannelSetting): readonly string[] {
  const inPath = url.pathname.split('/').filter((part) => part.length >= 8);
  return [secret ?? '', url.search.slice(1), ...url.searchParams.values(), ...inPath].filter(
    (text) => text !== '',
  );
}
