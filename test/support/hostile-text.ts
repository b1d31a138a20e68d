import fc from 'fast-check';

/** Texts that do something to whoever shows them, and harmless ones in between. */
export const hostileText = fc
  .array(
    fc.constantFrom(
      ...[
        '\u001b[2J',
        '\u001b]0;title\u0007',
        '\u001b]8;;http://x\u0007',
        '\u009b31m',
        '\u009d0;x\u009c',
        '\u0007',
      ],
      ...['\u0000', '\u0008', '\r', '\n', '\t', '\u007f', '\u0085', '\u2028', '\u2029'],
      ...['\u202e', '\u202a', '\u2066', '\u2069', '\u061c', '\u200e', '\u200b', '\u200d', '\u2060', '\ufeff'],
      ...['\u00ad', '\u034f', '\u3164', '\uffa0', '\u{e0041}', '\u{e0101}', '\ufe0f', '\ud800', '\udc00'],
      ...[
        'a',
        '"',
        '\\',
        '<b>',
        '&',
        '%1b',
        '{',
        '}',
        '-',
        '*',
        '団',
        '🚀',
        '__proto__',
        "'",
        '`',
        '$(x)',
        ' ',
      ],
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''));

/**
 * What a terminal would act upon, or an eye would miss, in a text of several lines; written without looking
 * at how the program finds it: by ranges, where that names properties.
 */
export function lookTwice(text: string): readonly string[] {
  const found: string[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const bad = code !== 0x0a && ACTIVE.some(([from, to]) => code >= from && code <= to);
    if (bad) found.push(`U+${code.toString(16)}`);
  }
  return found;
}

const ACTIVE: readonly (readonly [number, number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xd800, 0xdfff],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe0fff],
];
