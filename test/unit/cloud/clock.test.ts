import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../lib/cloud/clock.ts';

describe('createSystemClock', () => {
  it('counts whole epoch milliseconds, and never back', () => {
    const clock = createSystemClock();
    const instants = Array.from({ length: 1000 }, () => clock.now());

    expect(instants.every(Number.isInteger)).toBe(true);
    expect(instants).toEqual([...instants].sort((a, b) => a - b));
    expect(new Date(instants[0]!).getUTCFullYear()).toBeGreaterThan(2000);
  });

  it('sleeps no shorter than asked', async () => {
    const clock = createSystemClock();
    const before = clock.now();

    await clock.sleep(20);

    expect(clock.now() - before).toBeGreaterThanOrEqual(19);
  });

  it('ends a sleep with the reason of the signal, and leaves no timer', async () => {
    const clock = createSystemClock();
    const abort = new AbortController();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();

    const sleep = clock.sleep(3_000_000_000, abort.signal);
    abort.abort('enough');

    await expect(sleep).rejects.toBe('enough');
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('does not begin to sleep when the signal has aborted before', async () => {
    await expect(createSystemClock().sleep(60_000, AbortSignal.abort('early'))).rejects.toBe('early');
  });
});
