import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileLog } from '../../lib/cloud/log/file-log.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { describeAuditLog } from './audit-log.ts';

describeAuditLog('in memory', async () => ({ log: createMemoryLog(), close: async () => {} }));

describeAuditLog('file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tagsweep-audit-'));
  return {
    log: createFileLog(join(folder, 'deep', 'audit.jsonl')),
    close: () => rm(folder, { recursive: true }),
  };
});
