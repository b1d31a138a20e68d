import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FileTooLargeError, readTextFile } from '../lib/cloud/bounded-file.ts';
import { safeText } from '../lib/text.ts';
import { UsageError } from './io.ts';

/** How much may be written, and what to do where that is too little. */
export interface OutputBound {
  readonly maxBytes: number;
  readonly advice: string;
}

/**
 * Writes a file that a person asked for, readable by its owner alone. It is written beside its place and put there when
 * it is whole: nobody reads half of it, what was there before stays until then, and a link there is replaced, never
 * followed. A device or a pipe is written to as it is.
 *
 * @throws {UsageError} that says why it could not be written.
 */
export function writeOutput(file: string, pieces: Iterable<string>, bound?: OutputBound): void {
  const maxBytes = bound?.maxBytes ?? Number.POSITIVE_INFINITY;
  try {
    if (isStream(file)) writeTo(file, 'w', pieces, maxBytes);
    else replace(file, pieces, maxBytes);
  } catch (error) {
    const advice = error instanceof FileTooLargeError && bound !== undefined ? ` ${bound.advice}` : '';
    throw new UsageError(`${safeText(file)} cannot be written: ${reasonOf(error)}.${advice}`);
  }
}

function isStream(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

function replace(file: string, pieces: Iterable<string>, maxBytes: number): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) openSync(file, 'w');
  const fresh = join(dirname(file), `.${basename(file)}.${process.pid}.${Date.now().toString(36)}`);
  try {
    writeTo(fresh, 'wx', pieces, maxBytes);
    renameSync(fresh, file);
  } finally {
    rmSync(fresh, { force: true });
  }
}

function writeTo(file: string, flags: string, pieces: Iterable<string>, maxBytes: number): void {
  const handle = openSync(file, flags, 0o600);
  try {
    writePieces(handle, pieces, maxBytes);
  } finally {
    closeSync(handle);
  }
}

function writePieces(handle: number, pieces: Iterable<string>, maxBytes: number): void {
  let bytes = 0;
  for (const piece of pieces) {
    const data = Buffer.from(piece, 'utf8');
    bytes += data.length;
    if (bytes > maxBytes) throw new FileTooLargeError(maxBytes);
    for (let at = 0; at < data.length; ) at += writeSync(handle, data, at);
  }
}

/** A request, a fleet, the tests of a policy: far more than a person writes. */
export const MAX_INPUT_BYTES = 8 * 1024 * 1024;

/**
 * Reads a file that a person named.
 *
 * @throws {UsageError} that says why it could not be read.
 */
export function readInput(file: string, maxBytes = MAX_INPUT_BYTES): string {
  try {
    return readTextFile(file, maxBytes);
  } catch (error) {
    throw new UsageError(`${safeText(file)} cannot be read: ${reasonOf(error)}.`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof FileTooLargeError) return error.message;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EISDIR') return 'it is a folder';
  return code === 'EACCES' ? 'permission denied' : (code ?? 'unknown error');
}
