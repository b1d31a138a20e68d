import type { FunctionPlace } from '../../lib/cloud/connect.ts';
import type { Credentials } from '../../lib/cloud/credentials.ts';
import { VERSION } from '../../lib/version.ts';

/** What the platform hands to the handler beside the event; every field may be missing in a test call. */
export interface FunctionContext {
  readonly requestId?: string;
  readonly credentials?: Partial<Credentials>;
  readonly function?: {
    readonly name?: string;
    /** Seconds; a number or its digits. */
    readonly timeout?: number | string;
  };
  /** `name` is empty for a function of generation 3.0. */
  readonly service?: { readonly name?: string; readonly qualifier?: string; readonly versionId?: string };
  readonly region?: string;
  readonly accountId?: string;
}

/** What is left to the platform at the end: the answer has to be encoded and sent. */
const ANSWER_RESERVE_MS = 1_000;

/** The platform's own default, should the context not tell. */
const DEFAULT_TIMEOUT_S = 3;

/**
 * The instant by which the handler must have returned.
 *
 * The context has no deadline, so it is counted from the handler's first instant.
 */
export function deadlineOf(context: FunctionContext, startedAtMs: number): number {
  const seconds = Number(context.function?.timeout);
  const timeoutMs = (Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_TIMEOUT_S) * 1000;
  return startedAtMs + timeoutMs - Math.min(ANSWER_RESERVE_MS, timeoutMs / 10);
}

/** What every record of an invocation says of where it was made. */
export function identityOf(context: FunctionContext): Readonly<Record<string, string>> {
  const { requestId, service, region, accountId } = context;
  return {
    service_name: 'tagsweep',
    service_version: VERSION,
    function_name: context.function?.name ?? '',
    function_version: service?.versionId ?? '',
    function_qualifier: service?.qualifier ?? '',
    request_id: requestId ?? '',
    region: region ?? '',
    account_id: accountId ?? '',
  };
}

/** Where the function can be found to invoke it again; nothing where the context does not tell. */
export function placeOf({
  accountId,
  region,
  service,
  ...context
}: FunctionContext): FunctionPlace | undefined {
  const functionName = context.function?.name;
  if (!accountId || !region || !functionName) return undefined;
  return {
    accountId,
    region,
    functionName,
    ...(service?.name && { serviceName: service.name }),
    ...(service?.qualifier && { qualifier: service.qualifier }),
  };
}
