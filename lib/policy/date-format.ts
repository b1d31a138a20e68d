import { tz } from '@date-fns/tz';
import { format as formatDate, parse as parseDate } from 'date-fns';
import { instantOf, isTimeZone, startOfDay, wallTimeOf } from './zone.ts';

/** What a date names: a whole year, month or day, or one instant. */
export type DateUnit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'instant';

/** Reads a text as a date: the first instant that it names, epoch milliseconds, or undefined. */
export type DateReader = (text: string) => number | undefined;

interface Token {
  readonly text: string;
  readonly literal: boolean;
}

/** From the finest: the tokens of date-fns that name each unit. */
const UNIT_TOKENS: readonly (readonly [RegExp, DateUnit])[] = [
  [/[abBhHkKmsSpTt]/, 'instant'],
  [/[dDEiecP]/, 'day'],
  [/[wI]/, 'week'],
  [/[ML]/, 'month'],
  [/[qQ]/, 'quarter'],
];

/** Longer than the unit ever is, so that nothing ends too early. */
export const LONGEST_UNIT_MS: Readonly<Record<DateUnit, number>> = {
  year: 366 * 86_400_000,
  quarter: 92 * 86_400_000,
  month: 31 * 86_400_000,
  week: 7 * 86_400_000,
  day: 86_400_000,
  instant: 3_600_000,
};

/** The fields that can be read without date-fns, which is some fifty times faster. */
const FIXED_FIELDS: Readonly<Record<string, string>> = {
  yyyy: '(?<year>\\d{4})',
  MM: '(?<month>\\d{2})',
  dd: '(?<day>\\d{2})',
  HH: '(?<hour>\\d{2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
  SSS: '(?<millisecond>\\d{3})',
};

/** An offset: two letters without a colon, three with one; of capitals, `Z` for none. */
const OFFSET = /^(?:X{2,3}|x{2,3})$/;

function fieldOf(token: string): string | undefined {
  if (!OFFSET.test(token)) return FIXED_FIELDS[token];
  return `(?<zone>${token.startsWith('X') ? 'Z|' : ''}[+-]\\d{2}${token.length === 3 ? ':' : ''}\\d{2})`;
}

/** The finest unit that the format names. */
export function unitOf(format: string): DateUnit {
  const letters = tokensOf(format)
    .filter((token) => !token.literal)
    .map((token) => token.text)
    .join('');
  return UNIT_TOKENS.find(([pattern]) => pattern.test(letters))?.[1] ?? 'year';
}

/** Whether the format holds a zone of its own, which then wins over any other. */
export function carriesZone(format: string): boolean {
  return tokensOf(format).some((token) => !token.literal && /^[xXtT]/.test(token.text));
}

/**
 * Compiles a date-fns format into a reader for dates in one zone.
 *
 * Stricter than date-fns: the text must be what the format would write for the date that was read, so that
 * `26-1-1` is no `yyyy-MM-dd`. A wall-clock time that the zone skips, or that comes twice, is no date either.
 */
export function compileDateFormat(format: string, timeZone: string): DateReader {
  return compileFixed(format, timeZone) ?? compileGeneral(format, timeZone);
}

/** Why dates cannot be read in this format, or undefined. */
export function dateFormatFault(format: string): string | undefined {
  const sampleMs = Date.UTC(2031, 10, 23, 22, 47, 58, 123);
  const utc = { in: tz('UTC') };
  // Asked for these, date-fns writes to the console.
  const mistaken = tokensOf(format).find((token) => !token.literal && /^[YD]/.test(token.text))?.text;
  if (mistaken !== undefined) {
    return `is no date-fns format: write ${mistaken.toLowerCase()} in place of ${mistaken}`;
  }
  try {
    const text = formatDate(sampleMs, format, utc);
    // A format that leaves something open takes it from the reference: two of them show it.
    const readings = [0, Date.UTC(2101, 5, 15)].map((reference) => +parseDate(text, format, reference, utc));
    if (readings.some(Number.isNaN)) return 'is a format that can be written, but not read';
    const offByMs = sampleMs - readings[0]!;
    const fits = offByMs >= 0 && offByMs < LONGEST_UNIT_MS[unitOf(format)];
    if (!fits || readings[0] !== readings[1]) {
      return 'leaves open which day it is: name the year in full, as in yyyy-MM-dd';
    }
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `is no date-fns format: ${message.replace(/ \(in `.*$/s, '')}`;
  }
}

function tokensOf(format: string): Token[] {
  const parts = format.match(/''|'(?:''|[^'])*(?:'|$)|([A-Za-z])\1*|[\s\S]/g) ?? [];
  return parts.map((text) => ({ text, literal: !/^[A-Za-z]/.test(text) }));
}

function compileFixed(format: string, timeZone: string): DateReader | undefined {
  let source = '';
  for (const token of tokensOf(format)) {
    const field = token.literal ? escapeRegex(literalText(token.text)) : fieldOf(token.text);
    if (field === undefined) return undefined;
    source += field;
  }
  const pattern = new RegExp(`^${source}$`);
  const wholeDays = unitOf(format) !== 'instant';
  return (text) => {
    const fields = pattern.exec(text)?.groups;
    if (!fields) return undefined;
    const field = (name: string, absent: number) => Number(fields[name] ?? absent);
    const wall = {
      year: field('year', 0),
      month: field('month', 1),
      day: field('day', 1),
      hour: field('hour', 0),
      minute: field('minute', 0),
      second: field('second', 0),
      millisecond: field('millisecond', 0),
    };
    if (fields.zone !== undefined) return instantAtOffset(wall, fields.zone);
    return wholeDays ? startOfDay(wall.year, wall.month, wall.day, timeZone) : instantOf(wall, timeZone);
  };
}

/** The instant of a wall-clock time at `Z`, `+08:00` or `+0800`. */
export function instantAtOffset(wall: Parameters<typeof instantOf>[0], zone: string): number | undefined {
  if (zone === 'Z') return instantOf(wall, 'UTC');
  const name = `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  if (!isTimeZone(name)) return undefined;
  const minutes = Number(name.slice(1, 3)) * 60 + Number(name.slice(4));
  const utcMs = instantOf(wall, 'UTC');
  return utcMs === undefined ? undefined : utcMs - (name.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** The fields are read as if the clocks never changed, which is what UTC is, and then looked for in the zone. */
function compileGeneral(format: string, timeZone: string): DateReader {
  const utc = { in: tz('UTC') };
  const ownZone = carriesZone(format);
  const wholeDays = unitOf(format) !== 'instant';
  return (text) => {
    const atMs = +parseDate(text, format, 0, utc);
    if (Number.isNaN(atMs)) return undefined;
    // Only its own offset writes the text again, so each that stands in it is tried.
    const offsets = ownZone ? (text.match(/[+-]\d{2}(?::?\d{2})?/g) ?? []) : [];
    const tried = [utc, ...offsets.map((offset) => ({ in: tz(offset) }))];
    if (!tried.some((one) => formatDate(atMs, format, one) === text)) return undefined;
    if (ownZone) return atMs;
    const wall = wallTimeOf(atMs);
    return wholeDays ? startOfDay(wall.year, wall.month, wall.day, timeZone) : instantOf(wall, timeZone);
  };
}

function literalText(token: string): string {
  if (token === "''") return "'";
  return token.startsWith("'") ? token.slice(1).replace(/'$/, '').replaceAll("''", "'") : token;
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
