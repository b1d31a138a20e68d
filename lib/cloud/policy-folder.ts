import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { CleanupError, PolicyError } from '../errors.ts';
import { POLICY_BOUNDS } from '../policy/fields.ts';
import { type PolicyReading, parsePolicy } from '../policy/parse.ts';
import type { Policy } from '../policy/policy.ts';
import { nearest } from '../policy/suggest.ts';
import { compareText } from '../resource.ts';
import { safeText } from '../text.ts';
import { FileTooLargeError, readTextFile } from './bounded-file.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const ENDINGS = ['.yaml', '.yml', '.json'] as const;

/**
 * Reads a policy by its name: the file `NAME.yaml` (or `.yml`, `.json`) of the folder, else of its subfolders, read anew each
 * time.
 *
 * @throws {CleanupError} code `POLICY_NOT_FOUND`, with the names that there are.
 * @throws {PolicyError} when the file is there and faulty, or says another name than its own.
 */
export async function readPolicyByName(
  folder: string,
  name: string,
  reading?: PolicyReading,
): Promise<Policy> {
  // The name becomes a path: nothing but a plain name may.
  if (!NAME.test(name)) {
    throw new CleanupError(
      'POLICY_NOT_FOUND',
      `${JSON.stringify(name.slice(0, 80))} is no policy name: 1 to 63 small letters, digits and "-", without folder or ending. Nothing was done.`,
    );
  }
  const files: string[] = [];
  for (const ending of ENDINGS) {
    const file = join(folder, `${name}${ending}`);
    if (await isFile(file)) files.push(file);
  }
  if (files.length === 0) files.push(...(await inSubfolders(folder, name)));
  const [file, other] = files;
  if (file === undefined) throw await notFound(folder, name);
  if (other !== undefined) {
    throw new CleanupError(
      'INVALID_POLICY',
      `There are two policies ${name}, ${safeText(file)} and ${safeText(other)}: keep one of them. Nothing was done.`,
    );
  }
  await refuseOutside(folder, file);
  const policy = await readPolicyFile(file, reading);
  checkFileName(policy, file);
  return policy;
}

/**
 * A policy is found again by its name, by whoever goes on with its run, and told by it in records: a file that is called
 * otherwise would be lost on the way.
 *
 * @throws {PolicyError}
 */
export function checkFileName({ name }: Pick<Policy, 'name'>, file: string): void {
  const called = basename(file).replace(/\.(?:ya?ml|json)$/, '');
  if (called === name) return;
  const message = `is ${JSON.stringify(name)}, but its file is called ${JSON.stringify(called)}: name both alike`;
  throw new PolicyError(file, [{ path: 'name', message }], `${safeText(file)}: name ${safeText(message)}.`);
}

/** The files of a name in the subfolders; none where there are none, or the folder cannot be read. */
async function inSubfolders(folder: string, name: string): Promise<readonly string[]> {
  const { policies } = await listPolicyFolder(folder).catch(() => ({ policies: [] }));
  return policies.filter((file) => ENDINGS.some((ending) => basename(file) === `${name}${ending}`));
}

/** A link may point to another file of the folder, as mounted folders do; not to what somebody else wrote. */
async function refuseOutside(folder: string, file: string): Promise<void> {
  const [within, target] = await Promise.all([realpath(folder), realpath(file)]);
  if (target.startsWith(`${within}${sep}`)) return;
  throw new CleanupError(
    'POLICY_NOT_FOUND',
    `The policy ${safeText(file)} is a link that leads out of its folder, and was not read. Put the policy itself there. Nothing was done.`,
  );
}

/**
 * Reads a policy from a file.
 *
 * @throws {CleanupError} code `POLICY_NOT_FOUND` when it cannot be read or is longer than any policy.
 * @throws {PolicyError} when it is faulty.
 */
export async function readPolicyFile(file: string, reading?: PolicyReading): Promise<Policy> {
  return parsePolicy(readText(file), file, reading);
}

function readText(file: string): string {
  try {
    return readTextFile(file, POLICY_BOUNDS.documentBytes);
  } catch (error) {
    throw new CleanupError(
      'POLICY_NOT_FOUND',
      `The policy ${safeText(file)} cannot be read: ${reasonOf(error)}.`,
      { cause: error },
    );
  }
}

/** The names of the policies in a folder, sorted; none where the folder is missing. */
export async function listPolicyNames(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder).catch(() => []);
  const names = files.flatMap((file) => {
    const ending = ENDINGS.find((one) => file.endsWith(one));
    const name = ending === undefined ? '' : file.slice(0, -ending.length);
    return NAME.test(name) && file !== 'schema.json' ? [name] : [];
  });
  return [...new Set(names)].sort();
}

/** What a folder of policies holds, its subfolders included; each a path, in order. */
export interface PolicyFolder {
  readonly policies: readonly string[];
  readonly tests: readonly string[];
  /** What is neither, such as a page for people. */
  readonly skipped: readonly string[];
}

/**
 * Lists a folder of policies with all its subfolders. Links are not followed: what they lead to may be anybody's.
 *
 * @throws {CleanupError} code `POLICY_NOT_FOUND` when it cannot be read.
 */
export async function listPolicyFolder(folder: string): Promise<PolicyFolder> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch((error: unknown) => {
    throw new CleanupError(
      'POLICY_NOT_FOUND',
      `The folder ${safeText(folder)} cannot be read: ${reasonOf(error)}. Nothing was done.`,
      { cause: error },
    );
  });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({ path: join(entry.parentPath, entry.name), isFile: entry.isFile() }))
    .sort((a, b) => compareText(a.path, b.path));
  const kindOf = ({ path, isFile }: (typeof files)[number]): keyof PolicyFolder => {
    if (!isFile || !/\.(ya?ml|json)$/.test(path) || /(^|[\\/.])schema\.json$/.test(path)) return 'skipped';
    if (/\.test\.ya?ml$/.test(path)) return 'tests';
    return path.endsWith('.json') && isRamPolicy(path) ? 'skipped' : 'policies';
  };
  const pathsOf = (kind: keyof PolicyFolder): readonly string[] =>
    files.filter((file) => kindOf(file) === kind).map(({ path }) => path);
  return { policies: pathsOf('policies'), tests: pathsOf('tests'), skipped: pathsOf('skipped') };
}

/** What RAM calls a policy often lies beside ours, and is none of them. */
function isRamPolicy(file: string): boolean {
  return /"Statement"\s*:/.test(readText(file));
}

async function notFound(folder: string, name: string): Promise<CleanupError> {
  const names = await listPolicyNames(folder);
  const meant = nearest(name, names);
  const known =
    names.length === 0
      ? 'the folder holds no policy, or cannot be read.'
      : meant === undefined
        ? `it holds ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}.`
        : `did you mean ${meant}?`;
  return new CleanupError(
    'POLICY_NOT_FOUND',
    `There is no policy ${name} in ${safeText(folder)}: ${known} Nothing was done.`,
  );
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

function reasonOf(error: unknown): string {
  if (error instanceof FileTooLargeError) return `${error.message}, which no policy is`;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  return code === 'EACCES' ? 'permission denied' : (code ?? 'unknown error');
}
