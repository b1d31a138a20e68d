import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Columns that a text takes on a terminal: colors take none, a Chinese character or an emoji two. */
export function widthOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** Nearly all text is this, and is measured much faster. */
const PLAIN = /^[ -~]*$/;

/** The beginning of a text that fits in so many columns, with an ellipsis where it was cut; colors end with it. */
export function cutText(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const [first = ''] = breakText(text, Math.max(1, columns - 1));
  return `${first}…`;
}

/** A text as lines that each fit, broken between words; a word that is longer than a line is broken, too. */
export function wrapText(text: string, columns: number): readonly string[] {
  return wrapAnsi(text, columns, { hard: true }).split('\n');
}

function breakText(text: string, columns: number): readonly string[] {
  return wrapAnsi(text, columns, { hard: true, wordWrap: false, trim: false }).split('\n');
}

/**
 * Lines as a terminal of this width shows them whole: broken between words, and what goes on is indented under what
 * it belongs to. A word that is longer than a line, such as a digest, stays whole, so that it can be copied.
 *
 * @param columns - of the terminal; `Infinity` where nothing is to be fitted.
 */
export function fitLines(text: string, columns: number): string {
  if (columns === Number.POSITIVE_INFINITY) return text;
  return text
    .split('\n')
    .map((line) => (widthOf(line) <= columns ? line : fitLine(line, columns)))
    .join('\n');
}

/** The lines of a file with a caret below: their columns must stay where they are. */
const CODE_FRAME = /^[> ] +\d* \| /;

/** What stands before the text of a line: its indentation, and a name, a mark or a flag with its gap. */
const HANGING = /^\s*(?:\S(?:.*?\S)?? {2,})?(?=\S)/;

/** Deeper than this part of a line, what goes on would be a thin column. */
const DEEPEST = 0.5;

const INDENT = 2;

function fitLine(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  if (CODE_FRAME.test(plain)) return line;
  const margin = /^\s*/.exec(plain)?.[0].length ?? 0;
  const named = HANGING.exec(plain)?.[0] ?? '';
  if (named.length > margin && widthOf(named) <= columns * DEEPEST) {
    const hanging = breakLine(line, { head: named.length, indent: widthOf(named), columns });
    // A long word may still fit where it begins further to the left.
    if (hanging.every((part) => widthOf(part) <= columns)) return hanging.join('\n');
  }
  return breakLine(line, { head: margin, indent: margin === 0 ? 0 : margin + INDENT, columns }).join('\n');
}

function breakLine(
  line: string,
  { head: characters, indent, columns }: Readonly<Record<'head' | 'indent' | 'columns', number>>,
): readonly string[] {
  const [head, rest] = splitAt(line, characters);
  // In scripts without blanks, a line may break between any two characters.
  const hard = widthOf(rest) > [...stripVTControlCharacters(rest)].length;
  const parts = wrapAnsi(rest, Math.max(1, columns - indent), { hard }).split('\n');
  return parts.map((part, at) => `${at === 0 ? head : ' '.repeat(indent)}${part}`);
}

/** Splits a line with colors after so many visible characters. */
function splitAt(line: string, characters: number): readonly [string, string] {
  let left = characters;
  let at = 0;
  while (left > 0 && at < line.length) {
    COLOR.lastIndex = at;
    const color = COLOR.exec(line);
    if (color !== null) at += color[0].length;
    else {
      at += 1;
      left -= 1;
    }
  }
  return [line.slice(0, at), line.slice(at)];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colors begin with one.
const COLOR = /\u001b\[[0-9;]*m/y;
