/** The six fields of a timer's cron expression, with the least and the most of each and the names it may have. */
const FIELDS = [
  { name: 'second', least: 0, most: 59 },
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12, names: /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)$/i },
  { name: 'weekday', least: 0, most: 7, names: /^(sun|mon|tue|wed|thu|fri|sat)$/i },
] as const;

/** `*`, a value or a range, with or without a step. */
const PART = /^(?:[*?]|(\w+)(?:-(\w+))?)(?:\/([1-9]\d*))?$/;

/** What is wrong with a timer's expression (Function Compute reference, section 8.1); nothing where all is well. */
export function cronFaults(expression: string): readonly string[] {
  if (/^@every \d+[smh]$/.test(expression)) return [];
  const zoned = /^CRON_TZ=(\S+) (.*)$/.exec(expression);
  const zone = zoned?.[1];
  const fields = (zoned?.[2] ?? expression).split(' ');
  if (fields.length !== FIELDS.length) {
    return [`six fields (second minute hour day month weekday), not ${fields.length}: ${expression}`];
  }
  const faults = FIELDS.flatMap((field, index) => fieldFaults(field, fields[index] ?? ''));
  return zone === undefined || isTimeZone(zone) ? faults : [...faults, `no time zone: ${zone}`];
}

function fieldFaults(field: (typeof FIELDS)[number], text: string): readonly string[] {
  const isValue = (value: string) =>
    ('names' in field && field.names.test(value)) ||
    (/^\d+$/.test(value) && Number(value) >= field.least && Number(value) <= field.most);
  const isGood = (part: string) => {
    const match = PART.exec(part);
    return match?.slice(1, 3).every((value) => value === undefined || isValue(value)) === true;
  };
  return text.split(',').every(isGood) ? [] : [`no ${field.name}: ${text} (${field.least} to ${field.most})`];
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}
