import { createInterface } from 'node:readline';
import { fitLines } from './fit.ts';
import { type Io, UsageError } from './io.ts';

/**
 * Asks a person on the terminal to go on; only `y` or `yes` is a yes. Ctrl-C and Ctrl-D are a no.
 *
 * @param what what happens on a yes, for the message where nobody can be asked.
 * @throws {UsageError} where nobody can be asked.
 */
export async function confirm(question: string, what: string, io: Io): Promise<boolean> {
  const answer = await ask(`${question} ${io.errPaint.dim('[y/N]')} `, what, io);
  return answer !== undefined && /^y(es)?$/i.test(answer);
}

/** The same for what is not to be agreed to by habit: only this very word is a yes. */
export async function confirmByWord(question: string, word: string, what: string, io: Io): Promise<boolean> {
  return (await ask(`${question} `, what, io)) === word;
}

/**
 * Asks a person for a line; what they leave empty is the fallback. Ctrl-C and Ctrl-D end the command.
 *
 * @param flag what to give where nobody can be asked.
 * @throws {UsageError} where nobody can be asked, or the person leaves.
 */
export async function askLine(question: string, fallback: string, flag: string, io: Io): Promise<string> {
  if (!io.canAsk) throw new UsageError(`Nobody can be asked here, since this is no terminal: give ${flag}.`);
  const hint = fallback === '' ? '' : ` ${io.errPaint.dim(`[${fallback}]`)}`;
  const answer = await ask(`${question}${hint} `, 'go on', io);
  if (answer === undefined) throw new UsageError('Nothing was written.');
  return answer === '' ? fallback : answer;
}

async function ask(question: string, what: string, io: Io): Promise<string | undefined> {
  if (!io.canAsk) {
    throw new UsageError(
      `Nobody can be asked here, since this is no terminal. Pass --yes to ${what}; nothing was done.`,
    );
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const shown = fitLines(question.trimEnd(), io.errPaint.columns);
  const answer = await new Promise<string | undefined>((resolve) => {
    lines.once('close', () => resolve(undefined));
    lines.question(`${shown} `, resolve);
  });
  lines.close();
  if (answer === undefined) io.err('\n');
  return answer?.trim();
}
