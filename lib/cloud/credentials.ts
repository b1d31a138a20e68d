import { CleanupError } from '../errors.ts';

/** An access key, and the token that belongs to it when it is a temporary one. Never printed. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
}

/** What is read of the context that Function Compute gives to a handler. */
export interface CredentialContext {
  readonly credentials?: {
    readonly accessKeyId?: string;
    readonly accessKeySecret?: string;
    readonly securityToken?: string;
  };
}

/**
 * The credentials of the function's role, from the context of this invocation; outside Function Compute,
 * from the environment.
 *
 * The environment of a function holds keys too, which can be older than those of the context.
 *
 * @throws {CleanupError} code `INVALID_SETTING` when there are none, or half of them.
 */
export function readCredentials(
  env: Readonly<Record<string, string | undefined>>,
  context?: CredentialContext,
): Credentials {
  const given = context?.credentials;
  if (given?.accessKeyId && given.accessKeySecret) {
    return toCredentials(given.accessKeyId, given.accessKeySecret, given.securityToken);
  }
  const id = env.ALIBABA_CLOUD_ACCESS_KEY_ID?.trim();
  const secret = env.ALIBABA_CLOUD_ACCESS_KEY_SECRET?.trim();
  if (id && secret) return toCredentials(id, secret, env.ALIBABA_CLOUD_SECURITY_TOKEN?.trim());
  const missing = [
    ...(id ? [] : ['ALIBABA_CLOUD_ACCESS_KEY_ID']),
    ...(secret ? [] : ['ALIBABA_CLOUD_ACCESS_KEY_SECRET']),
  ].join(' and ');
  throw new CleanupError(
    'INVALID_SETTING',
    `No credentials: ${missing} ${missing.includes(' and ') ? 'are' : 'is'} not set. ` +
      'Set the access key of a RAM identity in the environment (and ALIBABA_CLOUD_SECURITY_TOKEN if it is a ' +
      'temporary one); inside Function Compute, give the function a role.',
  );
}

function toCredentials(accessKeyId: string, accessKeySecret: string, securityToken?: string): Credentials {
  return securityToken ? { accessKeyId, accessKeySecret, securityToken } : { accessKeyId, accessKeySecret };
}

/** What must not be seen of credentials; the id of a key is no secret, but nobody's business. */
export function secretsOf(credentials: {
  readonly accessKeyId?: string | undefined;
  readonly accessKeySecret?: string | undefined;
  readonly securityToken?: string | undefined;
}): readonly string[] {
  const { accessKeyId, accessKeySecret, securityToken } = credentials;
  return [accessKeySecret, securityToken, accessKeyId].filter((secret) => secret !== undefined);
}

/** The secrets that an environment holds, whole credentials or not, the key of the journal, and channels with their addresses. */
export function environmentSecrets(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const journalKeys = (env.TAGSWEEP_JOURNAL_KEY ?? '').split(',').map((key) => key.trim());
  const credentials = secretsOf({
    accessKeyId: env.ALIBABA_CLOUD_ACCESS_KEY_ID?.trim(),
    accessKeySecret: env.ALIBABA_CLOUD_ACCESS_KEY_SECRET?.trim(),
    securityToken: env.ALIBABA_CLOUD_SECURITY_TOKEN?.trim(),
  });
  const channels = Object.entries(env).flatMap(([name, text]) =>
    name.startsWith('TAGSWEEP_NOTIFY_') ? (text?.trim() ?? '') : [],
  );
  const parts = channels.flatMap((text) => text.split(/[/?&=]/).filter((part) => part.length >= 16));
  return [...credentials, ...journalKeys, ...channels, ...parts].filter((secret) => secret !== '');
}
