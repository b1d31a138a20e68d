import type { ChannelKind } from './channel.ts';
import { fitMessage, plainLines } from './fit.ts';
import { checkRobotAnswer, postJson } from './post-json.ts';

/** Of `content`, UTF-8. */
const MOST_BYTES = 2_048;

/**
 * A robot of a WeCom (Enterprise WeChat) group. Its key in the address is all that it asks for: there is no signature.
 * Text; `<@userid>` within it would mention somebody, so that no `<@` is left.
 *
 * @see WeCom developer center, "Group robot configuration" (text at most 2,048 bytes, `<@userid>`; 20 messages a minute):
 *   developer.work.weixin.qq.com/document/path/91770
 */
export const WECOM: ChannelKind = {
  hosts: ['qyapi.weixin.qq.com'],
  isSigned: false,
  create: ({ url }) => ({
    async send(message) {
      const { body, leftOut } = fitMessage(message, MOST_BYTES, {
        write: (one) => plainLines(one).join('\n').replaceAll('<@', '< @'),
        sizeOf: Buffer.byteLength,
      });
      const answer = await postJson(url, JSON.stringify({ msgtype: 'text', text: { content: body } }));
      checkRobotAnswer(answer, 'errcode');
      return { leftOut };
    },
  }),
};
