import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createReadBudget, dropRepeats, matchesQuery, readRecord, sortByTime } from '../../audit/query.ts';
import { type AuditRecord, MAX_RECORD_BYTES, recordBytes } from '../../audit/record.ts';
import { CleanupError } from '../../errors.ts';
import type { AuditLog } from '../../ports.ts';
import { describeError } from '../../redact.ts';
import { encodeJson } from '../../text.ts';

const NEWLINE = 0x0a;

/** As `a+`, and through no link: what is written must not end in a file that somebody else chose. */
const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/** The longest line of a record: each byte may stand as an escape of six. */
const MAX_LINE_LENGTH = 6 * MAX_RECORD_BYTES + 64 * 1024;

/**
 * A log of JSON lines in one file, for runs outside Function Compute.
 *
 * A write resolves once its lines are synced to disk. The file is made readable by its owner only, since
 * tags may hold what others should not read. Several processes may append: a write is one append in one
 * piece, and a line torn by a crash is closed before the next and skipped when read. Nothing is opened
 * before the first write or read.
 */
export function createFileLog(path: string): AuditLog {
  const file = resolve(path);
  let tail: Promise<void> = Promise.resolve();

  return {
    place: { file },
    write: (records) => {
      const done = tail.then(() => append(file, records));
      tail = done.catch(() => undefined);
      return done;
    },
    read: async (query) => {
      await tail;
      const found: AuditRecord[] = [];
      const spend = createReadBudget();
      for await (const record of readRecords(file)) {
        if (!matchesQuery(record, query)) continue;
        spend(recordBytes(record));
        found.push(record);
      }
      return sortByTime(dropRepeats(found));
    },
  };
}

async function append(file: string, records: readonly AuditRecord[]): Promise<void> {
  if (records.length === 0) return;
  const lines = records.map((record) => `${encodeJson(record)}\n`).join('');
  try {
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(file, APPEND, 0o600);
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.from((await endsTorn(handle, size)) ? `\n${lines}` : lines);
      const { bytesWritten } = await handle.write(bytes);
      if (bytesWritten < bytes.length)
        throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were written`);
      await handle.sync();
      if (size === 0) await syncFolder(dirname(file));
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unavailable(
      'write',
      file,
      error,
      'Check that the folder exists, can be written and has space left',
    );
  }
}

/** Whether the last line lacks its end: an earlier process died while writing it. */
async function endsTorn(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  return last[0] !== NEWLINE;
}

/** A new file's name is safe only once its folder is synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function* readRecords(file: string): AsyncGenerator<AuditRecord> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (isMissing(error)) return;
    throw unavailable('read', file, error, 'Check that it can be read');
  }
  try {
    for await (const line of splitLines(handle.createReadStream({ autoClose: false, encoding: 'utf8' }))) {
      const record = parseLine(line);
      if (record !== undefined) yield record;
    }
  } catch (error) {
    throw unavailable('read', file, error, 'Check that it can be read');
  } finally {
    await handle.close();
  }
}

/** Lines, without their ends; of a line that is longer than any record nothing is kept. */
async function* splitLines(text: AsyncIterable<string>): AsyncGenerator<string> {
  let line = '';
  for await (const part of text) {
    const [first = '', ...rest] = part.split('\n');
    line += line.length > MAX_LINE_LENGTH ? '' : first;
    for (const next of rest) {
      if (line.length <= MAX_LINE_LENGTH) yield line;
      line = next;
    }
  }
  if (line.length <= MAX_LINE_LENGTH) yield line;
}

function parseLine(line: string): AuditRecord | undefined {
  try {
    return readRecord(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unavailable(verb: string, file: string, error: unknown, hint: string): CleanupError {
  return new CleanupError(
    'AUDIT_UNAVAILABLE',
    `Cannot ${verb} the audit log ${file}: ${describeError(error)}. ${hint}.`,
    {
      cause: error,
    },
  );
}
