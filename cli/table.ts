import { cutText, widthOf, wrapText } from './fit.ts';
import type { Paint } from './io.ts';

/** A column: what stands above it, to which side its cells lean, and what becomes of them where the terminal is narrow. */
export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
  /** Left out: its cells are always shown whole, on one line. */
  readonly fit?: 'cut' | 'wrap';
}

/** Thinner than this, a column that is cut or wrapped says nothing. */
const LEAST = 12;
const MARGIN = 2;
const GAP = '  ';

/**
 * Rows under heads, without lines, indented by two, never wider than the terminal: columns that may be cut or wrapped
 * give way, the widest first; where that is not enough, each row becomes a paragraph. Cells must be safe to print.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): string {
  const natural = columns.map(({ head }, at) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[at] ?? '')), widthOf(head)),
  );
  const widths = shrink(natural, columns, paint.columns - MARGIN - GAP.length * (columns.length - 1));
  if (widths === undefined) return rows.map((row) => paragraph(columns, row, paint)).join('\n');
  const heads = columns.map(({ head }) => paint.dim(head));
  return [heads, ...rows].flatMap((row) => rowLines(row, columns, widths)).join('\n');
}

/** The widths at which all columns fit beside each other; nothing where they cannot. */
function shrink(
  natural: readonly number[],
  columns: readonly Column[],
  room: number,
): readonly number[] | undefined {
  const widths = [...natural];
  let over = widths.reduce((sum, width) => sum + width, 0) - room;
  while (over > 0) {
    const widest = widths.reduce(
      (best, width, at) =>
        columns[at]?.fit !== undefined && width > Math.max(LEAST, widths[best] ?? 0) ? at : best,
      -1,
    );
    if (widest < 0) return undefined;
    widths[widest]! -= 1;
    over -= 1;
  }
  return widths;
}

function rowLines(row: readonly string[], columns: readonly Column[], widths: readonly number[]): string[] {
  const cells = columns.map(({ fit }, at) => {
    const cell = row[at] ?? '';
    const width = widths[at]!;
    if (fit === 'wrap' && widthOf(cell) > width) return wrapText(cell, width);
    return [fit === 'cut' ? cutText(cell, width) : cell];
  });
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const parts = columns.map(({ align }, at) => {
      const text = cells[at]?.[line] ?? '';
      const blanks = ' '.repeat(Math.max(0, widths[at]! - widthOf(text)));
      return align === 'right' ? blanks + text : text + blanks;
    });
    return ' '.repeat(MARGIN) + parts.join(GAP);
  }).map((line) => line.trimEnd());
}

/** A row where there is no room for columns: its first cell, and below it every other one with its head. */
function paragraph(columns: readonly Column[], row: readonly string[], paint: Paint): string {
  const margin = ' '.repeat(MARGIN);
  const lines = [`${margin}${row[0] ?? ''}`];
  let line = '';
  for (const [at, { head }] of columns.entries()) {
    const cell = row[at] ?? '';
    if (at === 0 || cell === '') continue;
    const pair = head === '' ? cell : `${paint.dim(head)} ${cell}`;
    if (line !== '' && widthOf(margin + margin + line + GAP + pair) > paint.columns) {
      lines.push(margin + margin + line);
      line = '';
    }
    line = line === '' ? pair : `${line}${GAP}${pair}`;
  }
  if (line !== '') lines.push(margin + margin + line);
  return lines.join('\n');
}
