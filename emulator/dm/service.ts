import { ApiError } from '../errors.ts';
import type { Service } from '../http.ts';
import { createRpcService, need } from '../rpc.ts';
import type { ServiceContext } from '../service-context.ts';

/** A mail that was taken. */
export interface KeptMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly html: string;
}

const MOST_BODY_BYTES = 80 * 1024;
const MOST_SUBJECT = 100;
const MOST_RECIPIENTS = 100;

/**
 * The part of DirectMail (2015-11-23) that sends one mail.
 *
 * @see public reference, SingleSendMail: bounds of subject, recipients and body.
 */
export function createDmService(context: ServiceContext, mails: KeptMail[]): Service {
  return createRpcService(context, {
    name: 'dm',
    version: '2015-11-23',
    operations: {
      SingleSendMail: {
        resource: () => '*',
        answer: (parameters) => {
          const to = need(parameters, 'ToAddress').split(',');
          const subject = need(parameters, 'Subject');
          const html = need(parameters, 'HtmlBody');
          need(parameters, 'AddressType');
          need(parameters, 'ReplyToAddress');
          if (to.length > MOST_RECIPIENTS) throw new ApiError('InvalidToAddress', 'Too many recipients.');
          if ([...subject].length > MOST_SUBJECT) {
            throw new ApiError('InvalidSubject.Malformed', 'The specified subject is wrongly formed.');
          }
          if (Buffer.byteLength(html) > MOST_BODY_BYTES) {
            throw new ApiError('InvalidBody', 'The specified textBody or htmlBody is wrongly formed.');
          }
          mails.push({ from: need(parameters, 'AccountName'), to, subject, html });
          return { EnvId: String(mails.length) };
        },
      },
    },
  });
}
