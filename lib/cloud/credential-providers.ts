/**
 * The vendor's providers, loaded where the command line asks one of them. By name, since a bundle whose modules are loaded as
 * they are needed hands a CommonJS package on as its default alone.
 */
export {
  CLIProfileCredentialsProvider,
  ECSRAMRoleCredentialsProvider,
  OIDCRoleArnCredentialsProvider,
  ProfileCredentialsProvider,
  URICredentialsProvider,
} from '@alicloud/credentials';
