import { type Config, readConfig } from '../../lib/cloud/config.ts';
import { connect, connectInvoker } from '../../lib/cloud/connect.ts';
import { watchConnections } from '../../lib/cloud/connections.ts';
import { environmentSecrets, readCredentials, secretsOf } from '../../lib/cloud/credentials.ts';
import { getCallerIdentity } from '../../lib/cloud/identity.ts';
import type { CleanupError } from '../../lib/errors.ts';
import { doubtOf } from '../../lib/run/continuation.ts';
import type { RunOptions, RunPorts } from '../../lib/run/request.ts';
import { type FunctionContext, identityOf, placeOf } from './context.ts';
import type { Start } from './event.ts';
import { recordPrinter } from './print-record.ts';
import { deriveRunId, type FunctionIdentity } from './run-id.ts';

/** What a run needs, whatever started it; made anew for each invocation. */
export interface Job {
  readonly config: Config;
  readonly ports: RunPorts;
  readonly options: RunOptions;
  readonly runId: string;
  /** Keys and tokens that must stand in nothing that is kept or shown. */
  readonly secrets: readonly string[];
  /** Why what started it is not what it says it is. */
  readonly doubt?: CleanupError;
}

/** The id of what was started; whatever says that it goes on with a run, and is not believed, gets one of its own. */
export function nameJob(
  start: Start,
  config: Config,
  identity: FunctionIdentity,
): Pick<Job, 'runId' | 'doubt'> {
  const doubt = start.kind === 'continuation' ? doubtOf(start.payload, config.signer) : undefined;
  if (doubt === undefined) return { runId: deriveRunId(start, identity) };
  return { runId: deriveRunId({ kind: 'empty' }, identity), doubt };
}

/**
 * Connects as the settings and the context say.
 *
 * @param printLine takes each record as it is written, as far as the settings let it be seen.
 * @throws {CleanupError} code `INVALID_SETTING`.
 */
export async function prepareJob(
  start: Start,
  context: FunctionContext,
  deadlineAtMs: number,
  printLine: (line: Readonly<Record<string, string>>) => void,
): Promise<Job> {
  const { accountId, region = '', requestId = '' } = context;
  const functionName = context.function?.name ?? '';
  const config = readConfig(process.env);
  const found = readCredentials(process.env, context);
  const credentials = async () => found;
  watchConnections();
  const echo = recordPrinter(config.echo, printLine);
  const ports = connect(config, credentials, {
    ...(echo !== undefined && { echo }),
    source: functionName || 'tagsweep',
    deadlineAtMs,
  });
  const place = placeOf(context);
  const actor = await roleOf(config, found, printLine);
  const { clock } = ports;
  return {
    config,
    ports: {
      ...ports,
      ...(place && { invoker: connectInvoker(config, credentials, place, { clock, deadlineAtMs }) }),
    },
    options: {
      deadlineAtMs,
      identity: { ...identityOf(context), actor },
      ...(accountId !== undefined && { accountId }),
    },
    secrets: [...secretsOf(found), ...environmentSecrets(process.env)],
    ...nameJob(start, config, { accountId: accountId ?? '', region, functionName, requestId }),
  };
}

/** A name is not worth more of an invocation's time. */
const IDENTITY_TIMEOUT_MS = 2000;

/** Whose the last key is, which no later invocation can change: a key has one owner. */
const roleByKey = new Map<string, string>();

/** The function's role and session, as the cloud and its ActionTrail call them; the context does not tell. */
async function roleOf(
  config: Config,
  credentials: Parameters<typeof getCallerIdentity>[1],
  printLine: (line: Readonly<Record<string, string>>) => void,
): Promise<string> {
  const known = roleByKey.get(credentials.accessKeyId);
  if (known !== undefined) return known;
  const caller = await getCallerIdentity(config, credentials, IDENTITY_TIMEOUT_MS);
  if ('arn' in caller) {
    roleByKey.clear();
    roleByKey.set(credentials.accessKeyId, caller.arn);
    return caller.arn;
  }
  printLine({ event_name: 'role_unknown', level: 'WARN', message: caller.fault });
  return '';
}
