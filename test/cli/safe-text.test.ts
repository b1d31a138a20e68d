import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoted, safeTextWithin } from '../../cli/safe-text.ts';
import { safeText } from '../../lib/text.ts';

describe('safeText', () => {
  it.each([
    ['an escape sequence', '\u001b[2Jgone', '\\x1b[2Jgone'],
    ['a one-byte control sequence', '\u009b31mred', '\\x9b31mred'],
    ['a line break', 'a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['a mark that reverses the order', 'safe\u202etxt.exe', 'safe\\u202etxt.exe'],
    ['an isolate', '\u2066x\u2069', '\\u2066x\\u2069'],
    ['a character of no width', 'ad\u200bmin', 'ad\\u200bmin'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['half of a pair', 'a\ud800b', 'a\\ud800b'],
    ['an invisible tag character', 'a\u{e0041}b', 'a\\u{e0041}b'],
    ['a bell and a delete', '\u0007\u007f', '\\x07\\x7f'],
  ])('shows %s instead of printing it', (_, text, shown) => {
    expect(safeText(text)).toBe(shown);
  });

  it.each(['env=dev', '团队：支付', 'größe', '🚀 rocket', 'a b'])('leaves %s as it is', (text) => {
    expect(safeText(text)).toBe(text);
  });

  it('never lets anything through that moves a cursor or hides text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safeText(text)).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u);
      }),
    );
  });
});

describe('safeTextWithin', () => {
  it('cuts between characters, never inside of one', () => {
    expect(safeTextWithin('🚀🚀🚀🚀', 5)).toBe('🚀🚀…');
    expect(safeTextWithin('团队支付', 4)).toBe('团…');
    expect(safeTextWithin('abc', 3)).toBe('abc');
  });
});

describe('quoted', () => {
  it('makes an empty value and blanks visible', () => {
    expect(quoted('')).toBe('""');
    expect(quoted(' a ')).toBe('" a "');
  });

  it('tells quotes of the text from its own', () => {
    expect(quoted('a "b" c')).toBe('"a \\"b\\" c"');
    expect(quoted('ends with \\')).toBe('"ends with \\\\"');
  });
});
