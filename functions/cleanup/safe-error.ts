import { CleanupError } from '../../lib/errors.ts';
import { redactSecrets } from '../../lib/redact.ts';

/**
 * An error as it may leave the function: what is thrown reaches the caller and the log.
 *
 * Errors made on purpose keep their name and code; of any other, its stack is kept, since it is a fault of
 * this program. Secrets are taken out of both.
 *
 * @param known secrets to take out wherever they stand.
 */
export function safeError(error: unknown, known: readonly string[]): Error {
  const message = redactSecrets(error instanceof Error ? error.message : String(error), known);
  if (error instanceof CleanupError) {
    const safe = new CleanupError(error.code, message);
    safe.name = error.name;
    safe.stack = `${error.name}: ${message}`;
    return safe;
  }
  const safe = new Error(message);
  if (error instanceof Error) safe.stack = redactSecrets(error.stack ?? message, known);
  return safe;
}
