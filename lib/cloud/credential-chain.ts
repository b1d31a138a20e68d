import { homedir } from 'node:os';
import { CleanupError } from '../errors.ts';
import { redactSecrets } from '../redact.ts';
import {
  type CredentialSource,
  type CredentialsProvider,
  findSource,
  HOW_TO_GIVE,
} from './credential-sources.ts';
import { type Credentials, readCredentials } from './credentials.ts';
import { silencePackages } from './silence-packages.ts';

export interface ChainOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A profile of the aliyun CLI, which goes before everything else. */
  readonly profile?: string;
  /** Where the profiles are; default the person's own folder. */
  readonly home?: string;
}

/** Longest part of a service's answer in a message. */
const LONGEST_REASON = 300;

/**
 * The credentials of whoever runs the command line, by the vendor's own chain: keys in the environment, then what
 * `findSource` finds. Temporary ones are renewed a quarter of an hour before they end, once for all who ask meanwhile.
 *
 * The first source that is configured is the one: where it fails nothing else is tried, as the vendor's package would,
 * since that would be somebody else, with other rights.
 *
 * @returns what gives them, at each request anew; it rejects with a {CleanupError}, code `INVALID_SETTING`.
 */
export function createCredentialChain({
  env,
  profile,
  home = homedir(),
}: ChainOptions): () => Promise<Credentials> {
  let opened: { readonly version: string; readonly provider: CredentialsProvider } | undefined;
  let underWay: Promise<Credentials> | undefined;

  const ask = async (source: CredentialSource): Promise<Credentials> => {
    if (opened?.version !== source.version) {
      // They print what they sign where DEBUG names them.
      silencePackages();
      const provider = source.open(await import('./credential-providers.ts'));
      opened = { version: source.version, provider };
    }
    const { accessKeyId, accessKeySecret, securityToken } = await opened.provider.getCredentials();
    return securityToken ? { accessKeyId, accessKeySecret, securityToken } : { accessKeyId, accessKeySecret };
  };

  const find = async (): Promise<Credentials> => {
    const hasKeys = env.ALIBABA_CLOUD_ACCESS_KEY_ID?.trim() || env.ALIBABA_CLOUD_ACCESS_KEY_SECRET?.trim();
    if (profile === undefined && hasKeys) return readCredentials(env);
    const source = findSource({ env, home, ...(profile === undefined ? {} : { profile }) });
    return ask(source).catch((error: unknown) => {
      const reason = redactSecrets(error instanceof Error ? error.message : String(error));
      const told = `No credentials: ${source.name}: ${reason.slice(0, LONGEST_REASON)}`;
      throw new CleanupError('INVALID_SETTING', `${told}\n${HOW_TO_GIVE}`);
    });
  };

  return () => {
    underWay ??= find().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}
