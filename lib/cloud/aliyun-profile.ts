import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { CleanupError } from '../errors.ts';
import { safeText } from '../text.ts';

/** What is looked at of the aliyun CLI's configuration; the vendor's package reads the rest. */
const CONFIGURATION = z.object({
  current: z.string().optional(),
  profiles: z.array(z.object({ name: z.string(), mode: z.string().optional() })).min(1),
});

/** A profile of the aliyun CLI, found to be there. */
export interface AliyunProfile {
  readonly name: string;
  readonly file: string;
  /** When the file was last changed, epoch milliseconds: another program may have put new keys there. */
  readonly changedAtMs: number;
}

/** Where the aliyun CLI keeps its profiles. */
export function aliyunConfiguration(home: string): string {
  return join(home, '.aliyun', 'config.json');
}

/**
 * Finds a profile of the aliyun CLI, by default the current one.
 *
 * The file is read here first, since the vendor's package repeats the whole of a file that it cannot read, keys included.
 *
 * @throws {CleanupError} code `INVALID_SETTING`: the file is not there, or is broken, or has no such profile.
 */
export function findAliyunProfile(home: string, wanted: string | undefined): AliyunProfile {
  const file = aliyunConfiguration(home);
  const { current, profiles } = readConfiguration(file);
  const name = wanted ?? current ?? '';
  if (!profiles.some((profile) => profile.name === name)) {
    const names = profiles.map((profile) => safeText(profile.name)).join(', ');
    throw unusable(
      name === '' ? `${file} names no current profile` : `${file} has no profile ${safeText(name)}`,
      `it has ${names}. Name one with --profile.`,
    );
  }
  return { name, file, changedAtMs: statSync(file).mtimeMs };
}

function readConfiguration(file: string): z.infer<typeof CONFIGURATION> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'cannot be read';
    throw unusable(`${file} ${reason}`, 'make a profile with `aliyun configure`.');
  }
  try {
    return CONFIGURATION.parse(JSON.parse(text));
  } catch {
    throw unusable(`${file} is no configuration of the aliyun CLI`, 'make it anew with `aliyun configure`.');
  }
}

function unusable(what: string, advice: string): CleanupError {
  return new CleanupError('INVALID_SETTING', `No credentials: ${what}: ${advice}`);
}
