import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Piece, workThrough } from '../../../lib/pace/schedule.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const piece = (...ids: string[]): Piece => ({ type: 'ContainerGroup', ids });

/** Works through pieces that take 10 ms each, and notes when each began and ended. */
async function course(
  pieces: readonly Piece[],
  part: {
    readonly concurrency?: number;
    readonly mayStart?: () => boolean;
    readonly fails?: readonly number[];
  } = {},
) {
  const clock = virtualClock();
  const startMs = clock.now();
  const events: string[] = [];
  let error: unknown;
  try {
    await workThrough(pieces, {
      concurrency: part.concurrency ?? 2,
      mayStart: part.mayStart ?? (() => true),
      work: async (one) => {
        const name = pieces.indexOf(one);
        events.push(`${name} begins`);
        await clock.sleep(10);
        events.push(`${name} ends`);
        if (part.fails?.includes(name)) throw new Error(`${name} failed`);
      },
    });
  } catch (thrown) {
    error = thrown;
  }
  return { events, tookMs: clock.now() - startMs, error };
}

describe('workThrough', () => {
  it('ends at once with nothing to do', async () => {
    expect(await course([])).toEqual({ events: [], tookMs: 0, error: undefined });
  });

  it('does pieces in order, as many at once as it may', async () => {
    const { events, tookMs } = await course([piece('1'), piece('2'), piece('3')]);

    expect(events).toEqual(['0 begins', '1 begins', '0 ends', '2 begins', '1 ends', '2 ends']);
    expect(tookMs).toBe(20);
  });

  it('never has a resource in two pieces at once, and takes another meanwhile', async () => {
    const { events } = await course([piece('1', '2'), piece('2', '3'), piece('4')]);

    expect(events).toEqual(['0 begins', '2 begins', '0 ends', '1 begins', '2 ends', '1 ends']);
  });

  it('waits where every piece left would meet one at work', async () => {
    const { events, tookMs } = await course([piece('1'), piece('1'), piece('1')], { concurrency: 3 });

    expect(events).toEqual(['0 begins', '0 ends', '1 begins', '1 ends', '2 begins', '2 ends']);
    expect(tookMs).toBe(30);
  });

  it('does not take resources of two types with one id for the same', async () => {
    const { tookMs } = await course([piece('1'), { type: 'DataCache', ids: ['1'] }]);

    expect(tookMs).toBe(10);
  });

  it('starts no further piece once it may not, and lets those at work end', async () => {
    let asked = 0;

    const { events } = await course([piece('1'), piece('2'), piece('3'), piece('4')], {
      mayStart: () => ++asked <= 2,
    });

    expect(events).toEqual(['0 begins', '1 begins', '0 ends', '1 ends']);
  });

  it('starts nothing where it may not from the beginning', async () => {
    expect((await course([piece('1')], { mayStart: () => false })).events).toEqual([]);
  });

  it('passes the first error on, after those at work have ended, and starts no further piece', async () => {
    const { events, error } = await course([piece('1'), piece('2'), piece('3')], { fails: [0, 1] });

    expect(events).toEqual(['0 begins', '1 begins', '0 ends', '1 ends']);
    expect(error).toEqual(new Error('0 failed'));
  });

  it('leaves the list of its caller as it was', async () => {
    const pieces = [piece('1'), piece('2')];

    await course(pieces);

    expect(pieces).toEqual([piece('1'), piece('2')]);
  });

  it('does every piece once, whatever meets whatever', async () => {
    const some = fc.array(
      fc.uniqueArray(fc.constantFrom('1', '2', '3', '4', '5'), { minLength: 1, maxLength: 3 }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(some, fc.integer({ min: 1, max: 4 }), async (ids, concurrency) => {
        const pieces = ids.map((own) => piece(...own));
        const { events } = await course(pieces, { concurrency });
        const atWork = new Set<number>();
        for (const event of events) {
          const [name, what] = event.split(' ') as [string, string];
          if (what === 'ends') {
            atWork.delete(Number(name));
            continue;
          }
          for (const other of atWork) {
            expect(pieces[other]!.ids.some((id) => pieces[Number(name)]!.ids.includes(id))).toBe(false);
          }
          atWork.add(Number(name));
          expect(atWork.size).toBeLessThanOrEqual(concurrency);
        }
        expect(events.filter((event) => event.endsWith('begins'))).toHaveLength(pieces.length);
      }),
      { numRuns: 30 },
    );
  });
});
