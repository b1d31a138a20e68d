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

/**
 * Makes a text safe to show on a terminal: control characters, escape sequences and marks that turn the
 * direction of writing are written as `\u{…}`.
 */
export function printable(text: string): string {
  return text.replace(/\t/g, ' ').replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal.
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u{${character.charCodeAt(0).toString(16)}}`,
  );
}
