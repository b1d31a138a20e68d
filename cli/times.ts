import { format } from 'date-fns';

const TIME = 'yyyy-MM-dd HH:mm:ss';

/** The zone that times are shown in: that of `TZ`, else of the machine. */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * An instant as the person's clock shows it, for a column whose head names the zone: `2026-11-24 22:07:10`.
 *
 * @param instant - ISO 8601 or epoch milliseconds; anything else, as it may stand in a record, is told as it is.
 */
export function localTime(instant: string | number): string {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? String(instant) : format(date, TIME);
}

/** The same with its zone: `2026-11-24 22:07:10 UTC+08:00`. */
export function localTimeWithZone(instant: string | number): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return String(instant);
  const offset = format(date, 'xxx');
  return `${format(date, TIME)} UTC${offset === '+00:00' ? '' : offset}`;
}
