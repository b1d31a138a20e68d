import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { DEFAULT_STS_IDENTITY } from '../../emulator/identities.ts';
import { startEmulator } from '../../emulator/server.ts';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import type { Credentials } from '../../lib/cloud/credentials.ts';
import { createFileLog } from '../../lib/cloud/log/file-log.ts';
import { createSlsLog } from '../../lib/cloud/log/sls-log.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { describeAuditLog } from './audit-log.ts';

describeAuditLog('in memory', async () => ({ log: createMemoryLog(), close: async () => {} }));

describeAuditLog('file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tagsweep-audit-'));
  return {
    log: createFileLog(join(folder, 'deep', 'audit.jsonl')),
    close: () => rm(folder, { recursive: true }),
  };
});

describeAuditLog('log store', async () => {
  const nowMs = Date.UTC(2026, 0, 1, 1);
  const emulator = await startEmulator({ now: () => nowMs });
  return {
    log: createSlsLog({
      ...DEFAULT_LOGSTORE,
      endpoint: emulator.url,
      credentials: async () => DEFAULT_STS_IDENTITY as Credentials,
      clock: virtualClock(nowMs),
      chance: () => 0.5,
    }),
    close: async () => {
      await emulator.close();
      expect(emulator.failures).toEqual([]);
    },
  };
});
