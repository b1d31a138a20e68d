import { existsSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { parseDocument } from 'yaml';
import * as z from 'zod';
import { nearest } from '../lib/policy/suggest.ts';
import { safeText } from '../lib/text.ts';
import type { Arguments } from './arguments.ts';
import { type Io, UsageError } from './io.ts';
import { readInput } from './write-output.ts';

/** What a folder may say of the work in it: everything but keys. */
const WORKPLACE = z.strictObject({
  region: z.string().optional(),
  logProject: z.string().optional(),
  logStore: z.string().optional(),
  policies: z.string().optional(),
  profile: z.string().optional(),
});

const FILE = 'tagsweep.yaml';

/** Which variable each of them stands for. */
const VARIABLE_OF: Readonly<Record<keyof z.infer<typeof WORKPLACE>, string>> = {
  region: 'TAGSWEEP_REGION',
  logProject: 'TAGSWEEP_LOG_PROJECT',
  logStore: 'TAGSWEEP_LOG_STORE',
  policies: 'TAGSWEEP_POLICIES_DIR',
  profile: 'ALIBABA_CLOUD_PROFILE',
};

/**
 * The environment of a command: the shell's own, then the file of `--env`, then `tagsweep.yaml` in the folder. What is
 * set nearer to the person wins.
 *
 * A place for records that the shell names replaces another one that a file names.
 *
 * @throws {UsageError} when a file cannot be read, or says something that is not known.
 */
export function workplaceEnvironment({ texts }: Arguments, io: Io): Io['env'] {
  const file = texts.env === undefined ? {} : readEnvFile(texts.env);
  return [file, readWorkplace()].reduce(withDefaults, io.env);
}

function withDefaults(env: Io['env'], defaults: Readonly<Record<string, string>>): Io['env'] {
  const namesFile = Boolean(env.TAGSWEEP_LOG_FILE);
  const namesStore = Boolean(env.TAGSWEEP_LOG_PROJECT || env.TAGSWEEP_LOG_STORE);
  const added = Object.entries(defaults).filter(([name]) => {
    if (env[name]) return false;
    if (namesFile && /^TAGSWEEP_LOG_(PROJECT|STORE)$/.test(name)) return false;
    return !(namesStore && name === 'TAGSWEEP_LOG_FILE');
  });
  return { ...env, ...Object.fromEntries(added) };
}

function readEnvFile(file: string): Readonly<Record<string, string>> {
  const read = parseEnv(readInput(file));
  return Object.fromEntries(Object.entries(read).map(([name, value]) => [name, value ?? '']));
}

function readWorkplace(): Readonly<Record<string, string>> {
  if (!existsSync(FILE)) return {};
  const document = parseDocument(readInput(FILE));
  const [broken] = document.errors;
  if (broken !== undefined) throw new UsageError(`${FILE}: ${safeText(broken.message.split('\n')[0] ?? '')}`);
  const parsed = WORKPLACE.safeParse(document.toJS() ?? {});
  if (!parsed.success) throw new UsageError(parsed.error.issues.map(describeIssue).join('\n'));
  return Object.fromEntries(
    Object.entries(parsed.data).map(([name, value]) => [
      VARIABLE_OF[name as keyof typeof VARIABLE_OF],
      value ?? '',
    ]),
  );
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const known = Object.keys(VARIABLE_OF);
  if (issue.code !== 'unrecognized_keys') {
    const at =
      issue.path.length === 0 ? `one of ${known.join(', ')} a line` : `a text for ${issue.path.join('.')}`;
    return `${FILE}: ${at} is wanted.`;
  }
  return issue.keys
    .map((key) => {
      const meant = nearest(key, known);
      const hint = meant === undefined ? `It may hold ${known.join(', ')}.` : `Did you mean ${meant}?`;
      return `${FILE} has an unknown key ${safeText(key)}. ${hint}`;
    })
    .join('\n');
}
