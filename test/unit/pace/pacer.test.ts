import { describe, expect, it } from 'vitest';
import { createPacer } from '../../../lib/pace/pacer.ts';
import type { ApiName } from '../../../lib/ports.ts';
import { aFailure } from '../../support/scripted-eci.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

function aPacer(
  part: { readonly share?: number; readonly concurrency?: number; readonly deadlineMs?: number } = {},
) {
  const clock = virtualClock();
  const startMs = clock.now();
  const { share = 0.001, concurrency = 8, deadlineMs = Number.POSITIVE_INFINITY } = part;
  const pacer = createPacer({ pace: { share, concurrency }, clock, deadlineAtMs: startMs + deadlineMs });
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
});
