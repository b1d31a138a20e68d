import { createHmac } from 'node:crypto';
import type { ChannelKind } from './channel.ts';
import { fitMessage, plainLines } from './fit.ts';
import { checkRobotAnswer, postJson } from './post-json.ts';

/** The service takes 20,000 bytes; some are kept back. */
const MOST_BYTES = 18_000;

/**
 * A custom robot of a DingTalk group. Text, not Markdown: nothing in it is acted upon, and whom it mentions is told
 * beside it (`at`), which is nobody.
 *
 * @see DingTalk open platform, "Custom bot security settings" (sign: HMAC-SHA256 of `timestamp\nsecret` under the secret,
 *   in base64, as `sign` in the query beside `timestamp` in milliseconds, within an hour) and "Custom robot access"
 *   (20 messages a minute and robot, then none for 10 minutes): help.dingtalk.io/open/dingstart/customize-robot-security-settings
 */
export const DINGTALK: ChannelKind = {
  hosts: ['oapi.dingtalk.com', 'api.dingtalk.com'],
  isSigned: true,
  create: ({ url, secret = '' }, { clock }) => ({
    async send(message) {
      const { body, leftOut } = fitMessage(message, MOST_BYTES, {
        write: (one) =>
          JSON.stringify({
            msgtype: 'text',
            text: { content: plainLines(one).join('\n') },
            at: { isAtAll: false },
          }),
        sizeOf: Buffer.byteLength,
      });
      const timestamp = String(clock.now());
      const signed = new URL(url);
      signed.searchParams.set('timestamp', timestamp);
      const sign = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
      signed.searchParams.set('sign', sign);
      checkRobotAnswer(await postJson(signed, body), 'errcode');
      return { leftOut };
    },
  }),
};
