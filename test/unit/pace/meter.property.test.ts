import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EciErrorKind } from '../../../lib/errors.ts';
import { meterEci } from '../../../lib/pace/meter.ts';
import { anUntagRequest as request, scriptedEci } from '../../support/scripted-eci.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

describe('meterEci', () => {
  it('never sends more than its share in any sliding minute, whatever happens', async () => {
    const schedule = fc.record({
      share: fc.constantFrom(0.01, 0.02, 0.05, 0.1),
      concurrency: fc.integer({ min: 1, max: 12 }),
      roundTripMs: fc.integer({ min: 1, max: 3000 }),
      waves: fc.array(
        fc.record({ afterMs: fc.integer({ min: 0, max: 70_000 }), calls: fc.integer({ min: 1, max: 60 }) }),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
      script: fc.array(
        fc.constantFrom('ok', 'ok', 'throttled', 'unanswered', 'unavailable', 'busy', 'rejected'),
        {
          maxLength: 150,
        },
      ),
      seed: fc.double({ min: 0, max: 0.999, noNaN: true }),
    });

    await fc.assert(
      fc.asyncProperty(schedule, async ({ share, concurrency, roundTripMs, waves, script, seed }) => {
        const clock = virtualClock();
        const cloud = scriptedEci(clock, script as (EciErrorKind | 'ok')[], roundTripMs);
        const eci = meterEci(cloud.eci, { pace: { share, concurrency }, clock, chance: () => seed });

        const calls: Promise<unknown>[] = [];
        for (const wave of waves) {
          await clock.sleep(wave.afterMs);
          for (let call = 0; call < wave.calls; call++) {
            calls.push(eci.untagResources(request).catch(() => undefined));
          }
        }
        await Promise.all(calls);

        const most = Math.floor(1000 * share);
        const times = cloud.sent.map((call) => call.atMs);
        for (let index = most; index < times.length; index++) {
          expect(times[index]! - times[index - most]!).toBeGreaterThan(60_000);
        }
        expect(cloud.peak()).toBeLessThanOrEqual(concurrency);
      }),
      { numRuns: 60 },
    );
  });
});
