import type { Message } from '../../ports.ts';
import { cutText } from '../../redact.ts';
import { counted } from '../../text.ts';

/** A message as a channel has room for it. */
export interface Fitted<T> {
  readonly body: T;
  /** Items that had no room. */
  readonly leftOut: number;
}

/**
 * Writes a message with as many of its items as fit: the first ones, and how many were left out, in the message itself.
 *
 * @param write - the whole of what is sent, given the message.
 * @param sizeOf - its size, in whatever the channel counts.
 */
export function fitMessage<T>(
  message: Message,
  most: number,
  { write, sizeOf }: { readonly write: (message: Message) => T; readonly sizeOf: (body: T) => number },
): Fitted<T> {
  const withItems = (count: number): T => {
    const { items, itemsCut } = message;
    return write({ ...message, items: items.slice(0, count), itemsCut: itemsCut + items.length - count });
  };
  let least = 0;
  let beyond = message.items.length + 1;
  while (beyond - least > 1) {
    const middle = Math.floor((least + beyond) / 2);
    if (sizeOf(withItems(middle)) <= most) least = middle;
    else beyond = middle;
  }
  const leftOut = message.items.length - least;
  const body = withItems(least);
  if (sizeOf(body) <= most) return { body, leftOut };
  return { body: write(shortest(message)), leftOut };
}

/** What is said where not even the sentences have room: what it is about, and what to do. */
function shortest(message: Message): Message {
  const texts = (all: readonly string[]): readonly string[] =>
    all.slice(0, 2).map((one) => cutText(one, 300));
  return {
    ...message,
    title: cutText(message.title, 200),
    lines: texts(message.lines),
    items: [],
    itemsCut: message.itemsCut + message.items.length,
    closing: texts(message.closing),
  };
}

/** A message as lines of plain text. */
export function plainLines({ title, lines, items, itemsCut, closing, link }: Message): readonly string[] {
  return [
    title,
    ...lines,
    ...items.map((item) => `- ${item}`),
    ...(itemsCut > 0 ? [`… and ${counted(itemsCut, 'line')} more.`] : []),
    ...closing,
    ...(link === undefined ? [] : [link]),
  ];
}
