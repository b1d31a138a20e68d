import { tzOffset } from '@date-fns/tz';

/** A wall-clock time; month and day count from 1. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

const MINUTE_MS = 60_000;

/** Whether the name is a time zone of the IANA database, or an offset such as `+08:00`. */
export function isTimeZone(name: string): boolean {
  if (/^[+-](0\d|1[0-4]):[0-5]\d$/.test(name)) return true;
  try {
    // tzOffset alone would take any text with an offset in it.
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

/**
 * The instant of a wall-clock time in a zone, epoch milliseconds; undefined for a time that does not exist:
 * the 30th of February, or an hour that a change of clocks skips. Of an hour that comes twice, the first.
 */
export function instantOf(wall: WallTime, timeZone: string): number | undefined {
  const utcMs = utcInstantOf(wall);
  if (utcMs === undefined || timeZone === 'UTC') return utcMs;
  // The offset differs from the one asked for only near a change of clocks, so the two days around know both.
  for (const probeMs of [utcMs - 86_400_000, utcMs + 86_400_000]) {
    const atMs: number = utcMs - offsetMs(timeZone, probeMs);
    if (atMs + offsetMs(timeZone, atMs) === utcMs) return atMs;
  }
  return undefined;
}

/**
 * The first instant of a day in a zone, which is not midnight where the clocks skip it; undefined for a day
 * that does not exist.
 */
export function startOfDay(year: number, month: number, day: number, timeZone: string): number | undefined {
  const midnight = { year, month, day, hour: 0, minute: 0, second: 0, millisecond: 0 };
  const utcMs = utcInstantOf(midnight);
  if (utcMs === undefined) return undefined;
  return instantOf(midnight, timeZone) ?? utcMs - offsetMs(timeZone, utcMs - 86_400_000);
}

/** The day that it is in a zone at an instant. */
export function dayAt(atMs: number, timeZone: string): { year: number; month: number; day: number } {
  const wall = new Date(atMs + (timeZone === 'UTC' ? 0 : offsetMs(timeZone, atMs)));
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate() };
}

function utcInstantOf(wall: WallTime): number | undefined {
  if (wall.year < 1) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(wall.year, wall.month - 1, wall.day);
  date.setUTCHours(wall.hour, wall.minute, wall.second, wall.millisecond);
  const exists =
    date.getUTCMonth() === wall.month - 1 &&
    date.getUTCDate() === wall.day &&
    date.getUTCHours() === wall.hour &&
    date.getUTCMinutes() === wall.minute &&
    date.getUTCSeconds() === wall.second &&
    date.getUTCMilliseconds() === wall.millisecond;
  return exists ? date.getTime() : undefined;
}

function offsetMs(timeZone: string, atMs: number): number {
  return tzOffset(timeZone, new Date(atMs)) * MINUTE_MS;
}
