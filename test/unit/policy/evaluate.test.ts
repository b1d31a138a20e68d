import { describe, expect, it } from 'vitest';
import { createJudge } from '../../../lib/plan/judge.ts';
import { compileCondition, compileTests, UNKNOWN_VALUE } from '../../../lib/policy/evaluate.ts';
import type { Truth } from '../../../lib/policy/truth.ts';
import { aPolicy, aResource, type ResourceDraft } from '../../support/builders.ts';

const ASOF = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;

function ask(condition: Record<string, unknown>, draft: ResourceDraft): Truth {
  return createJudge(aPolicy({ select: condition }), ASOF).selects(aResource(draft));
}

/** Asks a tag of that value; `null` is an absent tag. */
const askTag = (tests: Record<string, unknown>, value: string | null): Truth =>
  ask({ tag: 'a', ...tests }, { tags: value === null ? {} : { a: value } });

describe('a tag condition', () => {
  it.each<[Record<string, unknown>, string | null, Truth]>([
    [{ exists: true }, '', true],
    [{ exists: true }, null, false],
    [{ exists: false }, null, true],
    [{ exists: false }, '', false],
    [{ equals: '' }, '', true],
    [{ equals: '' }, null, false],
    [{ equals: 'Dev' }, 'dev', false],
    [{ in: ['dev', 'test'] }, 'test', true],
    [{ in: ['dev', 'test'] }, 'prod', false],
    [{ like: 'd?v*' }, 'dev-1', true],
    [{ like: 'd?v' }, 'dev-1', false],
    [{ like: '*' }, null, false],
    [{ matches: '^d.v$' }, 'dev', true],
    [{ matches: 'e' }, 'dev', true],
    [{ matches: '^e' }, 'dev', false],
    [{ lessThan: 5 }, '4.99', true],
    [{ lessThan: 5 }, '5', false],
    [{ greaterThan: -1 }, '-0.5', true],
    [{ greaterThan: 0, lessThan: 10 }, '007', true],
    [{ lessThan: 5 }, '', 'unknown'],
    [{ lessThan: 5 }, ' 1', 'unknown'],
    [{ lessThan: 5 }, '1e0', 'unknown'],
    [{ lessThan: 5 }, '0x1', 'unknown'],
    [{ lessThan: 5 }, '1,5', 'unknown'],
    [{ lessThan: 5 }, '+1', 'unknown'],
    [{ lessThan: 5 }, '.5', 'unknown'],
    [{ lessThan: 5 }, '0.1234567890123456', 'unknown'],
    [{ lessThan: 5 }, null, false],
    [{ equals: 'x', lessThan: 5 }, 'y', false],
    [{ before: '2026-01-01' }, '2025-12-31', true],
    [{ before: '2026-01-01' }, '2026-01-01', false],
    [{ before: '2026-01-01' }, '2025-12-31T23:59:59Z', true],
    [{ before: '2026-01-01' }, '2025-12-31T23:59:59-01:00', false],
    [{ before: '2026-01-01T12:00' }, '2026-01-01', 'unknown'],
    [{ before: '2026-01-01' }, '31.12.2025', 'unknown'],
    [{ after: '2026-01-01' }, '2026-01-01', false],
    [{ after: '2026-01-01' }, '2026-01-01T23:59:59Z', false],
    [{ after: '2026-01-01' }, '2026-01-02', true],
    [{ after: '2026-01-01T00:00:00Z' }, '2026-01-01T00:00:00Z', false],
    [{ after: '2026-01-01T00:00:00Z' }, '2026-01-01T00:00:00.001Z', true],
    [{ after: '2026-01-01', timeZone: 'Asia/Shanghai' }, '2026-01-01T16:00:00Z', true],
    [{ after: '2026-01-01' }, null, false],
  ])('%o of %j is %s', (tests, value, expected) => {
    expect(askTag(tests, value)).toBe(expected);
  });

  it('is unknown where the tags were not seen, even for what an absent tag passes', () => {
    for (const tests of [{ exists: true }, { exists: false }, { equals: '' }]) {
      expect(ask({ tag: 'a', ...tests }, { tags: undefined })).toBe('unknown');
    }
  });

  it('under not also holds for resources without the tag', () => {
    expect(ask({ not: { tag: 'a', equals: 'prod' } }, { tags: {} })).toBe(true);
    expect(ask({ not: { tag: 'a', lessThan: 5 } }, { tags: { a: 'x' } })).toBe('unknown');
  });
});

describe('expired', () => {
  it.each<[string, Record<string, unknown>, string, Truth]>([
    ['a day that is over', { expired: 'yyyy-MM-dd' }, '2026-05-31', true],
    ['today', { expired: 'yyyy-MM-dd' }, '2026-06-01', false],
    ['a grace that just ended', { expired: 'yyyy-MM-dd', grace: '3d' }, '2026-05-28', true],
    ['the last day of grace', { expired: 'yyyy-MM-dd', grace: '3d' }, '2026-05-29', false],
    [
      'a day that is over in the east',
      { expired: 'yyyy-MM-dd', timeZone: 'Asia/Shanghai' },
      '2026-05-31',
      true,
    ],
    [
      'a day that is not over in the west',
      { expired: 'yyyy-MM-dd', timeZone: 'America/New_York' },
      '2026-05-31',
      false,
    ],
    ['a month that is over', { expired: 'yyyy-MM' }, '2026-05', true],
    ['this month', { expired: 'yyyy-MM' }, '2026-06', false],
    ['this year', { expired: 'yyyy' }, '2026', false],
    ['last year', { expired: 'yyyy' }, '2025', true],
    ['a week that ended yesterday', { expired: "RRRR-'W'II" }, '2026-W22', true],
    ['this week', { expired: "RRRR-'W'II" }, '2026-W23', false],
    ['a day in words', { expired: 'd MMM yyyy' }, '31 May 2026', true],
    ['an instant that is now', { expired: "yyyy-MM-dd'T'HH:mm:ssXXX" }, '2026-06-01T00:00:00Z', false],
    ['an instant that was', { expired: "yyyy-MM-dd'T'HH:mm:ssXXX" }, '2026-06-01T07:59:59+08:00', true],
    [
      'a zone of its own, which wins',
      { expired: 'yyyy-MM-dd HH:mm XX', timeZone: 'Asia/Shanghai' },
      '2026-05-31 20:00 -0500',
      false,
    ],
    ['seconds of the epoch', { expired: 't' }, String(ASOF / 1000 - 1), true],
    ['a literal in the format', { expired: "'until' yyyy.MM.dd" }, 'until 2026.05.31', true],
  ])('%s', (_description, tests, value, expected) => {
    expect(askTag(tests, value)).toBe(expected);
  });

  it.each([
    ['yyyy-MM-dd', '26-1-1'],
    ['yyyy-MM-dd', '2026-1-01'],
    ['yyyy-MM-dd', '20266-01-01'],
    ['yyyy-MM-dd', '2026-02-30'],
    ['yyyy-MM-dd', '2026-01-01 '],
    ['yyyy-MM-dd', ' 2026-01-01'],
    ['yyyy-MM-dd', '2026-01-01T00:00:00Z'],
    ['yyyy-MM-dd', '2026-01-01\n'],
    ['yyyy-MM-dd', ''],
    ['yyyy-MM-dd', '0000-01-01'],
    ['yyyy-MM-dd HH:mm', '2026-01-01 24:00'],
    ['yyyy-MM-dd HH:mm', '2026-01-01 23:60'],
    ["yyyy-MM-dd'T'HH:mm:ssXXX", '2026-01-01T00:00:00+99:00'],
    ["yyyy-MM-dd'T'HH:mm:ssXXX", '2026-01-01T00:00:00'],
    ['d MMM yyyy', '1 january 2026'],
    ['d MMM yyyy', '01 Jan 2026'],
    ['d MMM yyyy HH:mm xxx', '1 Jan 2026 00:00 +0800'],
  ])('%s does not read %j', (format, value) => {
    expect(askTag({ expired: format }, value)).toBe('unknown');
  });

  it('reads an hour that a zone skips as no time at all, and a day without midnight as a day', () => {
    const skipped = { expired: 'yyyy-MM-dd HH:mm', timeZone: 'America/New_York' };
    expect(askTag(skipped, '2026-03-08 02:30')).toBe('unknown');
    expect(askTag(skipped, '2026-03-08 03:30')).toBe(true);

    // Clocks in Beirut went from midnight to one o'clock.
    expect(askTag({ expired: 'yyyy-MM-dd', timeZone: 'Asia/Beirut' }, '2024-03-31')).toBe(true);
  });
});

describe('conditions on the resource', () => {
  it.each<[Record<string, unknown>, ResourceDraft, Truth]>([
    [{ name: 'prod-*' }, { name: 'prod-1' }, true],
    [{ name: 'prod-*' }, { name: 'Prod-1' }, false],
    [{ name: ['a', 'b?'] }, { name: 'b1' }, true],
    [{ name: '*' }, { name: undefined }, 'unknown'],
    [{ id: 'eci-1' }, { id: 'eci-1' }, true],
    [{ status: ['Pending', 'Running'] }, { status: 'Running' }, true],
    [{ status: 'Running' }, { status: undefined }, 'unknown'],
    [{ resourceType: 'Image*' }, { type: 'ImageCache' }, true],
    [{ region: 'cn-*' }, { region: 'eu-west-1' }, false],
    [{ resourceGroup: 'rg-1' }, { resourceGroupId: undefined }, 'unknown'],
    [{ age: { olderThan: '7d' } }, { createdAtMs: ASOF - 7 * DAY_MS - 1 }, true],
    [{ age: { olderThan: '7d' } }, { createdAtMs: ASOF - 7 * DAY_MS }, false],
    [{ age: { newerThan: '90m' } }, { createdAtMs: ASOF - 89 * 60_000 }, true],
    [{ age: { olderThan: '36h', newerThan: '2w' } }, { createdAtMs: ASOF - 2 * DAY_MS }, true],
    [{ age: { olderThan: '7d' } }, { createdAtMs: undefined }, 'unknown'],
    [{ tagCount: { atLeast: 1 } }, { tags: {} }, false],
    [{ tagCount: { atMost: 0 } }, { tags: {} }, true],
    [{ tagCount: { atLeast: 1, atMost: 2 } }, { tags: { a: '', b: '' } }, true],
    [{ tagCount: { atLeast: 0 } }, { tags: undefined }, 'unknown'],
  ])('%o of %o is %s', (condition, draft, expected) => {
    expect(ask(condition, draft)).toBe(expected);
  });

  const TRUE = { id: 'eci-1' };
  const FALSE = { id: 'x' };
  const UNKNOWN = { status: 'Running' };
  it.each<[object, Truth]>([
    [{ all: [TRUE, TRUE] }, true],
    [{ all: [UNKNOWN, FALSE] }, false],
    [{ all: [TRUE, UNKNOWN] }, 'unknown'],
    [{ any: [FALSE, FALSE] }, false],
    [{ any: [UNKNOWN, TRUE] }, true],
    [{ any: [FALSE, UNKNOWN] }, 'unknown'],
    [{ not: UNKNOWN }, 'unknown'],
    [{ not: { any: [FALSE] } }, true],
  ])('%j is %s', (condition, expected) => {
    expect(ask(condition as Record<string, unknown>, { id: 'eci-1', status: undefined })).toBe(expected);
  });
});

describe('compileTests', () => {
  it('says of a value that is not known only that it is there', () => {
    expect(compileTests([{ op: 'exists', expected: true }], ASOF)(UNKNOWN_VALUE)).toBe(true);
    expect(compileTests([{ op: 'like', pattern: '*' }], ASOF)(UNKNOWN_VALUE)).toBe('unknown');
    expect(
      compileTests([{ op: 'not', tests: [{ op: 'exists', expected: true }] }], ASOF)(UNKNOWN_VALUE),
    ).toBe(false);
  });

  it('goes on answering when it is asked of very many values', () => {
    const test = compileTests([{ op: 'equals', value: 'v7' }], ASOF);

    const yes = Array.from({ length: 25_000 }, (_, index) => test(`v${index}`)).filter(
      (truth) => truth === true,
    );

    expect(yes).toHaveLength(1);
    expect(test('v7')).toBe(true);
  });
});

describe('compileCondition with a tag added', () => {
  it.each<[object, Truth]>([
    [{ atLeast: 3 }, true],
    [{ atLeast: 4 }, 'unknown'],
    [{ atMost: 2 }, false],
    [{ atMost: 3 }, 'unknown'],
  ])('of two tags and one more, %o is %s', (bounds, expected) => {
    const condition = compileCondition({ kind: 'tagCount', ...bounds }, ASOF);

    expect(condition(aResource({ tags: { a: '', b: '' } }), 'c')).toBe(expected);
  });
});
