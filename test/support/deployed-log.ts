import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import { createSystemClock } from '../../lib/cloud/clock.ts';
import { createSlsLog } from '../../lib/cloud/log/sls-log.ts';
import type { AuditLog } from '../../lib/ports.ts';
import type { Deployed } from './deployed.ts';

/** The log store that a deployed function writes to, as its operator reads it. */
export function deployedLog({ emulator }: Pick<Deployed, 'emulator'>): AuditLog {
  return createSlsLog({
    endpoint: emulator.slsUrl,
    project: DEFAULT_LOGSTORE.project,
    logstore: DEFAULT_LOGSTORE.logstore,
    credentials: async () => DEFAULT_IDENTITY,
    clock: createSystemClock(),
    chance: Math.random,
  });
}
