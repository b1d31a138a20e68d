import { statSync } from 'node:fs';
import { readPolicyByName, readPolicyFile } from '../lib/cloud/policy-folder.ts';
import type { Policy } from '../lib/policy/policy.ts';
import type { Arguments } from './arguments.ts';
import type { Io } from './io.ts';

/** Where a person keeps policies unless told otherwise. */
const DEFAULT_POLICIES_DIR = 'policies';

/**
 * The policy that a word names: a file when it looks like a path or is one, else a name in the policies folder.
 *
 * @throws {CleanupError} code `POLICY_NOT_FOUND`, or a `PolicyError` with every fault.
 */
export function loadPolicy(word: string, args: Arguments, io: Io): Promise<Policy> {
  const looksLikePath = /[\\/]/.test(word) || /\.(ya?ml|json)$/.test(word);
  return looksLikePath || isFile(word) ? readPolicyFile(word) : readPolicyByName(policiesDir(args, io), word);
}

/** The policies folder: the flag, else the environment, else `policies`. */
export function policiesDir(args: Arguments, io: Io): string {
  return args.texts['policies-dir'] || io.env.TAGSWEEP_POLICIES_DIR || DEFAULT_POLICIES_DIR;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
