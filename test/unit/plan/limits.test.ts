import { describe, expect, it } from 'vitest';
import { LimitExceededError } from '../../../lib/errors.ts';
import { checkLimits, isAbovePercent, leastPopulation, limitUses } from '../../../lib/plan/limits.ts';
import { aPolicy } from '../../support/builders.ts';
import { aRemoval } from '../../support/planned.ts';

function check(planned: number, seen: number, limits: Readonly<Record<string, number>>): void {
  checkLimits(aPlan(planned, seen), aPolicy({ limits }).limits);
}

function aPlan(planned: number, seen: number): Parameters<typeof checkLimits>[0] {
  const { name, digest, document } = aPolicy({});
  return {
    policy: { name, digest, document },
    inventory: { complete: true, regions: [], resourcesSeen: seen },
    removals: Array.from({ length: planned }, (_, at) => aRemoval(`eci-${at}`, { a: '1', b: '2' })),
  };
}

function refusal(
  planned: number,
  seen: number,
  limits: Readonly<Record<string, number>>,
): LimitExceededError {
  try {
    check(planned, seen, limits);
  } catch (error) {
    return error as LimitExceededError;
  }
  throw new Error('the plan was not refused');
}

describe('checkLimits', () => {
  it.each([
    { description: 'as many resources as allowed', planned: 5, seen: 100, limits: { maxResources: 5 } },
    { description: 'as many tags as allowed', planned: 5, seen: 100, limits: { maxTags: 10 } },
    { description: 'exactly the percentage', planned: 50, seen: 100, limits: { maxPercent: 50 } },
    { description: 'any part of fewer than 20 resources', planned: 19, seen: 19, limits: { maxPercent: 1 } },
    {
      description: 'no removals under limits of 0',
      planned: 0,
      seen: 9,
      limits: { maxResources: 0, maxTags: 0, maxPercent: 0 },
    },
    { description: 'everything at 100 percent', planned: 40, seen: 40, limits: { maxPercent: 100 } },
  ])('lets pass $description', ({ planned, seen, limits }) => {
    expect(() => check(planned, seen, limits)).not.toThrow();
  });

  it.each([
    {
      description: 'one resource more',
      planned: 6,
      seen: 100,
      limits: { maxResources: 5 },
      limit: 'maxResources',
      allowed: 5,
      figure: 6,
    },
    {
      description: 'one resource where none may',
      planned: 1,
      seen: 100,
      limits: { maxResources: 0 },
      limit: 'maxResources',
      allowed: 0,
      figure: 1,
    },
    {
      description: 'more tags',
      planned: 5,
      seen: 100,
      limits: { maxTags: 9 },
      limit: 'maxTags',
      allowed: 9,
      figure: 10,
    },
    {
      description: 'tags where none may',
      planned: 1,
      seen: 100,
      limits: { maxTags: 0 },
      limit: 'maxTags',
      allowed: 0,
      figure: 2,
    },
    {
      description: 'one more than the percentage',
      planned: 51,
      seen: 100,
      limits: { maxPercent: 50 },
      limit: 'maxPercent',
      allowed: 50,
      figure: 51,
    },
    {
      description: 'all of 20',
      planned: 20,
      seen: 20,
      limits: { maxPercent: 50 },
      limit: 'maxPercent',
      allowed: 50,
      figure: 20,
    },
    {
      description: 'one of few at 0 percent',
      planned: 1,
      seen: 2,
      limits: { maxPercent: 0 },
      limit: 'maxPercent',
      allowed: 0,
      figure: 1,
    },
  ])('refuses $description', ({ planned, seen, limits, limit, allowed, figure }) => {
    const error = refusal(planned, seen, limits);

    expect(error).toBeInstanceOf(LimitExceededError);
    expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', limit, allowed, planned: figure });
    expect(error.message).toContain(`limits.${limit} allows ${allowed}`);
    expect(error.message).toContain(String(figure));
    expect(error.message).toContain('Nothing was removed');
  });

  it('tells of every limit that is passed, and names the first', () => {
    const error = refusal(30, 40, { maxResources: 5, maxTags: 9, maxPercent: 50 });

    expect(error.limit).toBe('maxResources');
    expect(error.message).toContain(
      '30 resources, and its limits.maxResources allows 5; it would remove 60 tags',
    );
    expect(error.message).toContain(
      '30 of 40 resources in scope (75.0 %), and its limits.maxPercent allows 50 %.',
    );
  });
});

describe('limitUses', () => {
  it.each([
    { seen: 19, maxPercent: 1, isLookedAt: false, isPassed: false },
    { seen: 20, maxPercent: 1, isLookedAt: true, isPassed: true },
    { seen: 19, maxPercent: 0, isLookedAt: true, isPassed: true },
  ])(
    'tells whether $maxPercent % of $seen resources is looked at, and passed',
    ({ seen, maxPercent, ...use }) => {
      const [, , percent] = limitUses(aPlan(5, seen), aPolicy({ limits: { maxPercent } }).limits);

      expect(percent).toEqual({ limit: 'maxPercent', planned: 5, allowed: maxPercent, ...use });
    },
  );
});

describe('isAbovePercent', () => {
  it.each([
    { part: 7, whole: 7000, percent: 0.1, above: false },
    { part: 8, whole: 7000, percent: 0.1, above: true },
    { part: 29, whole: 100, percent: 29, above: false },
    { part: 1, whole: 1_000_000_000, percent: 1e-7, above: false },
    { part: 2, whole: 1_000_000_000, percent: 1e-7, above: true },
    { part: 57, whole: 100, percent: 56.99, above: true },
    { part: 33, whole: 300, percent: 11, above: false },
    { part: 1, whole: 0, percent: 50, above: true },
  ])('takes $part of $whole against $percent % as $above', ({ part, whole, percent, above }) => {
    expect(isAbovePercent(part, whole, percent)).toBe(above);
  });
});

describe('leastPopulation', () => {
  it.each([
    { resources: 0, percent: 0, least: 0 },
    { resources: 1, percent: 0, least: Number.POSITIVE_INFINITY },
    { resources: 1, percent: 50, least: 2 },
    { resources: 7, percent: 0.1, least: 7000 },
    { resources: 29, percent: 29, least: 100 },
    { resources: 57, percent: 56.99, least: 101 },
    { resources: 5, percent: 100, least: 5 },
  ])('is $least for $resources at $percent %', ({ resources, percent, least }) => {
    expect(leastPopulation(resources, percent)).toBe(least);
    if (least > 0 && Number.isFinite(least)) {
      expect(isAbovePercent(resources, least, percent)).toBe(false);
      expect(isAbovePercent(resources, least - 1, percent)).toBe(true);
    }
  });
});
