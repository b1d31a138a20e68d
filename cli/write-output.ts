import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { FileTooLargeError, readTextFile } from '../lib/cloud/bounded-file.ts';
import { safeText } from '../lib/text.ts';
import { UsageError } from './io.ts';

/** How much may be written, and what to do where that is too little. */
export interface OutputBound {
  readonly maxBytes: number;
  readonly advice: string;
}

/**
 * Writes a file that a person asked for; of one that is too large nothing stays.
 *
 * @throws {UsageError} that says why it could not be written.
 */
export function writeOutput(file: string, pieces: Iterable<string>, bound?: OutputBound): void {
  try {
    const handle = openSync(file, 'w');
    try {
      writePieces(handle, pieces, bound?.maxBytes ?? Number.POSITIVE_INFINITY);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    const isTooLarge = error instanceof FileTooLargeError;
    if (isTooLarge && statSync(file).isFile()) rmSync(file);
    const advice = isTooLarge && bound !== undefined ? ` ${bound.advice}` : '';
    throw new UsageError(`${safeText(file)} cannot be written: ${reasonOf(error)}.${advice}`);
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
