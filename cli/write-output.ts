import { readFileSync, writeFileSync } from 'node:fs';
import { UsageError } from './io.ts';
import { safeText } from './safe-text.ts';

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

/**
 * Reads a file that a person named.
 *
 * @throws {UsageError} that says why it could not be read.
 */
export function readInput(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${safeText(file)} cannot be read: ${reasonOf(error)}.`);
  }
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EISDIR') return 'it is a folder';
  return code === 'EACCES' ? 'permission denied' : (code ?? 'unknown error');
}
