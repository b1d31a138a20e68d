import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CleanupError } from '../errors.ts';
import { aliyunConfiguration, findAliyunProfile } from './aliyun-profile.ts';

type Vendor = typeof import('./credential-providers.ts');

/** What the vendor's package gives for a source; temporary keys it renews by itself before they end. */
export interface CredentialsProvider {
  getCredentials(): Promise<{
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly securityToken?: string;
  }>;
}

/** One place where credentials are kept or given out. */
export interface CredentialSource {
  /** As an error names it. */
  readonly name: string;
  /** Changes when the provider has to be made anew. */
  readonly version: string;
  open(vendor: Vendor): CredentialsProvider;
}

export interface SourceOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** A profile of the aliyun CLI, which goes before everything else. */
  readonly profile?: string;
}

/**
 * The source that is configured, in the vendor's order: OIDC, a profile of the aliyun CLI, the shared credentials
 * file, the role of an ECS instance where it is named, a URI; else an ECS instance's role is looked for.
 *
 * @throws {CleanupError} code `INVALID_SETTING` when a source is configured by half, or a profile is not there.
 */
export function findSource(options: SourceOptions): CredentialSource {
  const { env, home, profile } = options;
  const read = (name: string) => env[name]?.trim() || undefined;
  const isOn = (name: string) => read(name)?.toLowerCase() === 'true';
  if (profile !== undefined) return aliyunProfile(home, profile);
  const token = oidc(read);
  if (token !== undefined) return token;
  const named = read('ALIBABA_CLOUD_PROFILE');
  const hasProfiles = existsSync(aliyunConfiguration(home)) || named !== undefined;
  if (hasProfiles && !isOn('ALIBABA_CLOUD_CLI_PROFILE_DISABLED')) return aliyunProfile(home, named);
  const file = read('ALIBABA_CLOUD_CREDENTIALS_FILE') ?? join(home, '.alibabacloud', 'credentials');
  if (existsSync(file)) return sharedFile(file);
  const uri = read('ALIBABA_CLOUD_CREDENTIALS_URI');
  const role = read('ALIBABA_CLOUD_ECS_METADATA');
  const isInstance = !isOn('ALIBABA_CLOUD_ECS_METADATA_DISABLED');
  if (uri !== undefined && (role === undefined || !isInstance)) return credentialsUri(uri);
  if (isInstance) return instanceRole(role);
  throw new CleanupError('INVALID_SETTING', `No credentials: none are configured.\n${HOW_TO_GIVE}`);
}

/** What to do where there are none. */
export const HOW_TO_GIVE =
  'Name a profile of the aliyun CLI with --profile (`aliyun configure` makes one), or set ALIBABA_CLOUD_ACCESS_KEY_ID and ' +
  'ALIBABA_CLOUD_ACCESS_KEY_SECRET (and ALIBABA_CLOUD_SECURITY_TOKEN, if they are temporary ones).';

function aliyunProfile(home: string, wanted: string | undefined): CredentialSource {
  const { name, file, changedAtMs } = findAliyunProfile(home, wanted);
  return {
    name: `the profile ${name} of ${file}`,
    // Whoever signs on anew writes new keys there.
    version: `profile ${name} ${changedAtMs}`,
    open: ({ CLIProfileCredentialsProvider }) =>
      CLIProfileCredentialsProvider.builder().withProfileName(name).build(),
  };
}

const OIDC_VARIABLES = [
  'ALIBABA_CLOUD_OIDC_TOKEN_FILE',
  'ALIBABA_CLOUD_OIDC_PROVIDER_ARN',
  'ALIBABA_CLOUD_ROLE_ARN',
] as const;

function oidc(read: (name: string) => string | undefined): CredentialSource | undefined {
  const [tokenFile, providerArn, roleArn] = OIDC_VARIABLES.map(read);
  if (tokenFile === undefined && providerArn === undefined) return undefined;
  if (tokenFile === undefined || providerArn === undefined || roleArn === undefined) {
    const missing = OIDC_VARIABLES.filter((name) => read(name) === undefined).join(' and ');
    throw new CleanupError(
      'INVALID_SETTING',
      `No credentials: OIDC is configured by half: ${missing} missing. Set all of ${OIDC_VARIABLES.join(', ')}, or none.`,
    );
  }
  return {
    name: `the role ${roleArn} by OIDC`,
    version: `oidc ${roleArn}`,
    open: ({ OIDCRoleArnCredentialsProvider }) =>
      OIDCRoleArnCredentialsProvider.builder()
        .withOIDCTokenFilePath(tokenFile)
        .withOIDCProviderArn(providerArn)
        .withRoleArn(roleArn)
        .build(),
  };
}

function sharedFile(file: string): CredentialSource {
  return {
    name: file,
    version: `file ${file}`,
    open: ({ ProfileCredentialsProvider }) => {
      // It looks nowhere else, and the setting may come from a file.
      process.env.ALIBABA_CLOUD_CREDENTIALS_FILE = file;
      return ProfileCredentialsProvider.builder().build();
    },
  };
}

function credentialsUri(uri: string): CredentialSource {
  return {
    name: 'ALIBABA_CLOUD_CREDENTIALS_URI',
    version: `uri ${uri}`,
    open: ({ URICredentialsProvider }) => URICredentialsProvider.builder().withCredentialsURI(uri).build(),
  };
}

function instanceRole(role: string | undefined): CredentialSource {
  return {
    name:
      role === undefined
        ? 'none are configured, and this is no ECS instance with a role'
        : `the role ${role} of this ECS instance`,
    version: `instance ${role ?? ''}`,
    open: ({ ECSRAMRoleCredentialsProvider }) => {
      const builder = ECSRAMRoleCredentialsProvider.builder();
      return (role === undefined ? builder : builder.withRoleName(role)).build();
    },
  };
}
