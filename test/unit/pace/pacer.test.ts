import { describe, expect, it } from 'vitest';
import { createPacer } from '../../../lib/pace/pacer.ts';
import type { ApiName } from '../../../lib/ports.ts';
import { aFailure } from '../../support/scripted-eci.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

function aPacer(
  part: {
    readonly share?: number;
    readonly concurrency?: number;
    readonly deadlineMs?: number;
    /** Calls that count already, milliseconds before the first. */
    readonly before?: readonly { api: ApiName; region: string; calls: number; agoMs: number }[];
  } = {},
) {
  const clock = virtualClock();
  const startMs = clock.now();
  const { share = 0.001, concurrency = 8, deadlineMs = Number.POSITIVE_INFINITY } = part;
  const pacer = createPacer({
    pace: { share, concurrency },
    clock,
    deadlineAtMs: startMs + deadlineMs,
    before: part.before?.map(({ agoMs, ...one }) => ({ ...one, lastAtMs: startMs - agoMs })),
  });
  const sent: string[] = [];
  const send = (api: ApiName, region: string, error?: unknown) =>
    pacer.schedule(api, region, async () => {
      sent.push(`${api} ${region} ${clock.now() - startMs}`);
      await clock.sleep(10);
      if (error !== undefined) throw error;
    });
  return { pacer, send, sent, clock };
}

describe('createPacer', () => {
  it('has a window for each API and region', async () => {
    const { send, sent } = aPacer();

    await Promise.all([
      send('UntagResources', 'a'),
      send('UntagResources', 'a'),
      send('UntagResources', 'b'),
      send('TagResources', 'a'),
    ]);

    expect(sent).toEqual([
      'UntagResources a 0',
      'UntagResources b 0',
      'TagResources a 0',
      'UntagResources a 60250',
    ]);
  });

  it('shares the slots of a region among its APIs, and not with other regions', async () => {
    const { send, sent } = aPacer({ share: 1, concurrency: 1 });

    await Promise.all([send('UntagResources', 'a'), send('TagResources', 'a'), send('TagResources', 'b')]);

    expect(sent).toEqual(['UntagResources a 0', 'TagResources b 0', 'TagResources a 10']);
  });

  it.each([
    { kind: 'throttled', slows: true },
    { kind: 'unavailable', slows: false },
  ] as const)('slows down after a call that was $kind: $slows', async ({ kind, slows }) => {
    const { send, sent } = aPacer({ share: 1 });
    await send('UntagResources', 'a', aFailure(kind)).catch(() => undefined);

    await send('UntagResources', 'a');

    const atMs = Number(sent[1]!.split(' ')[2]);
    if (slows) expect(atMs).toBeGreaterThan(100);
    else expect(atMs).toBe(10);
  });

  it('does not take any other error for a throttle', async () => {
    const { send, sent } = aPacer({ share: 1 });
    await send('UntagResources', 'a', { kind: 'throttled' }).catch(() => undefined);

    await send('UntagResources', 'a');

    expect(sent[1]).toBe('UntagResources a 10');
  });

  it('refuses what comes too late', async () => {
    const { send, sent } = aPacer({ deadlineMs: 1000 });
    await send('UntagResources', 'a');

    await expect(send('UntagResources', 'a')).rejects.toBe('DeadlineReached');
    expect(sent).toHaveLength(1);
  });

  it('refuses what waits and what comes after a stop, for APIs that were never called as well', async () => {
    const { pacer, send, sent, clock } = aPacer();
    await send('UntagResources', 'a');
    const waiting = send('UntagResources', 'a');
    await clock.sleep(1);

    pacer.stop();

    await expect(waiting).rejects.toBe('Stopped');
    await expect(send('UntagResources', 'a')).rejects.toBe('Stopped');
    await expect(send('ListTagResources', 'z')).rejects.toBe('Stopped');
    expect(sent).toHaveLength(1);
  });

  it('goes on with the windows of whoever was at work before', async () => {
    const { send, sent } = aPacer({
      share: 0.003,
      before: [
        { api: 'UntagResources', region: 'a', calls: 1, agoMs: 40_000 },
        { api: 'UntagResources', region: 'a', calls: 1, agoMs: 10_000 },
        { api: 'UntagResources', region: 'b', calls: 99, agoMs: 10_000 },
        // By a clock that is fast.
        { api: 'TagResources', region: 'a', calls: 3, agoMs: -5000 },
      ],
    });

    const calls = ['a', 'a', 'a', 'b'].map((region) => send('UntagResources', region));
    await Promise.all([...calls, send('TagResources', 'a'), send('TagResources', 'b')]);

    expect(sent).toEqual([
      'UntagResources a 0',
      'TagResources b 0',
      'UntagResources a 20250',
      'UntagResources b 50250',
      'UntagResources a 50250',
      'TagResources a 60250',
    ]);
  });

  it('tells what counts in its windows, what came with it and was not used included', async () => {
    const unused = { api: 'TagResources', region: 'c', calls: 7 } as const;
    const { pacer, send, clock } = aPacer({
      share: 0.5,
      before: [
        { ...unused, agoMs: 30_000 },
        { ...unused, agoMs: 70_000 },
      ],
    });
    const startMs = clock.now();
    await Promise.all([send('UntagResources', 'a'), send('UntagResources', 'a')]);

    expect(pacer.sent()).toEqual([
      { api: 'UntagResources', region: 'a', calls: 2, lastAtMs: startMs },
      { ...unused, lastAtMs: startMs - 30_000 },
    ]);
    clock.advance(40_000);
    expect(pacer.sent()).toEqual([{ api: 'UntagResources', region: 'a', calls: 2, lastAtMs: startMs }]);
  });

  it('tells little of many windows', async () => {
    const { pacer, send, clock } = aPacer({ share: 1 });
    const regions = Array.from({ length: 31 }, (_, at) => `region-${at}`);
    await Promise.all(regions.map((region) => send('UntagResources', region)));
    clock.advance(20_000);
    await Promise.all(regions.map((region) => send('UntagResources', region)));

    const told = pacer.sent();

    expect(told).toHaveLength(31);
    expect(new Set(told.map(({ calls }) => calls))).toEqual(new Set([2]));
  });
});
