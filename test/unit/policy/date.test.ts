import { tz } from '@date-fns/tz';
import { format, parse } from 'date-fns';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePeriodReader } from '../../../lib/policy/date.ts';
import { compileDateFormat, dateFormatFault } from '../../../lib/policy/date-format.ts';
import { isTimeZone } from '../../../lib/policy/zone.ts';

const ZONES = [
  'UTC',
  'Asia/Shanghai',
  'America/New_York',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Pacific/Auckland',
  '+05:30',
];
const FORMATS = [
  'yyyy-MM-dd',
  'yyyyMMdd',
  'dd.MM.yyyy',
  'yyyy-MM-dd HH:mm',
  "yyyy-MM-dd'T'HH:mm:ss.SSS",
  "yyyy-MM-dd'T'HH:mm:ssXXX",
  'yyyy-MM-dd HH:mm xx',
  'yyyy-MM-dd HH:mm xxx',
  "yyyyMMdd'T'HHmmssXX",
  'd MMM yyyy, h:mm a',
  'yyyy-MM',
  "RRRR-'W'II-i",
  'T',
];

describe('compileDateFormat', () => {
  it('reads back what date-fns writes, as date-fns reads it', () => {
    const instant = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2090, 0, 1) });
    fc.assert(
      fc.property(instant, fc.constantFrom(...ZONES), fc.constantFrom(...FORMATS), (atMs, zone, pattern) => {
        const context = { in: tz(zone) };
        const text = format(atMs, pattern, context);
        const expected = +parse(text, pattern, 0, context);

        const read = compileDateFormat(pattern, zone)(text);

        // Of an hour that comes twice either instant may be meant.
        const repeated =
          format(expected - 3_600_000, pattern, context) === text ||
          format(expected + 3_600_000, pattern, context) === text;
        if (!repeated) expect(read).toBe(expected);
        else expect(read).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });

  it('reads nothing that the format would write in another way', () => {
    const digits = fc.array(fc.constantFrom(...'0129-: T'), { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(digits, fc.constantFrom('yyyy-MM-dd', 'yyyyMMdd', 'yyyy-M-d'), (text, pattern) => {
        const read = compileDateFormat(pattern, 'UTC')(text);

        if (read !== undefined) expect(format(read, pattern, { in: tz('UTC') })).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('dateFormatFault', () => {
  it.each(FORMATS)('finds nothing wrong with %s', (pattern) => {
    expect(dateFormatFault(pattern)).toBeUndefined();
  });

  it.each([
    '',
    'HH:mm',
    'dd',
    'MM-dd',
    'yyyy-dd',
    'yy-MM-dd',
    'YYYY-MM-dd',
    'yyyy-MM-DD',
    'nope',
    'yyyy-MM-dd zzz',
    'yyyy-MM-dd hh:mm',
  ])('refuses %j', (pattern) => {
    expect(dateFormatFault(pattern)).toEqual(expect.any(String));
  });
});

describe('isTimeZone', () => {
  it.each([
    ['UTC', true],
    ['Asia/Shanghai', true],
    ['+08:00', true],
    ['-03:30', true],
    ['+99:99', false],
    ['Mars/Crater', false],
    ['x+08:00', false],
    ['', false],
  ])('%j: %s', (name, expected) => {
    expect(isTimeZone(name)).toBe(expected);
  });
});

describe('a format with a zone of its own', () => {
  it.each([
    {
      pattern: 'yyyy-MM-dd HH:mm:ssXXX',
      text: '2026-01-31 08:00:00+08:00',
      iso: '2026-01-31T00:00:00.000Z',
    },
    { pattern: 'd MMM yyyy HH:mm xxx', text: '31 Jan 2026 08:00 +08:00', iso: '2026-01-31T00:00:00.000Z' },
    { pattern: 'd MMM yyyy HH:mm xx', text: '31 Jan 2026 08:00 -0530', iso: '2026-01-31T13:30:00.000Z' },
    { pattern: "yyyy-MM-dd''HH:mm", text: "2026-01-31'08:00", iso: '2026-01-31T08:00:00.000Z' },
    { pattern: 'yyyy-MM-dd xxx', text: '2026-01-31 +08:00', iso: '2026-01-30T16:00:00.000Z' },
  ])('reads $text as $iso', ({ pattern, text, iso }) => {
    expect(new Date(compileDateFormat(pattern, 'UTC')(text)!).toISOString()).toBe(iso);
  });

  it.each([
    { pattern: 'yyyy-MM-dd xxx', text: '2026-02-30 +08:00' },
    { pattern: 'yyyy-MM-dd HH:mmXXX', text: '2026-01-31 08:00+99:00' },
    { pattern: 'd MMM yyyy HH:mm xxx', text: '31 Jan 2026 08:00' },
  ])('does not read $text', ({ pattern, text }) => {
    expect(compileDateFormat(pattern, 'UTC')(text)).toBeUndefined();
  });

  it('names no less than the whole day, wherever that is', () => {
    const period = compilePeriodReader('yyyy-MM-dd xxx', 'UTC')('2026-01-31 +08:00')!;

    expect(period.toMs - period.fromMs).toBe(86_400_000);
  });
});
