import { safeText } from '../lib/text.ts';

/** A word as a POSIX shell takes it for one, such as `'{"policy": "x"}'`. */
export function shellWord(word: string): string {
  const text = safeText(word);
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
