import type { ChannelKind } from './channel.ts';
import { fitMessage, plainLines } from './fit.ts';
import { postJson } from './post-json.ts';

/** Characters, escapes counted: what is longer is cut into several messages, or cut off. */
const MOST_CHARACTERS = 3_500;

/**
 * An incoming webhook of Slack. The address is the secret: there is no signature. Formatting is off, and `&`, `<` and
 * `>` are escaped, without which `<!channel>` would call everybody.
 *
 * @see Slack API, "Formatting message text" (escaping) and "Sending messages using incoming webhooks" (answers `ok`):
 *   api.slack.com/reference/surfaces/formatting, api.slack.com/messaging/webhooks
 */
export const SLACK: ChannelKind = {
  hosts: ['hooks.slack.com', 'hooks.slack-gov.com'],
  isSigned: false,
  create: ({ url }) => ({
    async send(message) {
      const { body, leftOut } = fitMessage(message, MOST_CHARACTERS, {
        write: (one) => escapeSlack(plainLines(one).join('\n')),
        sizeOf: (text) => text.length,
      });
      const quiet = { mrkdwn: false, parse: 'none', link_names: false, unfurl_links: false };
      const { text } = await postJson(url, JSON.stringify({ text: body, ...quiet }));
      if (text.trim() !== 'ok') throw new Error(`it answered ${text.slice(0, 300)}`);
      return { leftOut };
    },
  }),
};

function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
