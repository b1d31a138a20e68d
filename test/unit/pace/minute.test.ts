import { describe, expect, it } from 'vitest';
import { createMinute } from '../../../lib/pace/minute.ts';

const SECOND = 1000;
const MINUTE = 60_250;

/** A minute's count that has admitted `calls` evenly in the first ten seconds, out of 100 published. */
function aMinute(calls = 50) {
  const minute = createMinute(100);
  const admit = (nowMs: number) => {
    minute.sent(nowMs);
    minute.answered(nowMs, false);
  };
  for (let call = 0; call < calls; call++) admit((call * 10 * SECOND) / calls);
  return { minute, admit };
}

/** One that learned: its window closed at 10 s, and opened after `restMs`. */
function aMinuteThatClosed(restMs: number, calls?: number) {
  const made = aMinute(calls);
  made.minute.close(10 * SECOND);
  made.minute.open(10 * SECOND + restMs);
  return made;
}

/** How many calls fit at an instant; they are made. */
function most({ minute, admit }: ReturnType<typeof aMinute>, atMs: number): number {
  let calls = 0;
  for (; calls < 200 && minute.readyAtMs(atMs) === atMs; calls++) admit(atMs);
  return calls;
}

describe('createMinute', () => {
  it('holds nothing back before a window has closed', () => {
    const { minute } = aMinute(5000);

    expect(minute.readyAtMs(10 * SECOND)).toBe(10 * SECOND);
  });

  it('admits no more in a minute than the window that closed, once it has opened again', () => {
    const { minute, admit } = aMinuteThatClosed(40 * SECOND);
    for (let call = 0; call < 49; call++) admit(51 * SECOND);

    expect(minute.readyAtMs(52 * SECOND)).toBe(52 * SECOND);
    admit(52 * SECOND);
    expect(minute.readyAtMs(53 * SECOND)).toBe(51 * SECOND + MINUTE);
    expect(minute.readyAtMs(51 * SECOND + MINUTE)).toBe(51 * SECOND + MINUTE);
  });

  it('counts what is in flight, and forgets what was throttled', () => {
    const { minute, admit } = aMinuteThatClosed(40 * SECOND);
    for (let call = 0; call < 49; call++) admit(51 * SECOND);
    minute.sent(52 * SECOND);

    expect(minute.readyAtMs(52 * SECOND)).toBe(51 * SECOND + MINUTE);
    minute.answered(53 * SECOND, true);
    expect(minute.readyAtMs(53 * SECOND)).toBe(53 * SECOND);
  });

  it('says, while it is closed, when the minute is over that was counted', () => {
    const { minute } = aMinute();
    minute.close(10 * SECOND);

    expect(minute.readyAtMs(10 * SECOND)).toBe(MINUTE);
  });

  it('learns nothing from a rest that is too short for a window of a minute', () => {
    const { minute, admit } = aMinuteThatClosed(9 * SECOND);
    for (let call = 0; call < 500; call++) admit(20 * SECOND);

    expect(minute.readyAtMs(20 * SECOND)).toBe(20 * SECOND);
  });

  it('learns nothing from so few calls that others must have had the rest', () => {
    const { minute, admit } = aMinuteThatClosed(40 * SECOND, 19);
    for (let call = 0; call < 500; call++) admit(51 * SECOND);

    expect(minute.readyAtMs(51 * SECOND)).toBe(51 * SECOND);
  });

  it('tries a little more when no window has closed for long, and takes it back when one does', () => {
    const made = aMinuteThatClosed(40 * SECOND);

    expect(most(made, 60 * SECOND)).toBe(50);
    expect(most(made, 125 * SECOND)).toBe(50);
    // 50 and three per cent, from the call on that would have been held back.
    expect(most(made, 190 * SECOND)).toBe(52);
    made.minute.close(191 * SECOND);
    made.minute.open(230 * SECOND);
    expect(most(made, 260 * SECOND)).toBe(50);
  });

  it('tries no more where the limit was not reached, however long that lasts', () => {
    const made = aMinuteThatClosed(40 * SECOND);
    for (let atMs = 120 * SECOND; atMs <= 300 * SECOND; atMs += 30 * SECOND) made.admit(atMs);

    // The first try: it was reached by the fiftieth of these.
    expect(most(made, 400 * SECOND)).toBe(52);
  });

  it('counts each of several that are in flight', () => {
    const { minute, admit } = aMinuteThatClosed(40 * SECOND);
    for (let call = 0; call < 48; call++) admit(51 * SECOND);
    for (let call = 0; call < 3; call++) minute.sent(52 * SECOND);
    minute.answered(53 * SECOND, true);

    expect(minute.readyAtMs(53 * SECOND)).toBe(51 * SECOND + MINUTE);
  });

  it('does not say when a place gets free where only calls in flight hold them', () => {
    const { minute } = aMinuteThatClosed(40 * SECOND);
    for (let call = 0; call < 50; call++) minute.sent(120 * SECOND);

    expect(minute.readyAtMs(121 * SECOND)).toBe(121 * SECOND);
  });

  it('goes on counting the last minute where that was not full when it opened', () => {
    const made = aMinute();
    made.minute.close(10 * SECOND);
    // The calls of the first 4.75 seconds are a minute old by now.
    made.minute.readyAtMs(65 * SECOND);
    made.minute.open(65 * SECOND);

    expect(most(made, 65 * SECOND)).toBe(24);
  });

  it.each([
    { what: 'a rest of just ten seconds', restMs: 10 * SECOND, calls: 50 },
    { what: 'just a fifth of what is published', restMs: 40 * SECOND, calls: 20 },
  ])('learns from $what', ({ restMs, calls }) => {
    const made = aMinuteThatClosed(restMs, calls);

    expect(most(made, 120 * SECOND)).toBe(calls);
  });

  it('forgets the limit at last where it never closes again', () => {
    const { minute, admit } = aMinuteThatClosed(40 * SECOND);
    for (let atMs = 60 * SECOND; atMs < 1000 * SECOND; atMs += 61 * SECOND) {
      for (let call = 0; call < 2000 && minute.readyAtMs(atMs) === atMs; call++) admit(atMs);
    }
    for (let call = 0; call < 3000; call++) admit(1000 * SECOND);

    expect(minute.readyAtMs(1000 * SECOND)).toBe(1000 * SECOND);
  });
});
