/** How long each unit of a duration is, milliseconds. */
export const DURATION_UNITS_MS = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
} as const;

/** A whole number and one unit: seconds, minutes, hours, days of 24 hours, or weeks of seven of them. */
export const DURATION_PATTERN = /^(\d{1,6})([smhdw])$/;

/** The length of a duration such as `90m`, `36h`, `7d` or `2w` in milliseconds; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION_PATTERN.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * DURATION_UNITS_MS[match[2] as keyof typeof DURATION_UNITS_MS];
}

/** A length as the policy language writes it, in the largest unit but weeks that leaves nothing over. */
export function formatDuration(ms: number): string {
  const unit = (['d', 'h', 'm'] as const).find((one) => ms > 0 && ms % DURATION_UNITS_MS[one] === 0) ?? 's';
  return `${ms / DURATION_UNITS_MS[unit]}${unit}`;
}
