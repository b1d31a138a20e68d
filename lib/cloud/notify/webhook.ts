import { createHmac, randomUUID } from 'node:crypto';
import { encodeJson } from '../../text.ts';
import type { ChannelKind } from './channel.ts';
import { fitMessage } from './fit.ts';
import { postJson } from './post-json.ts';

/** What a receiver should have to take. */
const MOST_BYTES = 60_000;

const BASE64_SECRET = 'whsec_';

/**
 * Any receiver of JSON. Signed as Standard Webhooks says, so that a receiver can check it by a library that is there:
 * HMAC-SHA256 over `id.timestamp.body` in base64. A receiver should refuse what is older than some minutes.
 *
 * @see Standard Webhooks specification, headers and signature scheme: www.standardwebhooks.com
 */
export const WEBHOOK: ChannelKind = {
  isSigned: true,
  create: ({ url, secret = '' }, { clock }) => {
    const key = secret.startsWith(BASE64_SECRET)
      ? Buffer.from(secret.slice(BASE64_SECRET.length), 'base64')
      : Buffer.from(secret);
    return {
      async send(message) {
        const { body, leftOut } = fitMessage(message, MOST_BYTES, {
          write: (one) => encodeJson({ type: 'tagsweep.message', version: 1, ...one }),
          sizeOf: Buffer.byteLength,
        });
        const id = `msg_${randomUUID()}`;
        const timestamp = String(Math.floor(clock.now() / 1000));
        const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
        await postJson(url, body, {
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1,${signature}`,
        });
        return { leftOut };
      },
    };
  },
};
