import {
  carriesZone,
  compileDateFormat,
  type DateUnit,
  instantAtOffset,
  LONGEST_UNIT_MS,
  unitOf,
} from './date-format.ts';
import { breakOfDay, dayAt, instantOf, startOfDay } from './zone.ts';

/** The time that a date names: from its first instant to the first one after it, epoch milliseconds. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Compiles a reader of dates in a date-fns format.
 *
 * A date without a time of day is its whole day in the zone (a month, a year), an instant one millisecond.
 * What does not read as the format says is undefined.
 */
export function compilePeriodReader(format: string, timeZone: string): (text: string) => Period | undefined {
  const read = compileDateFormat(format, timeZone);
  const unit = unitOf(format);
  const ownZone = carriesZone(format);
  return (text) => {
    const fromMs = read(text);
    if (fromMs === undefined) return undefined;
    if (unit === 'instant') return { fromMs, toMs: fromMs + 1 };
    const toMs = ownZone ? fromMs + LONGEST_UNIT_MS[unit] : endOf(unit, fromMs, timeZone);
    return toMs === undefined ? undefined : { fromMs, toMs };
  };
}

const ISO_DATE =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Reads `2026-01-31`, `2026-01-31T08:00` or `2026-01-31T08:00:00.000+08:00`; in the zone when it names none. */
export function readIsoPeriod(text: string, timeZone: string): Period | undefined {
  const match = ISO_DATE.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  if (hour === undefined) {
    const fromMs = startOfDay(Number(year), Number(month), Number(day), timeZone);
    const toMs = fromMs === undefined ? undefined : endOf('day', fromMs, timeZone);
    return fromMs === undefined || toMs === undefined ? undefined : { fromMs, toMs };
  }
  const wall = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second ?? 0),
    millisecond: Number((fraction ?? '').padEnd(3, '0')),
  };
  const fromMs = zone === undefined ? instantOf(wall, timeZone) : instantAtOffset(wall, zone);
  return fromMs === undefined ? undefined : { fromMs, toMs: fromMs + 1 };
}

/** The first instant after the unit that begins at `fromMs`. */
function endOf(unit: DateUnit, fromMs: number, timeZone: string): number | undefined {
  const { year, month, day } = dayAt(fromMs, timeZone);
  const next = new Date(0);
  const months = { year: 12, quarter: 3, month: 1, week: 0, day: 0, instant: 0 }[unit];
  const days = { year: 0, quarter: 0, month: 0, week: 7, day: 1, instant: 0 }[unit];
  next.setUTCFullYear(year, month - 1 + months, day + days);
  return breakOfDay(next.getUTCFullYear(), next.getUTCMonth() + 1, next.getUTCDate(), timeZone);
}
