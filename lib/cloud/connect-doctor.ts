import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { makeRecord } from '../audit/make-record.ts';
import type { AuditRecord } from '../audit/record.ts';
import type { DoctorPorts } from '../doctor/doctor.ts';
import type { FunctionReader } from '../doctor/function-check.ts';
import type { IdentityCheckOptions } from '../doctor/identity-check.ts';
import type { LogLook } from '../doctor/log-check.ts';
import type { ProbeApi } from '../doctor/probe-api.ts';
import type { Region } from '../resource.ts';
import { createSystemClock } from './clock.ts';
import type { Config } from './config.ts';
import { connectAudit } from './connect.ts';
import type { Credentials } from './credentials.ts';
import { eciEndpoints, eciHost } from './eci/endpoints.ts';
import { getCallerIdentity } from './identity.ts';
import { stepFor } from './setup/things.ts';
import { silencePackages } from './silence-packages.ts';

/** What the doctor needs of the world beside ECI itself. */
export interface DoctorWorld extends DoctorPorts {
  /** The reading calls of a function's control plane. */
  functionReader(functionName: string, accountId: string): Promise<FunctionReader>;
  /** How each region's host is called; undefined where the settings name one host for all. */
  readonly hostOf: ((region: Region, network: 'public' | 'vpc') => string) | undefined;
  resolves(host: string): Promise<boolean>;
  /** The log store that the settings name; undefined where they name none. */
  readonly log: LogLook | undefined;
  /** Whose the credentials are, and whether they end by themselves. */
  identity(): Promise<Pick<IdentityCheckOptions, 'identify' | 'isTemporary'>>;
}

/** Makes what the doctor needs of the world; nothing is sent. */
export function connectDoctor(config: Config, credentials: () => Promise<Credentials>): DoctorWorld {
  let loaded: Promise<ProbeApi> | undefined;
  const load = () => {
    silencePackages();
    loaded ??= import('./eci/probe-client.ts').then(({ createProbeClient }) =>
      createProbeClient({ ...eciEndpoints(config.eciNetwork, config.eciEndpoint), credentials }),
    );
    return loaded;
  };
  return {
    api: { ask: async (call) => (await load()).ask(call) },
    clock: createSystemClock(),
    async functionReader(functionName, accountId) {
      silencePackages();
      const { createFunctionReader } = await import('./fc/function-reader.ts');
      const usual = `https://${accountId}.${config.region}.fc.aliyuncs.com`;
      return createFunctionReader(functionName, config.fcEndpoint ?? new URL(usual), credentials);
    },
    hostOf: config.eciEndpoint === undefined ? eciHost : undefined,
    resolves: async (host) => {
      try {
        await lookup(host);
        return true;
      } catch {
        return false;
      }
    },
    log: connectLog(config, credentials),
    async identity() {
      const found = await credentials();
      return {
        identify: () => getCallerIdentity(config, found),
        isTemporary: found.securityToken !== undefined,
      };
    },
  };
}

function connectLog(config: Config, credentials: () => Promise<Credentials>): LogLook | undefined {
  const audit = connectAudit(config, credentials);
  if (audit === null || config.log === undefined) return undefined;
  const clock = createSystemClock();
  const runId = `doctor-${randomBytes(8).toString('hex')}`;
  const { log } = config;
  return {
    place: 'file' in log ? log.file : `log store ${log.store} of project ${log.project}`,
    ...(!('file' in log) && { index: () => compareIndex(config, log, credentials) }),
    write: () => audit.write([lookRecord(runId, clock.now())]),
    find: async () => (await audit.read({ runId, eventNames: ['doctor_looked'] })).length > 0,
  };
}

/** Of no run: nothing that reads runs takes it for one. */
function lookRecord(runId: string, atMs: number): AuditRecord {
  const context = { runId, attemptId: runId, identity: {} };
  return makeRecord(
    context,
    { name: 'doctor_looked', id: `${runId}:look`, atMs },
    {
      level: 'INFO',
      message: 'tagsweep doctor looks how soon a record is found',
    },
  );
}

async function compareIndex(
  config: Config,
  { project, store }: { readonly project: string; readonly store: string },
  credentials: () => Promise<Credentials>,
): Promise<'missing' | 'other' | 'equal'> {
  const [{ connectSetup }, { default: document }] = await Promise.all([
    import('./connect-setup.ts'),
    import('../../deploy/log-index.json', { with: { type: 'json' } }),
  ]);
  const thing = { kind: 'index', name: store, of: store, document, wanted: true } as const;
  const found = await connectSetup(config, project, credentials).find(thing);
  if (found === undefined) return 'missing';
  return stepFor(thing, found) === 'keep' ? 'equal' : 'other';
}
