import { z } from 'zod';
import { refused } from './json.ts';

const continuationMarker = z.strictObject({
  tagsweep: z.literal('continuation'),
  version: z.literal(1),
  runId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
  parentRunId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
  shard: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  hop: z.number().int().min(1).max(1000),
  policy: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  policyDigest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  mode: z.enum(['dry-run', 'apply']),
});

/** What the function sends itself to go on with a run. */
export type ContinuationMarker = z.infer<typeof continuationMarker>;

/** Whether an event says of itself that the function sent it; its form is another question. */
export function hasContinuationMarker(event: Readonly<Record<string, unknown>>): boolean {
  return Object.hasOwn(event, 'tagsweep');
}

/**
 * Reads a continuation that the function sent itself.
 *
 * @throws {CleanupError} code `INVALID_REQUEST`: another version wrote it, or another hand.
 */
export function parseContinuation(event: unknown): ContinuationMarker {
  const result = continuationMarker.safeParse(event);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.') || 'marker'}: ${issue.message}`);
  throw refused(
    `it carries the mark of a continuation, in a form that this version does not write (${faults.slice(0, 5).join('; ')})`,
  );
}
