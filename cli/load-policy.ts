import { statSync } from 'node:fs';
import { listPolicyFolder, readPolicyByName, readPolicyFile } from '../lib/cloud/policy-folder.ts';
import { CleanupError } from '../lib/errors.ts';
import type { Policy } from '../lib/policy/policy.ts';
import { regionFault } from '../lib/policy/regions.ts';
import { REGION_ID, type Region } from '../lib/resource.ts';
import { safeText } from '../lib/text.ts';
import type { Arguments } from './arguments.ts';
import { type Io, UsageError } from './io.ts';

/** Where a person keeps policies unless told otherwise. */
const DEFAULT_POLICIES_DIR = 'policies';

/**
 * The policy that a word names: a file where it is a path, else a name in the policies folder.
 *
 * @throws {CleanupError} code `POLICY_NOT_FOUND`, or a `PolicyError` with every fault.
 */
export function loadPolicy(word: string, args: Arguments, io: Io): Promise<Policy> {
  const reading = { newerRegions: offlineRegions(args, io) };
  return isPath(word)
    ? readPolicyFile(word, reading)
    : readPolicyByName(policiesDir(args, io), word, reading);
}

/**
 * The regions that the person says are newer than this version.
 *
 * @throws {UsageError} when one is no region id.
 */
export function offlineRegions(args: Arguments, io: Io): readonly Region[] {
  const text = args.texts['offline-regions'] ?? (io.env.TAGSWEEP_OFFLINE_REGIONS || undefined);
  const regions = text?.split(',').map((word) => word.trim()) ?? [];
  const wrong = regions.find((region) => !REGION_ID.test(region));
  if (wrong === undefined) return regions;
  throw new UsageError(`--offline-regions ${safeText(wrong)}: that is no region id such as cn-hangzhou.`);
}

/**
 * A region that a person names beside a policy.
 *
 * @param flag what the message calls the place it was named in.
 * @throws {UsageError} when it is no region id, or one that no list knows.
 */
export function readRegion(word: string, flag: string, args: Arguments, io: Io): Region {
  const where = `${flag}${safeText(word)}`;
  if (!REGION_ID.test(word)) throw new UsageError(`${where}: that is no region id such as cn-hangzhou.`);
  const fault = regionFault(word, offlineRegions(args, io));
  if (fault === undefined) return word;
  const hint = fault.suggestion === undefined ? '' : `; did you mean ${fault.suggestion}?`;
  throw new UsageError(`${where} ${fault.message}${hint}`);
}

/** A path has a slash or an ending; a bare name is always a policy of the folder, whatever file lies beside. */
export function isPath(word: string): boolean {
  return /[\\/]/.test(word) || /\.(ya?ml|json)$/.test(word);
}

/**
 * The policy that bears a name today; nothing where there is none in the policies folder.
 *
 * @throws {PolicyError} when there is one, with faults: what it keeps cannot be told.
 */
export async function loadTodaysPolicy(name: string, args: Arguments, io: Io): Promise<Policy | undefined> {
  try {
    return await readPolicyByName(policiesDir(args, io), name);
  } catch (error) {
    if (error instanceof CleanupError && error.code === 'POLICY_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Policies that are planned together, and what stood beside them in a folder and is none. */
export interface LoadedSet {
  readonly policies: readonly Policy[];
  readonly skipped: readonly string[];
}

/**
 * The policies that several words name: files, names, and folders with their subfolders.
 *
 * @throws {UsageError} when there is none, or two are of one name; else as `loadPolicy` does.
 */
export async function loadPolicies(words: readonly string[], args: Arguments, io: Io): Promise<LoadedSet> {
  const policies: Policy[] = [];
  const skipped: string[] = [];
  for (const word of words) {
    if (!isFolder(word)) {
      policies.push(await loadPolicy(word, args, io));
      continue;
    }
    const folder = await listPolicyFolder(word);
    for (const file of folder.policies) policies.push(await loadPolicy(file, args, io));
    skipped.push(...folder.tests, ...folder.skipped);
  }
  if (policies.length === 0) throw new UsageError(`There is no policy in ${safeText(words.join(', '))}.`);
  const names = policies.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return { policies, skipped };
  throw new UsageError(
    `Two of the policies are called ${twice}: name each once, so that they can be told apart.`,
  );
}

/** Whether a word names a folder. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The policies folder: the flag, else the environment, else `policies`. */
export function policiesDir(args: Arguments, io: Io): string {
  return args.texts['policies-dir'] || io.env.TAGSWEEP_POLICIES_DIR || DEFAULT_POLICIES_DIR;
}
