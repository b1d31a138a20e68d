import * as z from 'zod';
import { compilePeriodReader, type Period, readIsoPeriod } from './date.ts';
import { formatDuration, parseDuration } from './duration.ts';
import {
  dateFormat,
  duration,
  isoDate,
  listOf,
  number,
  POLICY_BOUNDS,
  regex,
  tagValue,
  text,
  timeZone,
} from './fields.ts';
import { parseDecimal } from './number.ts';
import { compileRegex } from './regex.ts';
import { not, type Truth } from './truth.ts';
import { compileWildcard } from './wildcard.ts';

/** What may stand beside an operator and changes how it is read. */
export const MODIFIERS = {
  grace: { schema: duration, meaning: 'With `expired`: how long after the date it counts as passed.' },
  timeZone: {
    schema: timeZone,
    meaning: 'With `expired`, `before`, `after`: where dates without a zone are read. Default UTC.',
  },
} as const;

export type ModifierName = keyof typeof MODIFIERS;

/** What stands beside an operator, read. */
interface Beside {
  readonly graceMs: number;
  readonly timeZone: string;
}

/**
 * One operator, everything that is known of it. `Value` is what a policy writes after it, `Test` what it asks of the
 * value of a tag that is there.
 */
export interface Operator<Value, Test extends object> {
  readonly schema: z.ZodType<Value>;
  /** When it holds: for the schema, for an editor and for the page on policies. */
  readonly meaning: string;
  readonly modifiers: readonly ModifierName[];
  read(value: Value, beside: Beside): Test;
  /** Compiled once, asked for any number of values; durations count back from `asOfMs`, epoch milliseconds. */
  ask(test: Test, asOfMs: number): (value: string) => Truth;
  /** In the words of the policy language. */
  describe(test: Test): string;
  /** The one value that passes, where there is only one: the server can be asked for it. */
  onlyValue(test: Test): string | undefined;
}

function operator<Value, Test extends object>(row: Operator<Value, Test>): Operator<Value, Test> {
  return row;
}

const NONE = { modifiers: [], onlyValue: () => undefined } as const;
const wildcardOrEmpty = text(POLICY_BOUNDS.patternLength, 'a text, * and ? are wildcards');

/** Every operator on the value of a tag, in the order in which they are shown: all else follows from this table. */
export const OPERATORS = {
  exists: operator({
    ...NONE,
    schema: z.boolean({ error: 'must be true or false' }),
    meaning: 'Whether the tag is there; `false` is the only test that an absent tag passes.',
    read: (expected) => ({ expected }),
    ask:
      ({ expected }) =>
      () =>
        expected,
    describe: ({ expected }) => (expected ? 'exists' : 'does not exist'),
  }),
  equals: operator({
    ...NONE,
    schema: tagValue,
    meaning: 'The value is exactly this text. May be empty.',
    read: (value) => ({ value }),
    ask: (test) => (value) => value === test.value,
    describe: ({ value }) => `equals ${JSON.stringify(value)}`,
    onlyValue: ({ value }) => value,
  }),
  in: operator({
    ...NONE,
    schema: listOf(tagValue),
    meaning: 'The value is one of these texts.',
    read: (values): { readonly values: readonly string[] } => ({ values }),
    ask: (test) => {
      const values = new Set(test.values);
      return (value) => values.has(value);
    },
    describe: ({ values }) => `in ${values.map((value) => JSON.stringify(value)).join(', ')}`,
    onlyValue: ({ values }) => (values.length === 1 ? values[0] : undefined),
  }),
  like: operator({
    ...NONE,
    schema: wildcardOrEmpty,
    meaning: 'The whole value matches this wildcard: `*` any text, `?` one character; case-sensitive.',
    read: (pattern) => ({ pattern }),
    ask: ({ pattern }) => compileWildcard(pattern),
    describe: ({ pattern }) => `like ${JSON.stringify(pattern)}`,
  }),
  matches: operator({
    ...NONE,
    schema: regex,
    meaning: 'The value matches this RE2 pattern somewhere; anchor it with ^ and $ for the whole value.',
    read: (pattern) => ({ pattern }),
    ask: ({ pattern }) => compileRegex(pattern),
    describe: ({ pattern }) => `matches ${JSON.stringify(pattern)}`,
  }),
  expired: operator({
    ...NONE,
    schema: dateFormat,
    meaning:
      'The value, read as a date of this date-fns format such as `yyyy-MM-dd`, has passed. A date without a time of day has passed when its day has ended. A value that does not read as such a date is unknown, and keeps the tag.',
    modifiers: ['grace', 'timeZone'],
    read: (format, beside) => ({ format, ...beside }),
    ask: (test, asOfMs) => {
      const read = compilePeriodReader(test.format, test.timeZone);
      return (value) => whenRead(read(value), ({ toMs }) => toMs + test.graceMs <= asOfMs);
    },
    describe: ({ format, graceMs, timeZone }) => {
      const grace = graceMs === 0 ? '' : `, grace ${formatDuration(graceMs)}`;
      return `expired as ${format}${grace} (${timeZone})`;
    },
  }),
  before: operator({
    ...NONE,
    schema: isoDate,
    meaning: 'The value is an ISO 8601 date or instant before this one.',
    modifiers: ['timeZone'],
    // The first instant of the date that the policy names.
    read: (date, { timeZone }) => ({ atMs: readIsoPeriod(date, timeZone)!.fromMs, timeZone }),
    ask:
      ({ atMs, timeZone }) =>
      (value) =>
        whenRead(readIsoPeriod(value, timeZone), (period) => isBefore(period, atMs)),
    describe: ({ atMs }) => `before ${new Date(atMs).toISOString()}`,
  }),
  after: operator({
    ...NONE,
    schema: isoDate,
    meaning: 'The value is an ISO 8601 date or instant after this one.',
    modifiers: ['timeZone'],
    // The first instant after the date that the policy names.
    read: (date, { timeZone }) => ({ atMs: readIsoPeriod(date, timeZone)!.toMs, timeZone }),
    ask:
      ({ atMs, timeZone }) =>
      (value) =>
        whenRead(readIsoPeriod(value, timeZone), (period) => not(isBefore(period, atMs))),
    describe: ({ atMs }) => `after ${new Date(atMs).toISOString()}`,
  }),
  lessThan: operator({
    ...NONE,
    schema: number,
    meaning: 'The value is a decimal number less than this.',
    read: (than) => ({ than }),
    ask:
      ({ than }) =>
      (value) =>
        whenRead(parseDecimal(value), (read) => read < than),
    describe: ({ than }) => `less than ${than}`,
  }),
  greaterThan: operator({
    ...NONE,
    schema: number,
    meaning: 'The value is a decimal number greater than this.',
    read: (than) => ({ than }),
    ask:
      ({ than }) =>
      (value) =>
        whenRead(parseDecimal(value), (read) => read > than),
    describe: ({ than }) => `greater than ${than}`,
  }),
} as const;

export type OperatorName = keyof typeof OPERATORS;

/** What a policy writes after an operator. */
export type Written<Name extends OperatorName> = z.output<(typeof OPERATORS)[Name]['schema']>;

/** A test by an operator: what it was read as. */
export type OperatorTest = {
  [Name in OperatorName]: { readonly op: Name } & Readonly<ReturnType<(typeof OPERATORS)[Name]['read']>>;
}[OperatorName];

export const OPERATOR_NAMES = Object.keys(OPERATORS) as readonly OperatorName[];

/**
 * The row of an operator.
 *
 * @throws {Error} where there is none: a test that nobody can ask must not count as passed.
 */
export function operatorOf(name: string): Operator<unknown, object> {
  const rows: Readonly<Record<string, Operator<unknown, object>>> = OPERATORS;
  const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
  if (row === undefined) throw new Error(`There is no operator ${name}.`);
  return row;
}

/** What stands beside an operator, with what holds where nothing does. */
export function readBeside({ grace, timeZone = 'UTC' }: { grace?: string; timeZone?: string }): Beside {
  return { graceMs: grace === undefined ? 0 : parseDuration(grace)!, timeZone };
}

function whenRead<T>(read: T | undefined, test: (read: T) => Truth): Truth {
  return read === undefined ? 'unknown' : test(read);
}

/** Of a whole day that holds the instant within itself, nothing can be said. */
function isBefore(period: Period, atMs: number): Truth {
  if (period.toMs <= atMs) return true;
  return period.fromMs >= atMs ? false : 'unknown';
}
