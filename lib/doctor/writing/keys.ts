import { OWN_KEY } from '../write-guard.ts';

const own = (word: string): string => `${OWN_KEY}${word}`;

/** The keys that probes set and remove, one for each question, so that no probe spoils another. */
export const KEYS = {
  pending: own('pending'),
  end: own('end'),
  stays: own('stays'),
  goes: own('goes'),
  lower: own('case'),
  upper: own('CASE'),
  absent: own('absent'),
  token: own('token'),
  mixed: own('mixed'),
} as const;

/** Keys that no resource has, to fill a request with. */
export function absentKeys(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => own(`none-${n}`));
}
