import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GROUPS } from '../../cli/commands.ts';
import { cutText, fitLines, widthOf } from '../../cli/fit.ts';
import { createPaint, type Io } from '../../cli/io.ts';
import { run } from '../../cli/main.ts';
import { table } from '../../cli/table.ts';

const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 30 });

/** Lines that a terminal would break itself, but for words that have no room on any line. */
function tooWide(text: string, columns: number): readonly string[] {
  return text.split('\n').filter((line) => widthOf(line) > columns && /\S\s+\S/.test(line));
}

describe('widthOf', () => {
  it.each([
    ['plain text', 'env=dev', 7],
    ['Chinese', '团队：支付', 10],
    ['an emoji of several parts', '👩‍👧', 2],
    ['colors', '\u001b[31mred\u001b[39m', 3],
  ])('counts the columns of %s', (_, text, columns) => {
    expect(widthOf(text)).toBe(columns);
  });
});

describe('cutText', () => {
  it('cuts what is too wide, keeps its colors, and halves no character', () => {
    expect(cutText('\u001b[36mabcdef\u001b[39m', 4)).toBe('\u001b[36mabc\u001b[39m…');
    expect(cutText('团队支付', 6)).toBe('团队…');
    expect(cutText('abc', 3)).toBe('abc');
  });
});

describe('fitLines', () => {
  it('breaks between words alone, keeps every word, and stays within the width', () => {
    fc.assert(
      fc.property(
        words,
        fc.integer({ min: 24, max: 132 }),
        fc.integer({ min: 0, max: 6 }),
        (all, columns, margin) => {
          const text = ' '.repeat(margin) + all.join(' ');

          const fitted = fitLines(text, columns);

          expect(fitted.trim().split(/\s+/)).toEqual(all);
          expect(tooWide(fitted, columns)).toEqual([]);
        },
      ),
    );
  });

  it('indents what goes on under what it belongs to', () => {
    expect(fitLines('  --key KEY  only this tag key; may be given again', 36)).toBe(
      '  --key KEY  only this tag key; may\n             be given again',
    );
    expect(fitLines('  one two three four', 12)).toBe('  one two\n    three\n    four');
    expect(fitLines('one two three four', 10)).toBe('one two\nthree four');
  });

  it('leaves a word whole that is longer than a line, and breaks a script without blanks', () => {
    const digest = `sha256:${'0'.repeat(64)}`;

    expect(fitLines(`  plan        ${digest}`, 60)).toBe(`  plan\n    ${digest}`);
    expect(fitLines('团队支付'.repeat(4), 12).split('\n').map(widthOf)).toEqual([12, 12, 8]);
  });

  it('leaves the columns of a code frame where they are, and everything where no width is known', () => {
    const frame = `> 3 | ${'key: value '.repeat(9)}\n    | ${' '.repeat(70)}^`;

    expect(fitLines(frame, 60)).toBe(frame);
    expect(fitLines('a b '.repeat(99), Number.POSITIVE_INFINITY)).toBe('a b '.repeat(99));
  });
});

describe('table', () => {
  const COLUMNS = [
    { head: 'key', fit: 'cut' },
    { head: 'tags', align: 'right' },
    { head: 'removed by', fit: 'wrap' },
  ] as const;
  const ROWS = [
    ['团队-支付-ci-marker-of-a-long-name', '1,234', 'remove[0] key "ci-*" of the policy'],
    ['b', '5', 'remove[1]'],
  ];

  it('is as wide as it likes where there is room', () => {
    expect(table(COLUMNS, ROWS, createPaint(false)).split('\n')).toEqual([
      '  key                                  tags  removed by',
      '  团队-支付-ci-marker-of-a-long-name  1,234  remove[0] key "ci-*" of the policy',
      '  b                                       5  remove[1]',
    ]);
  });

  it('cuts and wraps by column where there is not', () => {
    expect(table(COLUMNS, ROWS, createPaint(false, 44)).split('\n')).toEqual([
      '  key                tags  removed by',
      '  团队-支付-ci-ma…  1,234  remove[0] key',
      '                           "ci-*" of the',
      '                           policy',
      '  b                     5  remove[1]',
    ]);
  });

  it('tells each row as a paragraph where columns have no room at all', () => {
    const text = table(
      [{ head: 'run' }, { head: 'started' }, { head: 'tags', align: 'right' }, { head: 'took' }],
      [['cli-20260101T020000Z-ab12cd34', '2026-01-01 02:00:00', '5', '']],
      createPaint(false, 40),
    );

    expect(text).toBe('  cli-20260101T020000Z-ab12cd34\n    started 2026-01-01 02:00:00  tags 5');
  });

  it('is never wider than the terminal', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '团', '🚀'), maxLength: 90 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { maxLength: 4 }),
        fc.integer({ min: 40, max: 132 }),
        (rows, columns) => {
          const all = COLUMNS.map((column) => ({ ...column, fit: 'cut' as const }));

          const text = table(all, rows, createPaint(false, columns));

          for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});

describe('every --help', () => {
  const NAMES = Object.values(GROUPS).flatMap((commands) => commands.map(({ name }) => name));

  async function helpOf(argv: readonly string[], columns: number): Promise<string> {
    let told = '';
    const io: Io = {
      out: (text) => {
        told += text;
      },
      page: (text) => {
        told += fitLines(text, columns);
      },
      err: () => undefined,
      errIsTerminal: false,
      canAsk: false,
      env: {},
      secrets: new Set(),
      paint: createPaint(true, columns),
      errPaint: createPaint(true, columns),
    };
    await run(argv, io);
    return stripVTControlCharacters(told);
  }

  it.each([60, 80, 132])('has no line that a terminal of %i columns would break', async (columns) => {
    for (const argv of [['--help'], ...NAMES.map((name) => [name, '--help'])]) {
      const page = await helpOf(argv, columns);

      expect(page).toContain('Usage');
      expect(tooWide(page, columns), argv.join(' ')).toEqual([]);
    }
  });

  it('says the same words at every width', async () => {
    const plain = (text: string) => text.replaceAll(/\\\n|\s/g, '').split('Examples')[0];

    for (const name of NAMES) {
      const whole = await helpOf([name, '--help'], Number.POSITIVE_INFINITY);

      expect(plain(await helpOf([name, '--help'], 60)), name).toBe(plain(whole));
    }
  });
});
