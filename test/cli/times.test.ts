import { afterEach, describe, expect, it } from 'vitest';
import { localTime, localTimeWithZone, zoneName } from '../../cli/times.ts';

const zone = process.env.TZ;

afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

describe('times for a person', () => {
  it.each([
    ['Asia/Shanghai', '2026-03-01 07:00:05 UTC+08:00'],
    ['America/New_York', '2026-02-28 18:00:05 UTC-05:00'],
    ['UTC', '2026-02-28 23:00:05 UTC'],
  ])('are those of the clock in %s, and say so', (name, shown) => {
    process.env.TZ = name;

    expect(localTimeWithZone('2026-02-28T23:00:05.000Z')).toBe(shown);
    expect(shown.startsWith(localTime(Date.UTC(2026, 1, 28, 23, 0, 5)))).toBe(true);
    expect(zoneName()).toBe(name);
  });

  it('follow the zone into and out of summer', () => {
    process.env.TZ = 'Europe/Berlin';

    expect(localTimeWithZone('2026-03-29T00:59:59Z')).toBe('2026-03-29 01:59:59 UTC+01:00');
    expect(localTimeWithZone('2026-03-29T01:00:00Z')).toBe('2026-03-29 03:00:00 UTC+02:00');
  });

  it('leave as it is what is no time', () => {
    expect(localTimeWithZone('yesterday')).toBe('yesterday');
    expect(localTime('')).toBe('');
  });
});
