import { dropRepeats, matchesQuery, readRecord, sortByTime } from '../../audit/query.ts';
import type { AuditRecord } from '../../audit/record.ts';
import type { Chance, Clock } from '../../clock.ts';
import { CleanupError } from '../../errors.ts';
import type { AuditLog } from '../../ports.ts';
import { readBaseUrl } from '../base-url.ts';
import type { Credentials } from '../credentials.ts';
import type { LogClient } from './log-client.ts';
import { LogFailure, plainCode } from './log-failure.ts';
import { splitIntoGroups } from './log-groups.ts';
import { findsNothing } from './log-query.ts';
import { readRows } from './read-log.ts';

export interface SlsLogOptions {
  /** Base URL, such as `https://cn-hangzhou.log.aliyuncs.com`; plain http for loopback only. */
  readonly endpoint: string | URL;
  readonly project: string;
  readonly logstore: string;
  /** Asked at each attempt, so that temporary credentials may change. */
  readonly credentials: () => Promise<Credentials>;
  readonly clock: Clock;
  readonly chance: Chance;
  /** What the records name as their source, such as the function's name. Default `tagsweep`. */
  readonly source?: string;
  /** Nothing is sent, and nothing waited for, past it. Epoch milliseconds. */
  readonly deadlineAtMs?: number;
}

/**
 * A log in a log store of Simple Log Service.
 *
 * A write resolves once the service has answered each of its requests with success; requests that failed
 * are sent again, byte for byte, so that a record may be kept twice. Nothing is loaded or connected before
 * the first call.
 *
 * @throws {CleanupError} code `INVALID_SETTING` for an endpoint that cannot be used.
 */
export function createSlsLog(options: SlsLogOptions): AuditLog {
  const { project, logstore, clock } = options;
  const endpoint = readBaseUrl(String(options.endpoint));
  if (!(endpoint instanceof URL)) {
    throw new CleanupError('INVALID_SETTING', `The log service's endpoint ${endpoint.fault}.`);
  }
  let client: Promise<LogClient> | undefined;
  const connect = (): Promise<LogClient> => {
    client ??= import('./log-client.ts').then(({ createLogClient }) =>
      createLogClient({ ...options, deadlineAtMs: options.deadlineAtMs, endpoint }),
    );
    return client;
  };
  const refuse = (verb: 'write' | 'read', what: string, error: unknown): never => {
    throw unavailable({
      verb,
      what,
      place: `log store ${logstore} of project ${project} at ${endpoint.host}`,
      error,
    });
  };

  return {
    place: { project, logstore },
    write: async (records) => {
      const count = `${records.length} audit record${records.length === 1 ? '' : 's'}`;
      try {
        for (const group of splitIntoGroups(records, options.source ?? 'tagsweep')) {
          await (await connect()).postLogStoreLogs(project, logstore, group);
        }
      } catch (error) {
        refuse('write', count, error);
      }
    },
    read: async (query) => {
      if (findsNothing(query)) return [];
      try {
        const rows = await readRows({ client: await connect(), project, logstore, clock }, query);
        const records = rows.map(readRecord).filter((record): record is AuditRecord => record !== undefined);
        return sortByTime(dropRepeats(records.filter((record) => matchesQuery(record, query))));
      } catch (error) {
        return refuse('read', 'audit records', error);
      }
    },
  };
}

interface Refusal {
  readonly verb: 'write' | 'read';
  readonly what: string;
  readonly place: string;
  readonly error: unknown;
}

function unavailable({ verb, what, place, error }: Refusal): CleanupError {
  // Whatever is no answer of the service, such as missing credentials, says itself what to do.
  if (error instanceof CleanupError)
    return new CleanupError('AUDIT_UNAVAILABLE', error.message, { cause: error });
  if (!(error instanceof LogFailure)) {
    return new CleanupError('AUDIT_UNAVAILABLE', `Cannot ${verb} ${what}, ${place}: ${nameOf(error)}.`, {
      cause: error,
    });
  }
  const details = [
    error.status === undefined ? '' : `status ${error.status}`,
    error.requestId === undefined ? '' : `request ${error.requestId}`,
  ];
  const inBrackets = details.filter((detail) => detail !== '').join(', ');
  const came = `${error.code}${inBrackets === '' ? '' : ` (${inBrackets})`}: ${error.message.replace(/[.\s]+$/, '')}`;
  return new CleanupError(
    'AUDIT_UNAVAILABLE',
    `Cannot ${verb} ${what}, ${place}: ${came}. ${adviceFor(error, verb)}`,
    {
      cause: error,
    },
  );
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'an unknown error';
}

/** By plain code. */
const ADVICE: Readonly<Record<string, string>> = {
  projectnotexist: 'Create the project, or correct TAGSWEEP_LOG_PROJECT or the region.',
  logstorenotexist: 'Create the log store, or correct TAGSWEEP_LOG_STORE.',
  indexconfignotexist: 'Create the index of the log store, as docs/audit.md shows.',
  parameterinvalid: 'Compare the index of the log store with docs/audit.md.',
  invalidaccesskeyid: 'Check the access key, and that the log service is activated.',
  signaturenotmatch: 'Check the access key secret.',
  deadlinereached: 'Give the run more time.',
  incomplete: 'Try again later, or over a shorter time.',
};

function adviceFor(error: LogFailure, verb: 'write' | 'read'): string {
  const known = ADVICE[plainCode(error.code)];
  if (known !== undefined) return known;
  if (error.kind === 'clock') return 'Set the clock of this machine.';
  if (error.kind === 'quota') return 'Raise the quota of the project, add shards, or try again later.';
  if (error.kind === 'token' || /denied/i.test(`${error.code} ${error.message}`)) {
    const action = verb === 'write' ? 'log:PostLogStoreLogs' : 'log:GetLogStoreLogs';
    return `Check the credentials, and that they allow ${action} on the log store.`;
  }
  if (error.kind === 'transient') return 'Check the network and TAGSWEEP_SLS_ENDPOINT, or try again later.';
  return 'See the error codes of Simple Log Service.';
}
