import { safeText } from '../lib/text.ts';
import { cutText } from './fit.ts';

/** `safeText`, at most `columns` wide on a terminal, with an ellipsis where it was cut. */
export function safeTextWithin(text: string, columns: number): string {
  return cutText(safeText(text), columns);
}

/**
 * A tag's value between quotes, so that an empty one and one with blanks at its end can be told. Quotes and backslashes
 * of its own are escaped, as in JSON.
 */
export function quoted(text: string, columns = Number.POSITIVE_INFINITY): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `"${safeTextWithin(escaped, columns)}"`;
}
