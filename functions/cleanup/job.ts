import { type Config, readConfig } from '../../lib/cloud/config.ts';
import { connect, connectInvoker } from '../../lib/cloud/connect.ts';
import { watchConnections } from '../../lib/cloud/connections.ts';
import { readCredentials } from '../../lib/cloud/credentials.ts';
import type { RunOptions, RunPorts } from '../../lib/run/request.ts';
import { type FunctionContext, identityOf, placeOf } from './context.ts';
import type { Start } from './event.ts';
import { recordPrinter } from './print-record.ts';
import { deriveRunId } from './run-id.ts';

/** What a run needs, whatever started it; made anew for each invocation. */
export interface Job {
  readonly config: Config;
  readonly ports: RunPorts;
  readonly options: RunOptions;
  readonly runId: string;
}

/**
 * Connects as the settings and the context say.
 *
 * @param printLine takes each record as it is written, as far as the settings let it be seen.
 * @throws {CleanupError} code `INVALID_SETTING`.
 */
export function prepareJob(
  start: Start,
  context: FunctionContext,
  deadlineAtMs: number,
  printLine: (line: Readonly<Record<string, string>>) => void,
): Job {
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
  const { clock } = ports;
  return {
    config,
    ports: {
      ...ports,
      ...(place && { invoker: connectInvoker(config, credentials, place, { clock, deadlineAtMs }) }),
    },
    options: {
      deadlineAtMs,
      identity: identityOf(context),
      ...(accountId !== undefined && { accountId }),
    },
    runId: deriveRunId(start, { accountId: accountId ?? '', region, functionName, requestId }),
  };
}
