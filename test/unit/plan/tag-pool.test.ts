import { describe, expect, it } from 'vitest';
import { createTagPool } from '../../../lib/plan/tag-pool.ts';

describe('createTagPool', () => {
  it('gives one frozen object for equal tags, and another where key, value or rule differ', () => {
    const pool = createTagPool();
    const tag = pool('ci-run', '1', 'remove[0]');

    expect(pool('ci-run', '1', 'remove[0]')).toBe(tag);
    expect(Object.isFrozen(tag)).toBe(true);
    for (const other of [
      pool('ci-run', '2', 'remove[0]'),
      pool('ci-run', '1', 'remove[1]'),
      pool('ci-job', '1', 'remove[0]'),
    ]) {
      expect(other).not.toEqual(tag);
    }
  });

  it('forgets, rather than grow without an end, and still gives what was asked for', () => {
    const pool = createTagPool();
    const first = pool('ci-run', '0', 'remove[0]');
    for (let n = 1; n < 200_000; n += 1) pool('ci-run', String(n), 'remove[0]');

    const again = pool('ci-run', '0', 'remove[0]');

    expect(again).not.toBe(first);
    expect(again).toEqual(first);
  });
});
