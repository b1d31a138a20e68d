import { safeText } from '../text.ts';

const LINES_BEFORE = 2;
const LINES_AFTER = 1;
const MAX_LINE_LENGTH = 120;

/** Shows the line of a fault with its neighbors and a caret under the column; lines and columns count from 1. */
export function codeFrame(text: string, line: number, column: number): string {
  const lines = text.split(/\r?\n/);
  const first = Math.max(1, line - LINES_BEFORE);
  const last = Math.min(lines.length, line + LINES_AFTER);
  const width = String(last).length;
  const rows: string[] = [];
  for (let number = first; number <= last; number++) {
    const source = lines[number - 1] ?? '';
    // A long line is shown from where its fault can be seen.
    const from = number === line && column > MAX_LINE_LENGTH ? column - MAX_LINE_LENGTH / 2 : 0;
    const shown = printable(source.slice(from, from + MAX_LINE_LENGTH));
    rows.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${shown}`.trimEnd());
    if (number === line) {
      const before = printable(source.slice(from, column - 1));
      rows.push(`  ${' '.repeat(width)} | ${' '.repeat(before.length)}^`);
    }
  }
  return rows.join('\n');
}

/** A tab is no fault, and its width is anybody's guess: one blank keeps the caret in its place. */
function printable(text: string): string {
  return safeText(text.replaceAll('\t', ' '));
}
