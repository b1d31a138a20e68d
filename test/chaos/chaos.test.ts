import { describe, expect, it } from 'vitest';
import { chaos } from './chaos.ts';

/** Enough for some runs to begin, be killed and go on; `npm run chaos -- --minutes N` takes as long as one likes. */
const SECONDS = 30;

describe('half a minute in which everything goes wrong', () => {
  it('can be undone to what the account would be had the function never run', async () => {
    const result = await chaos({ seed: 7, ms: SECONDS * 1000 });

    expect(result.broken).toEqual([]);
    expect(result.removed).toBeGreaterThan(0);
    expect(result.undone).toBeGreaterThan(0);
    expect(result.acts.size).toBeGreaterThan(5);
  }, 300_000);
});
