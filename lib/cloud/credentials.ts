/** Keys for one call; asked for anew each time, so that refreshed ones are used. Never printed. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Given for temporary credentials, whatever the form of their key id. */
  readonly securityToken?: string;
}
