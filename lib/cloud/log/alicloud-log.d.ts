/** The part of `@alicloud/log` 1.2.6 that is used; the package has no types of its own. */
declare module '@alicloud/log' {
  export interface LogCredentials {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly securityToken?: string | undefined;
  }

  export interface LogClientConfig {
    readonly endpoint: string;
    /** `getCredentials` must be an `async` function literally: the client looks at its constructor. */
    readonly credentialsProvider: { readonly getCredentials: () => Promise<LogCredentials> };
    readonly userAgent?: string;
  }

  export interface LogGroupInput {
    readonly logs: readonly {
      /** Whole seconds: anything else wraps silently. */
      readonly timestamp: number;
      readonly timestampNsPart?: number;
      readonly content: Readonly<Record<string, string>>;
    }[];
    readonly topic?: string;
    readonly source?: string;
  }

  export type LogQueries = Readonly<Record<string, string | number | boolean | undefined>>;

  export default class Client {
    constructor(config: LogClientConfig);
    postLogStoreLogs(project: string, logstore: string, data: LogGroupInput): Promise<unknown>;
    getLogs(project: string, logstore: string, from: Date, to: Date, data?: LogQueries): Promise<unknown>;
    /** Every call of the client goes through here. */
    _request(
      verb: string,
      project: string | undefined,
      path: string,
      queries: LogQueries,
      body: Buffer | null,
      headers: Readonly<Record<string, string | number>>,
      options?: unknown,
    ): Promise<unknown>;
    _getCredentials(): Promise<LogCredentials>;
    /** Header names must be in lower case, and no query undefined. */
    _sign(
      verb: string,
      path: string,
      queries: Readonly<Record<string, string>>,
      headers: Readonly<Record<string, string>>,
      credentials: LogCredentials,
    ): string;
  }
}
