import { type ContinuationPayload, continuationSchema } from '../../lib/run/chain.ts';
import { refused } from './json.ts';

/** Whether an event says of itself that the function sent it; its form is another question. */
export function hasContinuationMarker(event: Readonly<Record<string, unknown>>): boolean {
  return Object.hasOwn(event, 'tagsweep');
}

/**
 * Reads a continuation that the function sent itself.
 *
 * @throws {CleanupError} code `INVALID_REQUEST`: another version wrote it, or another hand.
 */
export function parseContinuation(event: unknown): ContinuationPayload {
  const result = continuationSchema.safeParse(event);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.') || 'marker'}: ${issue.message}`);
  throw refused(
    `it carries the mark of a continuation, in a form that this version does not write (${faults.slice(0, 5).join('; ')})`,
  );
}
