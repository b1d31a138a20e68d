import { describe, expect, it } from 'vitest';
import { lookAgain, PATIENCE_MS } from '../../../lib/inventory/look-again.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

async function patienceOf(visibleAfterMs?: number): Promise<number> {
  const clock = virtualClock();
  const startedAtMs = clock.now();
  const time = { leftMs: () => Number.POSITIVE_INFINITY };
  await lookAgain({ clock, time, isWaiting: () => true, look: async () => undefined, visibleAfterMs });
  return clock.now() - startedAtMs;
}

describe('lookAgain', () => {
  it('waits a minute where nothing is known, or changes are known to show soon', async () => {
    expect(await patienceOf()).toBe(PATIENCE_MS);
    expect(await patienceOf(PATIENCE_MS / 2)).toBe(PATIENCE_MS);
  });

  it('waits twice as long as changes are known to take, where that is longer', async () => {
    expect(await patienceOf(120_000)).toBeGreaterThanOrEqual(240_000);
    expect(await patienceOf(120_000)).toBeLessThan(280_000);
  });
});
