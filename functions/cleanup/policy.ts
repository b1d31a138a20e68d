import { join, relative } from 'node:path';
import type { Config } from '../../lib/cloud/config.ts';
import {
  checkFileName,
  listPolicyFolder,
  readPolicyByName,
  readPolicyFile,
} from '../../lib/cloud/policy-folder.ts';
import { CleanupError } from '../../lib/errors.ts';
import { parsePolicyDocument } from '../../lib/policy/parse.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { notAllowed } from './authority.ts';
import type { CleanupWish, SetWish } from './request.ts';

/**
 * The policy of a run: the one that the request carries or names, else the one of the settings.
 *
 * @param forEvent whether an EventBridge event asks, which has a policy of its own.
 * @throws {CleanupError} when there is none of that name, or none is named; a `PolicyError` when it is faulty.
 */
export async function choosePolicy(
  wanted: CleanupWish['policy'],
  config: Config,
  forEvent: boolean,
): Promise<Policy> {
  const reading = { newerRegions: config.offlineRegions };
  if (typeof wanted === 'object') {
    if (config.authority.inlinePolicies)
      return parsePolicyDocument(wanted, 'the policy of the request', reading);
    throw notAllowed(
      'the request brings a policy of its own, and only those of the policies folder are carried out. Put it there and name it, or set TAGSWEEP_INLINE_POLICIES=on',
    );
  }
  const name = wanted ?? (forEvent ? config.eventPolicy : config.policy);
  if (name === undefined) {
    throw new CleanupError(
      'INVALID_REQUEST',
      `The ${forEvent ? 'event' : 'request'} names no policy, and ${forEvent ? 'neither TAGSWEEP_EVENT_POLICY nor TAGSWEEP_POLICY is' : 'TAGSWEEP_POLICY is not'} set. Name one; nothing was done.`,
    );
  }
  return readPolicyByName(config.policiesDir ?? packedPolicies(), name, reading);
}

/**
 * The policies of a set: those that a request names, or all of the folder and its subfolders.
 *
 * @throws {CleanupError} when one is not there, there is none, or two are of one name; a `PolicyError` when one is faulty.
 */
export async function choosePolicies(
  wanted: SetWish['policies'],
  config: Config,
): Promise<{ readonly policies: readonly Policy[]; readonly skipped: readonly string[] }> {
  const folder = config.policiesDir ?? packedPolicies();
  const reading = { newerRegions: config.offlineRegions };
  const files = wanted === 'all' ? await listPolicyFolder(folder) : undefined;
  const policies = await Promise.all(
    files === undefined
      ? [...new Set(wanted)].map((name) => readPolicyByName(folder, name, reading))
      : files.policies.map(async (file) => {
          const policy = await readPolicyFile(file, reading);
          checkFileName(policy, file);
          return policy;
        }),
  );
  const names = policies.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (policies.length === 0 || twice !== undefined) {
    const why =
      twice === undefined ? 'the policies folder holds no policy' : `two policies are called ${twice}`;
    throw new CleanupError('INVALID_REQUEST', `Nothing was done: ${why}.`);
  }
  const skipped = files === undefined ? [] : [...files.tests, ...files.skipped];
  return { policies, skipped: skipped.map((file) => relative(folder, file)) };
}

/** The build puts the policies beside the bundle. */
function packedPolicies(): string {
  return join(import.meta.dirname, 'policies');
}
