import * as z from 'zod';
import { nearest } from '../../lib/policy/suggest.ts';
import { REGION_ID, RESOURCE_ID, RESOURCE_TYPES } from '../../lib/resource.ts';
import { refused } from './json.ts';

/** How many entries a list of a request may have. */
const MAX_LIST = 10_000;

const runId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'a run id is 1 to 64 letters, digits, "-" and "_"');

/** Shorter, since `req-` is put before it. */
const askedRunId = runId.max(60, 'a run id of a request has at most 60 characters');

const policyName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'a policy name is 1 to 63 small letters, digits and "-", without folder or ending',
  );

const mode = z.enum(['dry-run', 'apply']);

const planDigest = z.string().regex(/^sha256:[0-9a-f]{64}$/, '"sha256:" and 64 hexadecimal digits');

const cleanupRequest = z.strictObject({
  policy: z
    .union(
      [policyName, z.record(z.string(), z.unknown())],
      'the name of a policy, or a whole policy as an object',
    )
    .optional(),
  mode: mode.optional(),
  planDigest: planDigest.optional(),
  regions: z
    .array(z.string().regex(REGION_ID, 'a region id such as "cn-hangzhou"'))
    .min(1, 'at least one; leave the key out for all of the policy')
    .max(MAX_LIST)
    .optional(),
  resourceTypes: z
    .array(z.enum(RESOURCE_TYPES))
    .min(1, 'at least one; leave the key out for all of the policy')
    .max(MAX_LIST)
    .optional(),
  resourceIds: z
    .array(z.string().regex(RESOURCE_ID, 'a resource id such as "eci-2ze81zoc3yl7a3we0000"'))
    .min(1, 'at least one; leave the key out for all of the policy')
    .max(MAX_LIST)
    .optional(),
  runId: askedRunId.optional(),
});

/** A set has no `planDigest`, `resourceIds` or `runId`: each of its policies is a run by itself. */
const setRequest = z.strictObject({
  policies: z.union(
    [z.literal('all'), z.array(policyName).min(1, 'at least one').max(1000, 'at most 1000')],
    '"all", or a list of names of policies',
  ),
  mode: mode.optional(),
});

/** `until` left out takes an approval back. */
const approveRequest = z.strictObject({
  approve: planDigest,
  until: z.iso.datetime('an instant such as 2026-12-01T08:00:00Z').optional(),
  proof: z.string().min(1).max(8192),
});

const undoRequest = z.strictObject({ undo: runId, mode: mode.optional() });

/** Asks for a run of a policy; scope keys only narrow the policy's scope. */
export type CleanupWish = z.infer<typeof cleanupRequest>;

/** Asks for a run of each of several policies, on one reading. */
export type SetWish = z.infer<typeof setRequest>;

/** Asks to put back what a run removed. */
export type UndoWish = z.infer<typeof undoRequest>;

/** Says that a plan may be applied, or may not any more; `tagsweep approve` makes it. */
export type ApproveWish = z.infer<typeof approveRequest>;

/** What a person, or a timer's payload, can ask for. */
export type Wish = CleanupWish | SetWish | UndoWish | ApproveWish;

/**
 * Reads a request, strictly: an unknown key is an error, so that a misspelt one is never a wider run.
 *
 * @throws {CleanupError} code `INVALID_REQUEST`, with every fault and what was probably meant.
 */
export function parseWish(value: unknown): Wish {
  const schema = schemaFor(value);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) =>
    describeIssue(issue, Object.keys(schema.shape), value),
  );
  const shown = faults.slice(0, 10);
  const rest = faults.length > shown.length ? ` (and ${faults.length - shown.length} more)` : '';
  throw refused(`${shown.join('; ')}${rest}`);
}

function schemaFor(
  value: unknown,
): typeof cleanupRequest | typeof setRequest | typeof undoRequest | typeof approveRequest {
  if (!isRecord(value)) return cleanupRequest;
  if (Object.hasOwn(value, 'undo')) return undoRequest;
  if (Object.hasOwn(value, 'approve')) return approveRequest;
  return Object.hasOwn(value, 'policies') ? setRequest : cleanupRequest;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeIssue(issue: z.core.$ZodIssue, known: readonly string[], document: unknown): string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => describeUnknownKey(key, known));
  const path = issue.path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`,
    '',
  );
  const found = valueAt(document, issue.path);
  const shown = typeof found === 'string' ? ` ${JSON.stringify(found.slice(0, 64))}` : '';
  const meant =
    issue.code === 'invalid_value' && typeof found === 'string'
      ? nearest(found, issue.values.map(String))
      : undefined;
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  return [`${path === '' ? 'the request' : path}${shown}: ${issue.message}${hint}`];
}

function describeUnknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  const hint = meant === undefined ? `; known are ${known.join(', ')}` : `; did you mean "${meant}"?`;
  return `unknown key ${JSON.stringify(key.slice(0, 64))}${hint}`;
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = document;
  for (const step of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[step];
  return value;
}
