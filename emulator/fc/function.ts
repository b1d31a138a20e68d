/** A deployed function, as much of it as the emulator needs. */
export interface FunctionSpec {
  readonly name: string;
  /** Given for a function of generation 2.0, which lives in a service. */
  readonly serviceName?: string;
  readonly region: string;
  readonly accountId: string;
  /** The folder that was deployed; nothing else is on the instance's disk as far as it is asked. */
  readonly codeFolder: string;
  /** `index.handler`. */
  readonly handler: string;
  /** Own variables; the platform's are added. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /**
   * Instances at once, as the account's quota or a reserved concurrency allows; default 100. What is asked for
   * beyond that waits for its turn: asynchronous invocations are stored, and the emulator lets a caller wait.
   */
  readonly maxInstances?: number;
  /** Temporary keys of the function's role. */
  readonly credentials: {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly securityToken: string;
  };
  readonly asyncInvoke?: AsyncInvokeConfig;
  /** What the control plane says of its triggers; what starts it is the event bus's own affair. */
  readonly triggers?: readonly { readonly name: string; readonly type: string; readonly config: object }[];
  /** Size of the archive that was uploaded, as the control plane says. */
  readonly codeBytes?: number;
  /**
   * Where what it prints goes. Pages disagree on whether the platform writes there by itself or as the function's
   * role; given, it is the role, and what that may not write is lost.
   */
  readonly logConfig?: { readonly project: string; readonly logstore: string };
}

export interface AsyncInvokeConfig {
  /** Task ids are kept, and a second submission of one is refused with 409. Default true. */
  readonly asyncTask?: boolean;
  /** A queue, as `acs:mns:REGION:ACCOUNT:/queues/NAME/messages`: told with the role's permission. Default: always told. */
  readonly onFailure?: string;
  /** Default 3. */
  readonly maxRetryAttempts?: number;
  /** Pause before a retry, milliseconds. Default 50: the platform's is longer. */
  readonly retryDelayMs?: number;
  /** How long a second of an asked delay lasts, milliseconds. Default 1000. */
  readonly delayedSecondMs?: number;
  /** The share of asynchronous invocations that are delivered twice: delivery is at least once. Default 0. */
  readonly duplicateRate?: number;
}

/** What the handler gets as its second argument (Function Compute reference, section 5.3). */
export function contextOf(spec: FunctionSpec, requestId: string, qualifier: string): object {
  return {
    requestId,
    credentials: spec.credentials,
    function: {
      name: spec.name,
      handler: spec.handler,
      memory: spec.memoryMb,
      timeout: spec.timeoutSeconds,
    },
    service: {
      name: spec.serviceName ?? '',
      logProject: '',
      logStore: '',
      qualifier,
      versionId: '',
    },
    region: spec.region,
    accountId: spec.accountId,
    tracing: { openTracingSpanContext: '', openTracingSpanBaggages: {}, jaegerEndpoint: '' },
  };
}

/** The variables of an instance: the function's own and the platform's, and nothing of the machine's. */
export function environmentOf(spec: FunctionSpec, instanceId: string): NodeJS.ProcessEnv {
  return {
    ...spec.environment,
    ALIBABA_CLOUD_ACCESS_KEY_ID: spec.credentials.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: spec.credentials.accessKeySecret,
    ALIBABA_CLOUD_SECURITY_TOKEN: spec.credentials.securityToken,
    FC_ACCOUNT_ID: spec.accountId,
    FC_REGION: spec.region,
    FC_FUNCTION_NAME: spec.name,
    FC_FUNCTION_HANDLER: spec.handler,
    FC_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    FC_INSTANCE_ID: instanceId,
    FC_FUNC_CODE_PATH: spec.codeFolder,
    FC_CUSTOM_LISTEN_PORT: '9000',
    FC_VER_ID: 'LATEST',
    ...(spec.serviceName === undefined ? {} : { FC_SERVICE_NAME: spec.serviceName, FC_QUALIFIER: 'LATEST' }),
  };
}
