import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import { createLimiter } from '../../../lib/pace/limiter.ts';
import { createWindow } from '../../../lib/pace/window.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

interface Part {
  readonly slots?: number;
  readonly perWindow?: number;
  /** From the start. */
  readonly deadlineMs?: number;
}

/** A limiter whose tracker does as the test says: calls may go from `readyMs` on, counted from the start. */
function aLimiter(part: Part = {}) {
  const clock = virtualClock();
  const startMs = clock.now();
  const tracked: string[] = [];
  const tracker = {
    readyMs: 0,
    readyAtMs: (nowMs: number) => Math.max(nowMs, startMs + tracker.readyMs),
    sent: (nowMs: number) => void tracked.push(`sent ${nowMs - startMs}`),
    answered: (nowMs: number, sentAtMs: number, throttled: boolean) => {
      tracked.push(`answered ${nowMs - startMs} ${sentAtMs - startMs} ${throttled}`);
      tracker.onAnswer?.();
    },
    rate: () => 1,
    onAnswer: undefined as (() => void) | undefined,
  };
  const limiter = createLimiter({
    window: createWindow(part.perWindow ?? 1000, 1000),
    tracker,
    clock,
    isThrottle: (error) => error === 'throttled',
    slots: pLimit(part.slots ?? 100),
    deadlineAtMs: startMs + (part.deadlineMs ?? Number.POSITIVE_INFINITY),
    tooLate: () => 'too late',
  });
  const sent: string[] = [];
  const send = (name: string, takesMs = 10, error?: unknown) =>
    limiter.schedule(async () => {
      sent.push(`${name} at ${clock.now() - startMs}`);
      await clock.sleep(takesMs);
      if (error !== undefined) throw error;
      return name;
    });
  return { limiter, tracker, tracked, clock, startMs, send, sent };
}

describe('createLimiter', () => {
  it('sends at once, in order, what the pace allows', async () => {
    const { send, sent, tracked } = aLimiter();

    const answers = await Promise.all([send('a'), send('b', 5)]);

    expect(answers).toEqual(['a', 'b']);
    expect(sent).toEqual(['a at 0', 'b at 0']);
    expect(tracked).toEqual(['sent 0', 'sent 0', 'answered 5 0 false', 'answered 10 0 false']);
  });

  it('waits for the tracker', async () => {
    const { send, sent, tracker } = aLimiter();
    tracker.readyMs = 70;

    await Promise.all([send('a'), send('b')]);

    expect(sent).toEqual(['a at 70', 'b at 70']);
  });

  it('waits for the window, which counts a call in the instant in which it is sent', async () => {
    const { send, sent } = aLimiter({ perWindow: 2 });

    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => send(name)));

    expect(sent).toEqual(['a at 0', 'b at 0', 'c at 1000', 'd at 1000', 'e at 2000']);
  });

  it('tells the tracker which failures were throttles, and passes all of them on', async () => {
    const { send, tracked } = aLimiter();

    const results = await Promise.allSettled([send('a', 5, 'throttled'), send('b', 6, 'other')]);

    expect(results).toEqual([
      { status: 'rejected', reason: 'throttled' },
      { status: 'rejected', reason: 'other' },
    ]);
    expect(tracked.slice(2)).toEqual(['answered 5 0 true', 'answered 6 0 false']);
  });

  it('looks at the pace again after it waited for a slot', async () => {
    const { send, sent, tracker } = aLimiter({ slots: 1 });
    tracker.onAnswer = () => {
      tracker.readyMs = 200;
      tracker.onAnswer = undefined;
    };

    await Promise.all([send('a', 50, 'throttled').catch(() => undefined), send('b')]);

    expect(sent).toEqual(['a at 0', 'b at 200']);
  });

  it('keeps to the slots, in order', async () => {
    const { send, sent } = aLimiter({ slots: 2 });

    await Promise.all([send('a', 10), send('b', 30), send('c', 10), send('d', 10)]);

    expect(sent).toEqual(['a at 0', 'b at 0', 'c at 10', 'd at 20']);
  });

  it('is woken early by an answer after which the pace allows more', async () => {
    const { send, sent, tracker, clock } = aLimiter();
    const first = send('a', 100);
    await clock.sleep(0);
    tracker.readyMs = 5000;
    tracker.onAnswer = () => {
      tracker.readyMs = 0;
    };

    await Promise.all([first, send('b')]);

    expect(sent).toEqual(['a at 0', 'b at 100']);
  });

  it('sleeps on where an answer changes nothing', async () => {
    const { send, sent, tracker, clock } = aLimiter();
    const first = send('a', 100);
    await clock.sleep(0);
    tracker.readyMs = 5000;

    await Promise.all([first, send('b')]);

    expect(sent).toEqual(['a at 0', 'b at 5000']);
  });

  it('refuses at once what cannot be sent before the deadline, without sending it', async () => {
    const { send, sent, tracker, clock, startMs } = aLimiter({ deadlineMs: 100 });
    tracker.readyMs = 100;

    const results = await Promise.allSettled([send('a'), send('b')]);

    expect(results).toEqual([
      { status: 'rejected', reason: 'too late' },
      { status: 'rejected', reason: 'too late' },
    ]);
    expect(sent).toEqual([]);
    expect(clock.now()).toBe(startMs);
  });

  it('sends what is due just before the deadline', async () => {
    const { send, sent, tracker } = aLimiter({ deadlineMs: 100 });
    tracker.readyMs = 99;

    await send('a');

    expect(sent).toEqual(['a at 99']);
  });

  it('refuses what got its slot at the deadline, and later ones too', async () => {
    const { send, sent } = aLimiter({ deadlineMs: 100, slots: 1 });

    const results = await Promise.allSettled([send('a', 100), send('b'), send('c')]);

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(sent).toEqual(['a at 0']);
    await expect(send('d')).rejects.toBe('too late');
  });

  it('refuses what waits and whatever comes once it is stopped; calls in flight go on', async () => {
    const { send, sent, limiter, tracker, clock } = aLimiter({ slots: 1 });
    const [one, two] = [send('a', 50), send('b')];
    await clock.sleep(10);
    tracker.readyMs = 5000;

    limiter.stop('enough');
    limiter.stop('again');

    await expect(two).rejects.toBe('enough');
    await expect(send('c')).rejects.toBe('enough');
    await expect(one).resolves.toBe('a');
    expect(sent).toEqual(['a at 0']);
  });

  it('ends its sleep when it is stopped', async () => {
    const { send, limiter, tracker, clock, startMs } = aLimiter();
    tracker.readyMs = 5000;
    const call = send('a');
    await clock.sleep(10);

    limiter.stop('enough');

    await expect(call).rejects.toBe('enough');
    await clock.sleep(0);
    expect(clock.sleeping).toBe(0);
    expect(clock.now() - startMs).toBe(10);
  });

  it('serves again after its queue ran empty', async () => {
    const { send, sent, clock } = aLimiter();
    await send('a');
    await clock.sleep(90);

    await send('b');

    expect(sent).toEqual(['a at 0', 'b at 100']);
  });

  it('takes calls while it serves others, and keeps their order', async () => {
    const { send, sent, tracker, clock } = aLimiter();
    tracker.readyMs = 50;
    const first = send('a');
    await clock.sleep(10);

    await Promise.all([first, send('b'), send('c')]);

    expect(sent).toEqual(['a at 50', 'b at 50', 'c at 50']);
  });

  it('keeps the order of thousands', async () => {
    const { limiter, clock } = aLimiter({ perWindow: 10_000 });
    const sent: number[] = [];

    await Promise.all(
      Array.from({ length: 3000 }, (_, n) =>
        limiter.schedule(async () => {
          sent.push(n);
          await clock.sleep(1);
        }),
      ),
    );

    expect(sent).toEqual(Array.from({ length: 3000 }, (_, n) => n));
  });

  it('refuses at once at the deadline though every slot is taken', async () => {
    const { send, tracker, clock, startMs } = aLimiter({ deadlineMs: 100, slots: 1 });
    const first = send('a', 500);
    await clock.sleep(10);
    tracker.readyMs = 200;

    await expect(send('b')).rejects.toBe('too late');
    await expect(send('c')).rejects.toBe('too late');

    expect(clock.now() - startMs).toBe(10);
    await first;
  });
});
