/**
 * Characters that a terminal, a log viewer or a reader's eye takes for something else than text: controls
 * (C0, DEL, C1, and so every escape sequence), line separators, marks that turn the direction of reading,
 * whatever shows nothing at all, and halves of surrogate pairs.
 */
const ACTIVE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Nearly all text is this, and is told much faster. */
const PLAIN = /^[ -~]*$/;

/**
 * Text from elsewhere (tag keys, values, names, messages of a service) as it may be printed or kept: on one
 * line, with a visible escape such as `\x1b` or `\u202e` in place of each active character. Other scripts
 * and emoji stay as they are. Not meant to be reversed.
 */
export function safeText(text: string): string {
  return PLAIN.test(text) ? text : text.replace(ACTIVE, spellOut);
}

/** `safeText` for a text of several lines, such as a code frame: line breaks stay. */
export function safeLines(text: string): string {
  return text.split('\n').map(safeText).join('\n');
}

/**
 * A value as JSON whose text holds no active character: each stands as its `\u` escape, so that reading it
 * back gives the value exactly, lone surrogates included. On one line, unless `indent` is given.
 */
export function encodeJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, undefined, indent);
  // In JSON a raw line break can only be one of the indentation.
  return PLAIN.test(json) ? json : json.replace(ACTIVE, (one) => (one === '\n' ? one : escapeUnits(one)));
}

function spellOut(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x0a) return '\\n';
  if (code === 0x0d) return '\\r';
  if (code === 0x09) return '\\t';
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

/** JSON knows no escape for a whole character beyond 16 bits: its two halves are written. */
function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** A number with its word: `1 tag`, `2 tags`. */
export function counted(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`;
}
