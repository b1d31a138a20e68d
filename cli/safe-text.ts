import { safeText } from '../lib/text.ts';

/** `safeText`, cut in the middle of nothing: at most `width` characters, an ellipsis where it was cut. */
export function safeTextWithin(text: string, width: number): string {
  const characters = [...safeText(text)];
  return characters.length <= width ? characters.join('') : `${characters.slice(0, width - 1).join('')}…`;
}

/** A tag's value between quotes, so that an empty one, one with blanks at its end, and one with quotes of its own can be told. */
export function quoted(text: string, width = 40): string {
  return `"${safeTextWithin(text, width).replaceAll('"', '\\"')}"`;
}
