import type { Message } from '../../ports.ts';
import { silencePackages } from '../silence-packages.ts';
import type { ChannelKind } from './channel.ts';
import { fitMessage, plainLines } from './fit.ts';

/** What is asked, by the cloud's own name. */
export type MailCall = 'SingleSendMail';

/** Of the body, UTF-8: the service takes 80 KB. */
const MOST_BYTES = 60_000;
const MOST_SUBJECT = 100;

/**
 * Mail by the account's own DirectMail, with the function's own credentials (`dm:SingleSendMail`): the sender's address
 * is one that was set up there. `directmail://notices@mail.example.com?to=a@example.com,b@example.com`.
 *
 * @see DirectMail API 2015-11-23, SingleSendMail: subject at most 100 characters, at most 100 recipients, body at most
 *   80 KB: www.alibabacloud.com/help/en/direct-mail/api-dm-2015-11-23-singlesendmail
 */
export const DIRECT_MAIL: ChannelKind = {
  isSigned: false,
  create: ({ url }, { credentials, mailEndpoint }) => {
    const from = decodeURIComponent(`${url.username}@${url.host}`);
    const region = url.searchParams.get('region');
    const host = region === null || region === 'cn-hangzhou' ? 'dm' : `dm.${region}`;
    const endpoint = mailEndpoint ?? new URL(`https://${host}.aliyuncs.com`);
    return {
      async send(message) {
        const { body, leftOut } = fitMessage(message, MOST_BYTES, {
          write: htmlOf,
          sizeOf: Buffer.byteLength,
        });
        const mail = {
          AccountName: from,
          AddressType: 1,
          ReplyToAddress: false,
          ToAddress: url.searchParams.get('to') ?? '',
          Subject: [...message.title].slice(0, MOST_SUBJECT).join(''),
          HtmlBody: body,
        };
        silencePackages();
        const { callOpenApi, placeOf } = await import('../open-api.ts');
        const call = { action: 'SingleSendMail' satisfies MailCall, version: '2015-11-23' };
        await callOpenApi(placeOf(endpoint, credentials), call, { body: mail });
        return { leftOut };
      },
    };
  },
};

/** Paragraphs and nothing else; no address in it can be followed but the link of the settings. */
function htmlOf(message: Message): string {
  const { link, ...rest } = message;
  const paragraphs = plainLines(rest).map((line) => `<p>${escapeHtml(line)}</p>`);
  const anchor =
    link === undefined ? '' : `<p><a href="${escapeHtml(link)}" rel="noreferrer">${escapeHtml(link)}</a></p>`;
  return `${paragraphs.join('')}${anchor}`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}
