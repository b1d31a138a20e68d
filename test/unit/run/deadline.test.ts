import { describe, expect, it } from 'vitest';
import { createTimeLeft } from '../../../lib/run/deadline.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

describe('createTimeLeft', () => {
  it('never ends where there is no deadline', () => {
    const time = createTimeLeft({ clock: virtualClock() });

    expect(time.leftMs()).toBe(Number.POSITIVE_INFINITY);
    expect(time.mayStart()).toBe(true);
  });

  it('keeps back what the records need, and twice the slowest call', () => {
    const clock = virtualClock();
    const deadlineAtMs = clock.now() + 60_000;
    let slowestMs = 0;
    const time = createTimeLeft({ clock, deadlineAtMs, slowestCallMs: () => slowestMs });

    expect(time.leftMs()).toBe(60_000 - 3000 - 2 * 1000);
    slowestMs = 7000;
    expect(time.leftMs()).toBe(60_000 - 3000 - 2 * 7000);
    clock.advance(43_000);
    expect(time.mayStart()).toBe(false);
  });

  it('keeps back at most two fifths of the whole time', () => {
    const clock = virtualClock();
    const time = createTimeLeft({ clock, deadlineAtMs: clock.now() + 10_000, slowestCallMs: () => 60_000 });

    expect(time.leftMs()).toBe(6000);
  });

  it('leaves time for what must follow', () => {
    const clock = virtualClock();
    const time = createTimeLeft({ clock, deadlineAtMs: clock.now() + 60_000, afterMs: () => 20_000 });

    expect(time.leftMs()).toBe(60_000 - 5000 - 20_000);
  });
});
