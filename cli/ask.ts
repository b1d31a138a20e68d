import { createInterface } from 'node:readline/promises';
import { type Io, UsageError } from './io.ts';

/**
 * Asks a person on the terminal to go on; only `y` or `yes` is a yes.
 *
 * @param what what happens on a yes, for the message where nobody can be asked.
 * @throws {UsageError} where nobody can be asked.
 */
export async function confirm(question: string, what: string, io: Io): Promise<boolean> {
  if (!io.canAsk) {
    throw new UsageError(
      `Nobody can be asked here, since this is no terminal. Pass --yes to ${what}; nothing was done.`,
    );
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} ${io.errPaint.dim('[y/N]')} `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
