import { describe, expect, it } from 'vitest';
import { createWindow, WINDOW_MS } from '../../../lib/pace/window.ts';

describe('createWindow', () => {
  it('lets as many calls go as its limit, and the next when the first is old enough', () => {
    const window = createWindow(2, 100);

    expect(window.readyAtMs(0)).toBe(0);
    window.take(0);
    expect(window.readyAtMs(10)).toBe(10);
    window.take(10);
    expect(window.readyAtMs(20)).toBe(100);
    expect(window.readyAtMs(99)).toBe(100);
    expect(window.readyAtMs(101)).toBe(101);
  });

  it('slides: each call waits for the one that was its limit before it', () => {
    const window = createWindow(2, 100);
    for (const atMs of [0, 10, 100]) window.take(atMs);

    expect(window.readyAtMs(100)).toBe(110);
    window.take(110);
    expect(window.readyAtMs(110)).toBe(200);
    window.take(250);
    expect(window.readyAtMs(250)).toBe(250);
  });

  it('counts a little more than the minute that is promised', () => {
    const window = createWindow(1);
    window.take(0);

    expect(window.readyAtMs(0)).toBe(WINDOW_MS);
    expect(WINDOW_MS).toBeGreaterThan(60_000);
  });

  it('tells what still counts, calls of about the same time as one', () => {
    const window = createWindow(4, 100);
    for (const atMs of [0, 30, 35, 62, 70]) window.take(atMs);

    expect(window.counted(80, 10)).toEqual([
      { calls: 2, lastAtMs: 35 },
      { calls: 2, lastAtMs: 70 },
    ]);
    expect(window.counted(80, 100)).toEqual([{ calls: 4, lastAtMs: 70 }]);
    expect(window.counted(135, 10)).toEqual([{ calls: 2, lastAtMs: 70 }]);
    expect(window.counted(170, 10)).toEqual([]);
    expect(createWindow(4).counted(0, 10)).toEqual([]);
  });
});
