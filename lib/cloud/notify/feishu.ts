import { createHmac } from 'node:crypto';
import type { ChannelKind } from './channel.ts';
import { fitMessage, plainLines } from './fit.ts';
import { checkRobotAnswer, postJson } from './post-json.ts';

/** The service takes 20 KB; some are kept back. */
const MOST_BYTES = 18_000;

/**
 * A custom bot of a Feishu or Lark group. A `post` whose parts are text: the tags that a plain text would act upon
 * (`<at user_id="all">`) are text there.
 *
 * @see Feishu open platform, "Use custom bots in a group" (sign: HMAC-SHA256 of nothing under `timestamp\nsecret`, in
 *   base64, in the body beside `timestamp` in seconds, within an hour; 100 messages a minute, 5 a second, 20 KB):
 *   open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
 */
export const FEISHU: ChannelKind = {
  hosts: ['open.feishu.cn', 'open.larksuite.com'],
  isSigned: true,
  create: ({ url, secret = '' }, { clock }) => ({
    async send(message) {
      const timestamp = String(Math.floor(clock.now() / 1000));
      const sign = createHmac('sha256', `${timestamp}\n${secret}`).digest('base64');
      const { body, leftOut } = fitMessage(message, MOST_BYTES, {
        write: (one) => {
          const [title = '', ...lines] = plainLines(one);
          const content = lines.map((text) => [{ tag: 'text', text }]);
          return JSON.stringify({
            timestamp,
            sign,
            msg_type: 'post',
            content: { post: { zh_cn: { title, content } } },
          });
        },
        sizeOf: Buffer.byteLength,
      });
      checkRobotAnswer(await postJson(url, body), 'code', 'StatusCode');
      return { leftOut };
    },
  }),
};
