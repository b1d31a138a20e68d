import { parseDuration } from '../lib/policy/duration.ts';
import { safeText } from '../lib/text.ts';
import type { Arguments, OptionSpecs } from './arguments.ts';
import { UsageError } from './io.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** How far back a command looks in the records. */
export const SINCE_OPTIONS: OptionSpecs = {
  since: {
    type: 'text',
    value: 'WHEN',
    help: 'a date (2026-11-01, or with a time and zone), or 7d, 36h ago',
  },
  days: { type: 'text', value: 'N', help: 'how far back; default 30' },
};

/**
 * The instant that `--since` or `--days` names, epoch milliseconds.
 *
 * @throws {UsageError}
 */
export function readSince(args: Arguments, nowMs: number): number {
  const { since } = args.texts;
  if (since === undefined) return Math.max(0, nowMs - readCount('days', args, 30) * DAY_MS);
  if (args.texts.days !== undefined) throw new UsageError('--since and --days say the same: give one.');
  const ageMs = parseDuration(since) ?? nowMs - Date.parse(since);
  if (Number.isFinite(ageMs) && ageMs >= 0) return Math.max(0, nowMs - ageMs);
  throw new UsageError(
    `--since ${safeText(since)}: it is a date before now, as 2026-11-01 or 2026-11-01T08:00+08:00, or an age, as 7d or 36h.`,
  );
}

/**
 * A whole number from 1 that a flag gives.
 *
 * @throws {UsageError}
 */
export function readCount(name: string, args: Arguments, otherwise: number): number {
  const text = args.texts[name];
  if (text === undefined) return otherwise;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} ${safeText(text)}: it is a whole number from 1.`);
}
