import type { Clock } from '../../clock.ts';
import type { Message } from '../../ports.ts';
import type { Credentials } from '../credentials.ts';

/** One channel of the settings: what kind it is, where it leads, and with which secret. */
export interface ChannelSetting {
  readonly kind: string;
  /** For a robot its whole address; for mail `directmail://FROM?to=A,B`. */
  readonly url: URL;
  readonly secret?: string;
}

/** What channels are made with. */
export interface ChannelMeans {
  readonly clock: Clock;
  /** Of the function's own role; only mail asks for them. */
  readonly credentials: () => Promise<Credentials>;
  /** Base URL of the mail service; left out: the public one. */
  readonly mailEndpoint?: URL;
}

/** How messages are sent over one channel. */
export interface Channel {
  /** Rejects with an error that may hold anything. */
  send(message: Message): Promise<{ readonly leftOut: number }>;
}

/** A kind of channel. */
export interface ChannelKind {
  /** The hosts that it leads to; left out: any. */
  readonly hosts?: readonly string[];
  /** Whether each message is signed with a secret of its own. */
  readonly isSigned: boolean;
  create(setting: ChannelSetting, means: ChannelMeans): Channel;
}
