/**
 * Code points that a terminal or a reader's eye takes for something else than text: control characters
 * (C0, DEL, C1, and so every escape sequence), line separators, marks that reverse the reading direction,
 * characters of no width, and halves of surrogate pairs.
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/**
 * Text from elsewhere (tag keys, values, names, messages of a service) as it may be printed.
 *
 * What could move the cursor, change colors, hide or reorder text is shown as an escape such as `\x1b`
 * or `\u202e`; everything else, other scripts and emoji included, stays as it is.
 */
export function safeText(text: string): string {
  return text.replace(UNSAFE, escapeCodePoint);
}

/** `safeText` for a text of several lines, such as a code frame: line breaks stay. */
export function safeLines(text: string): string {
  return text.split('\n').map(safeText).join('\n');
}

/** `safeText`, cut in the middle of nothing: at most `width` characters, an ellipsis where it was cut. */
export function safeTextWithin(text: string, width: number): string {
  const characters = [...safeText(text)];
  return characters.length <= width ? characters.join('') : `${characters.slice(0, width - 1).join('')}…`;
}

/** A tag's value between quotes, so that an empty one and one with blanks at its end can be seen. */
export function quoted(text: string, width = 40): string {
  return `"${safeTextWithin(text, width)}"`;
}

function escapeCodePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x0a) return '\\n';
  if (code === 0x0d) return '\\r';
  if (code === 0x09) return '\\t';
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
