import { type Profile, readProfile } from '../doctor/profile.ts';
import { CleanupError } from '../errors.ts';
import { describeError } from '../redact.ts';
import { readTextFile } from './bounded-file.ts';

const MOST_BYTES = 1024 * 1024;

/**
 * What `doctor` kept in a file.
 *
 * @throws {CleanupError} code `INVALID_SETTING` when it cannot be read, or is none.
 */
export function readProfileFile(file: string): Profile {
  let text: string;
  try {
    text = readTextFile(file, MOST_BYTES);
  } catch (cause) {
    throw new CleanupError(
      'INVALID_SETTING',
      `TAGSWEEP_PROFILE ${file} cannot be read: ${describeError(cause)}. Make it with tagsweep doctor --out ${file}, or unset it.`,
      { cause },
    );
  }
  return readProfile(text, file);
}
