import { CleanupError } from '../../lib/errors.ts';
import { redactSecrets } from '../../lib/redact.ts';
import { safeLines } from '../../lib/text.ts';

/**
 * An error as it may leave the function: what is thrown reaches the caller and the log.
 *
 * Errors made on purpose keep their name, and their code stands in front: of a run that is not done, the code in its records; of any other, its stack is kept, since it is a fault of
 * this program. Secrets are taken out of both, and so is what a terminal would act upon.
 *
 * @param known secrets to take out wherever they stand.
 */
export function safeError(error: unknown, known: readonly string[]): Error {
  const clean = (text: string): string => safeLines(redactSecrets(text, known));
  const message = clean(error instanceof Error ? error.message : String(error));
  if (error instanceof CleanupError) {
    const told = `${error.code}: ${message}`;
    const safe = new CleanupError(error.code, told);
    safe.name = error.name;
    safe.stack = `${error.name}: ${told}`;
    return safe;
  }
  const safe = new Error(message);
  if (error instanceof Error) safe.stack = clean(error.stack ?? message);
  return safe;
}
