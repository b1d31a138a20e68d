import { afterAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../emulator/random.ts';
import { loadBundle } from '../support/in-bundle.ts';
import { goThrough, POLICIES, type PolicyName } from './journey.ts';
import { faultsOf } from './judge.ts';
import { READINGS, type ReadingOfService } from './readings.ts';

/** More with `READINGS_PAIRS=1000`, others with `READINGS_SEED=2`. */
const PAIRS = Number(process.env.READINGS_PAIRS ?? 200);
const SEED = Number(process.env.READINGS_SEED ?? 1);
/** Pairs that go on side by side: they wait for sockets more than they compute. */
const SIDE_BY_SIDE = 4;

describe('a run under each reading of the service', () => {
  const bundle = loadBundle();
  afterAll(() => bundle.close());

  for (const reading of READINGS) {
    const does = reading.ends === 'through' ? 'goes through' : 'tells';

    it(`${reading.name}: the built function ${does}`, { timeout: 60_000 }, async () => {
      expect(faultsOf(await goThrough([reading], 'all', { bundle }), [reading])).toEqual([]);
    });

    it.each(POLICIES.filter((name) => name !== 'all'))(
      `${reading.name}: it ${does}, policy %s`,
      { timeout: 60_000 },
      async (name) => {
        expect(faultsOf(await goThrough([reading], name), [reading])).toEqual([]);
      },
    );
  }
});

describe('a run under two readings at once', () => {
  it(`never tells success of what was not done, in ${PAIRS} pairs`, { timeout: 30 * 60_000 }, async () => {
    const cases = drawPairs(PAIRS, SEED);
    const wrong: string[] = [];
    const next = async (): Promise<void> => {
      for (let drawn = cases.pop(); drawn !== undefined; drawn = cases.pop()) {
        const { pair, name } = drawn;
        const faults = faultsOf(await goThrough(pair, name), pair);
        if (faults.length > 0)
          wrong.push(`${pair.map((one) => one.name).join(' + ')} (${name}): ${faults.join('; ')}`);
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, next));

    expect(wrong).toEqual([]);
  });
});

interface DrawnPair {
  readonly pair: readonly [ReadingOfService, ReadingOfService];
  readonly name: PolicyName;
}

/** Pairs of readings that do not speak of the same thing, each once at most for each policy. */
function drawPairs(count: number, seed: number): DrawnPair[] {
  const random = seededRandom(seed);
  const all = READINGS.flatMap((a, at) =>
    READINGS.slice(at + 1)
      .filter((b) => Object.keys(b.behavior ?? {}).every((key) => !Object.hasOwn(a.behavior ?? {}, key)))
      .flatMap((b) => POLICIES.map((name): DrawnPair => ({ pair: [a, b], name }))),
  );
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all.slice(0, count);
}
