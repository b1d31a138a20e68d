/** The part of `@alicloud/fc2` 2.6.6 that is used here; the package ships no types. */
declare module '@alicloud/fc2' {
  interface Fc2Options {
    accessKeyID: string;
    accessKeySecret: string;
    securityToken?: string;
    region: string;
    endpoint?: string;
    secure?: boolean;
    timeout?: number;
  }

  interface Fc2Answer {
    headers: Record<string, string>;
    data: unknown;
  }

  class Fc2Client {
    constructor(accountId: string, options: Fc2Options);
    /** The API version that stands first in the path; initially `2016-08-15`. */
    version: string;
    securityToken?: string;
    invokeFunction(
      service: string,
      functionName: string,
      event: string | Buffer,
      headers: Record<string, string>,
      qualifier: string | undefined,
      options: { rawBuf: boolean },
    ): Promise<Fc2Answer>;
    post(
      path: string,
      body: string | Buffer,
      headers: Record<string, string>,
      queries: Record<string, string>,
      options: { rawBuf: boolean },
    ): Promise<Fc2Answer>;
  }

  export default Fc2Client;
}
