import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { isPolicyTest } from '../lib/plan/policy-test.ts';
import { parsePolicy } from '../lib/policy/parse.ts';
import type { Policy } from '../lib/policy/policy.ts';
import type { PolicyChange } from '../lib/run/compare.ts';
import { safeText } from '../lib/text.ts';
import type { Arguments } from './arguments.ts';
import { type Io, UsageError } from './io.ts';
import { loadPolicies, policiesDir } from './load-policy.ts';

/**
 * What changed in the policies folder since a commit of git: policies that are new, that were taken away, and that say
 * something else now. A change of words alone is none.
 *
 * @throws {UsageError} where git, or the commit, is not there; `PolicyError` where a policy has faults, then or now.
 */
export async function changesSince(ref: string, args: Arguments, io: Io): Promise<readonly PolicyChange[]> {
  const folder = policiesDir(args, io);
  const then = new Map(policiesAt(ref, folder).map((policy) => [policy.name, policy]));
  const { policies } = await loadPolicies([folder], args, io);
  const now = new Map(policies.map((policy) => [policy.name, policy]));
  return [...new Set([...then.keys(), ...now.keys()])].sort().flatMap((name): PolicyChange[] => {
    const [before, after] = [then.get(name), now.get(name)];
    if (before !== undefined && after !== undefined && isSame(before, after)) return [];
    return [{ name, ...(before && { before }), ...(after && { after }) }];
  });
}

/** The digest leaves the mode out, which is what matters most. */
function isSame(a: Policy, b: Policy): boolean {
  return a.digest === b.digest && a.mode === b.mode;
}

function policiesAt(ref: string, folder: string): readonly Policy[] {
  const commit = git(
    folder,
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`],
    ref,
  ).trim();
  const files = git(folder, ['ls-tree', '-r', '-z', '--name-only', commit, '.'], ref).split('\0');
  return files.flatMap((file) => {
    if (!/\.(ya?ml|json)$/.test(file) || isPolicyTest(file) || /schema\.json$/.test(file)) return [];
    const text = git(folder, ['show', `${commit}:./${file}`], ref);
    if (file.endsWith('.json') && /"Statement"\s*:/.test(text)) return [];
    return [parsePolicy(text, `${basename(folder)}/${file} at ${ref}`)];
  });
}

function git(folder: string, words: readonly string[], ref: string): string {
  try {
    return execFileSync('git', ['-C', folder, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    if (code === 'ENOENT') throw new UsageError('--base needs git, which is not there.');
    const said = (stderr ?? '').trim().split('\n')[0] ?? '';
    throw new UsageError(
      `--base ${safeText(ref)}: git knows no such commit for ${safeText(folder)}${said === '' ? '' : ` (${safeText(said)})`}. In a build, fetch the base first (fetch-depth: 0).`,
    );
  }
}
