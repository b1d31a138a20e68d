import { writeFileSync } from 'node:fs';
import { FileTooLargeError, readTextFile } from '../lib/cloud/bounded-file.ts';
import { safeText } from '../lib/text.ts';
import { UsageError } from './io.ts';

/**
 * Writes a file that a person asked for.
 *
 * @throws {UsageError} that says why it could not be written.
 */
export function writeOutput(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`${safeText(file)} cannot be written: ${reasonOf(error)}.`);
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
