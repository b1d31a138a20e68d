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
const DAY_MS = 86_400_000;

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
 * The instant of a wall-clock time in a zone, epoch milliseconds; undefined for a time that does not exist,
 * such as the 30th of February or an hour that a change of clocks skips, and for one that comes twice.
 */
export function instantOf(wall: WallTime, timeZone: string): number | undefined {
  const [atMs, ...more] = instantsOf(wall, timeZone);
  return more.length === 0 ? atMs : undefined;
}

/**
 * The first instant of a day in a zone, which is not midnight where the clocks skip it; undefined for a day
 * that does not exist, anywhere or in this zone, whose clocks may skip a whole one.
 */
export function startOfDay(year: number, month: number, day: number, timeZone: string): number | undefined {
  const atMs = breakOfDay(year, month, day, timeZone);
  return atMs !== undefined && dayAt(atMs, timeZone).day === day ? atMs : undefined;
}

/** The first instant that is not before a day in a zone; of a day that the zone skips, that of the next. */
export function breakOfDay(year: number, month: number, day: number, timeZone: string): number | undefined {
  const midnight = { year, month, day, hour: 0, minute: 0, second: 0, millisecond: 0 };
  const utcMs = utcInstantOf(midnight);
  if (utcMs === undefined) return undefined;
  return instantsOf(midnight, timeZone)[0] ?? utcMs - offsetMs(timeZone, utcMs - DAY_MS);
}

/** Every instant at which the clocks of a zone show this time, in order. */
function instantsOf(wall: WallTime, timeZone: string): readonly number[] {
  const utcMs = utcInstantOf(wall);
  if (utcMs === undefined) return [];
  if (timeZone === 'UTC') return [utcMs];
  // The offset differs from the one asked for only near a change of clocks, so the two days around know both.
  const probes = [utcMs - DAY_MS, utcMs + DAY_MS].map((probeMs) => utcMs - offsetMs(timeZone, probeMs));
  const shown = probes.filter((atMs) => atMs + offsetMs(timeZone, atMs) === utcMs);
  return [...new Set(shown)].sort((a, b) => a - b);
}

/** The day that it is in a zone at an instant. */
export function dayAt(atMs: number, timeZone: string): { year: number; month: number; day: number } {
  const { year, month, day } = wallTimeOf(atMs + (timeZone === 'UTC' ? 0 : offsetMs(timeZone, atMs)));
  return { year, month, day };
}

/** What clocks in UTC show at an instant. */
export function wallTimeOf(atMs: number): WallTime {
  const date = new Date(atMs);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
  };
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
