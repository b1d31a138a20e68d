import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileLog } from '../../../../lib/cloud/log/file-log.ts';
import { anAuditRecord } from '../../../support/audit-builders.ts';

describe('createFileLog', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagsweep-file-log-'));
    file = join(folder, 'audit.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('names its place by the whole path', () => {
    expect(createFileLog(file).place).toEqual({ file });
  });

  it('opens nothing before the first write', async () => {
    createFileLog(file);

    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('makes a file that only its owner can read', async () => {
    await createFileLog(file).write([anAuditRecord()]);

    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('appends, one JSON object a line', async () => {
    await createFileLog(file).write([anAuditRecord({ message: 'line\u2028separator' })]);
    await createFileLog(file).write([anAuditRecord({ event_id: 'second' })]);

    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).event_id)).toEqual(['run-1:start', 'second']);
    expect(await createFileLog(file).read({})).toHaveLength(2);
  });

  it('skips a torn last line, and closes it before the next record', async () => {
    const log = createFileLog(file);
    await log.write([anAuditRecord({ event_id: 'first' })]);
    await appendFile(file, '{"event_name":"removals_pla');

    expect(await log.read({})).toHaveLength(1);
    await log.write([anAuditRecord({ event_id: 'second' })]);

    expect((await log.read({})).map((record) => record.event_id)).toEqual(['first', 'second']);
  });

  it('skips lines that are no records of ours', async () => {
    await writeFile(file, 'hello\n{"a":1}\n[]\n\n');

    expect(await createFileLog(file).read({})).toEqual([]);
  });

  it('rejects with AUDIT_UNAVAILABLE, the file and what to do when it cannot be written', async () => {
    await writeFile(file, '');

    const writing = createFileLog(join(file, 'inside-a-file.jsonl')).write([anAuditRecord()]);

    await expect(writing).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    await expect(writing).rejects.toThrow(
      /Cannot write the audit log .*inside-a-file\.jsonl: .*Check that the folder/,
    );
  });

  it('rejects with AUDIT_UNAVAILABLE when what is there cannot be read', async () => {
    await expect(createFileLog(folder).read({})).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  });

  it('goes on after a write that failed', async () => {
    const log = createFileLog(join(folder, 'later', 'audit.jsonl'));
    await writeFile(join(folder, 'later'), 'in the way');
    await expect(log.write([anAuditRecord()])).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    await rm(join(folder, 'later'));

    await log.write([anAuditRecord()]);

    expect(await log.read({})).toHaveLength(1);
  });

  it('loses nothing when several processes append', async () => {
    const script = `
      import { createFileLog } from ${JSON.stringify(join(process.cwd(), 'lib/cloud/log/file-log.ts'))};
      const log = createFileLog(${JSON.stringify(file)});
      for (let i = 0; i < 25; i++) {
        await log.write([{ event_name: 'batch_completed', event_id: process.pid + ':' + i, run_id: 'r',
          event_time: new Date().toISOString(), resource_ids: 'x'.repeat(20000) }]);
      }`;
    const children = [1, 2, 3].map(() =>
      spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: 'inherit' }),
    );

    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));

    expect(codes).toEqual([0, 0, 0]);
    expect(await createFileLog(file).read({})).toHaveLength(75);
  });
});
