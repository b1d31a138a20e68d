import * as z from 'zod';
import { readIsoPeriod } from './date.ts';
import { dateFormatFault } from './date-format.ts';
import { DURATION_PATTERN, parseDuration } from './duration.ts';
import { regexFault } from './regex.ts';
import { isTimeZone } from './zone.ts';

/** The pieces that the schema of a policy is made of, each with its complaint. */

/** Bounds on what is read, so that a hostile document costs nothing. */
export const POLICY_BOUNDS = {
  documentBytes: 256 * 1024,
  rules: 500,
  conditionDepth: 32,
  listItems: 1000,
  patternLength: 1000,
} as const;

export const text = (max: number, what = 'text') =>
  z
    .string({ error: (issue) => textExpected(issue.input, what) })
    .max(max, `is longer than ${max} characters`);

/** Tag values are text: `81` or `true` without quotes would not say which text was meant. */
export function textExpected(input: unknown, what: string): string {
  if (typeof input === 'number' || typeof input === 'boolean') return `must be ${what}: put it in quotes`;
  return input === undefined ? 'is missing' : `must be ${what}`;
}

/** A number without its unit was meant in days, most often; `7d` says so. */
function durationExpected(input: unknown): string {
  const wholeNumber = typeof input === 'number' && Number.isInteger(input) && input >= 0;
  if (wholeNumber) return `has no unit: write ${input}d for days, or m, h or w in place of d`;
  return textExpected(input, 'a duration such as 7d');
}

export const nonEmpty = (max: number, what?: string) => text(max, what).min(1, 'must not be empty');

export const checked = (schema: z.ZodString, fault: (value: string) => string | undefined) =>
  schema.superRefine((value, context) => {
    const message = fault(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

export const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item, { error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a list') })
    .min(1, 'must name at least one')
    .max(POLICY_BOUNDS.listItems, `holds more than ${POLICY_BOUNDS.listItems} items`);

export const integer = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.int({ error: message }).min(min, message).max(max, message);
};

export const tagKey = nonEmpty(128, 'a tag key');
export const tagValue = text(128, 'a tag value');
export const wildcard = nonEmpty(POLICY_BOUNDS.patternLength, 'a text, * and ? are wildcards').meta({
  examples: ['ci-*', 'tmp-?', 'build-id'],
});
export const regex = checked(nonEmpty(POLICY_BOUNDS.patternLength, 'a regular expression'), (value) => {
  const fault = regexFault(value);
  return fault === undefined ? undefined : `is no RE2 pattern: ${fault}`;
});
export const duration = z
  .string({ error: ({ input }) => durationExpected(input) })
  .min(1, 'must not be empty')
  .max(8, 'is longer than 8 characters')
  .regex(DURATION_PATTERN, 'is no duration: write a whole number and s, m, h, d or w, as in 90m, 36h, 7d, 2w')
  .meta({ examples: ['90m', '36h', '7d', '2w'] });
export const durationWithin = (least: string, most: string) =>
  duration.refine(
    (value) => {
      const ms = parseDuration(value);
      return ms === undefined || (ms >= parseDuration(least)! && ms <= parseDuration(most)!);
    },
    { error: `must be from ${least} to ${most}` },
  );
export const timeZone = checked(nonEmpty(64, 'a time zone'), (value) =>
  isTimeZone(value) ? undefined : 'is no time zone: write an IANA name such as Asia/Shanghai, UTC, or +08:00',
).meta({ examples: ['UTC', 'Asia/Shanghai', 'Asia/Singapore', 'Europe/Berlin', '+08:00'] });
export const dateFormat = checked(nonEmpty(64, 'a date format'), dateFormatFault).meta({
  examples: ['yyyy-MM-dd', 'yyyyMMdd', "yyyy-MM-dd'T'HH:mm:ssXXX", 'T'],
});
export const isoDate = checked(nonEmpty(40, 'a date'), (value) =>
  readIsoPeriod(value, 'UTC') === undefined
    ? 'is no date: write 2026-01-31, or 2026-01-31T08:00:00+08:00'
    : undefined,
).meta({ examples: ['2026-01-31', '2026-01-31T08:00:00+08:00'] });
export const number = z
  .number({ error: 'must be a number' })
  .refine(Number.isFinite, 'must be a finite number')
  .refine((value) => Math.abs(value) < 1e15, 'must have at most 15 digits');
