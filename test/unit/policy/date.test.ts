import { tz } from '@date-fns/tz';
import { format, parse } from 'date-fns';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePeriodReader, readIsoPeriod } from '../../../lib/policy/date.ts';
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

        // Of an hour that comes twice either instant may be meant: then it is unknown, but for whole days.
        const timed = /[HhT]/.test(pattern.replaceAll(/'[^']*'/g, ''));
        const repeated =
          timed &&
          (format(expected - 3_600_000, pattern, context) === text ||
            format(expected + 3_600_000, pattern, context) === text);
        expect(read).toBe(repeated ? undefined : expected);
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

/** The same wall time as each format writes it, with the reader of that format. */
const WRITTEN: readonly (readonly [string, (text: string, zone: string) => number | undefined])[] = [
  ["yyyy-MM-dd'T'HH:mm", (text, zone) => readIsoPeriod(text, zone)?.fromMs],
  ...['yyyy-MM-dd HH:mm', 'yyyyMMddHHmm', 'd MMM yyyy, HH:mm', 'd MMM yyyy, h:mm a', 'PP p'].map(
    (pattern) =>
      [pattern, (text: string, zone: string) => compilePeriodReader(pattern, zone)(text)?.fromMs] as const,
  ),
];

describe('a wall time, in every format alike', () => {
  it.each([
    { zone: 'Europe/Berlin', wall: '2026-10-25T02:45', what: 'comes twice', iso: undefined },
    { zone: 'Europe/Berlin', wall: '2026-03-29T02:30', what: 'is skipped', iso: undefined },
    { zone: 'Pacific/Apia', wall: '2011-12-30T12:00', what: 'is on a day that was skipped', iso: undefined },
    { zone: 'Australia/Lord_Howe', wall: '2026-04-05T01:45', what: 'comes twice', iso: undefined },
    { zone: 'UTC', wall: '2026-02-30T12:00', what: 'is on no day at all', iso: undefined },
    { zone: 'Asia/Shanghai', wall: '2026-02-30T12:00', what: 'is on no day at all', iso: undefined },
    {
      zone: 'Europe/Berlin',
      wall: '2026-10-25T01:59',
      what: 'comes once',
      iso: '2026-10-24T23:59:00.000Z',
    },
    {
      zone: 'Europe/Berlin',
      wall: '2026-10-25T03:00',
      what: 'comes once',
      iso: '2026-10-25T02:00:00.000Z',
    },
  ])('$wall in $zone $what', ({ zone, wall, iso }) => {
    const [year, month, day, hour, minute] = wall.split(/[-T:]/).map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const written = WRITTEN.map(([pattern, read]) => {
      // Of a day that does not exist, the text is made of the day before.
      const exists = new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
      const text = format(Date.UTC(year, month - 1, exists ? day : 28, hour, minute), pattern, {
        in: tz('UTC'),
      });
      return read(exists ? text : text.replace('28', String(day)), zone);
    });

    expect(written).toEqual(WRITTEN.map(() => (iso === undefined ? undefined : Date.parse(iso))));
  });

  it('is an instant if and only if the clocks show it once', () => {
    const near = fc
      .tuple(
        fc.constantFrom(
          ['Europe/Berlin', Date.UTC(2026, 9, 25, 2)],
          ['Europe/Berlin', Date.UTC(2026, 2, 29, 2)],
          ['America/New_York', Date.UTC(2026, 10, 1, 1)],
          ['America/Havana', Date.UTC(2026, 2, 8)],
          ['Australia/Lord_Howe', Date.UTC(2026, 3, 5, 2)],
          ['Pacific/Apia', Date.UTC(2011, 11, 30)],
        ) as fc.Arbitrary<[string, number]>,
        fc.integer({ min: -36 * 60, max: 36 * 60 }),
      )
      .map(([[zone, atMs], minutes]) => ({ zone, wallMs: atMs + minutes * 60_000 }));
    const seen = new Map<number, number>();
    fc.assert(
      fc.property(near, ({ zone, wallMs }) => {
        // Asked of the clocks themselves, minute by minute, rather than of any reader.
        const shown = format(wallMs, 'yyyy-MM-dd HH:mm', { in: tz('UTC') });
        const showings: number[] = [];
        for (let atMs = wallMs - 15 * 3_600_000; atMs <= wallMs + 15 * 3_600_000; atMs += 15 * 60_000) {
          if (format(atMs, 'yyyy-MM-dd HH:mm', { in: tz(zone) }) === shown) showings.push(atMs);
        }
        seen.set(showings.length, (seen.get(showings.length) ?? 0) + 1);
        for (const [pattern, read] of WRITTEN) {
          const text = format(wallMs, pattern, { in: tz('UTC') });
          expect(read(text, zone), `${text} in ${zone}`).toBe(
            showings.length === 1 ? showings[0] : undefined,
          );
        }
      }),
      { numRuns: 150, seed: 5 },
    );
    for (const times of [0, 1, 2]) expect(seen.get(times) ?? 0).toBeGreaterThan(0);
  });
});

describe('a day', () => {
  it.each([
    { zone: 'Pacific/Apia', text: '2011-12-30', what: 'that the zone skipped is none' },
    { zone: 'UTC', text: '2026-02-30', what: 'that no year has is none' },
    { zone: 'Asia/Shanghai', text: '2025-02-29', what: 'that this year lacks is none' },
  ])('$what: $text in $zone', ({ zone, text }) => {
    const sameInWords = text.replace(/^(\d+)-(\d+)-(\d+)$/, (_, year, month, day) => {
      const name = format(Date.UTC(2026, month - 1, 1), 'MMM', { in: tz('UTC') });
      return `${day} ${name} ${year}`;
    });

    expect(readIsoPeriod(text, zone)).toBeUndefined();
    expect(compilePeriodReader('yyyy-MM-dd', zone)(text)).toBeUndefined();
    expect(compilePeriodReader('d MMM yyyy', zone)(sameInWords)).toBeUndefined();
  });

  it('before one that the zone skipped ends where the next begins', () => {
    for (const read of [
      () => readIsoPeriod('2011-12-29', 'Pacific/Apia'),
      () => compilePeriodReader('dd.MM.yyyy', 'Pacific/Apia')('29.12.2011'),
      () => compilePeriodReader('d MMM yyyy', 'Pacific/Apia')('29 Dec 2011'),
    ]) {
      expect(new Date(read()!.toMs).toISOString()).toBe('2011-12-30T10:00:00.000Z');
    }
  });

  it('begins when it is first that day, though its midnight comes twice or not at all', () => {
    // Clocks are put on at midnight, and put back at one to midnight.
    const begins = (text: string) => new Date(readIsoPeriod(text, 'America/Havana')!.fromMs).toISOString();

    expect(begins('2026-03-08')).toBe('2026-03-08T05:00:00.000Z');
    expect(begins('2026-11-01')).toBe('2026-11-01T04:00:00.000Z');
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
