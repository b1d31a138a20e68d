import { describe, expect, it } from 'vitest';
import { timelineOf } from '../../../lib/pages/timeline.ts';
import { anAuditRecord } from '../../support/audit-builders.ts';
import { aResource } from '../../support/builders.ts';
import { aRunPage } from '../../support/pages.ts';

const FLEET = Array.from({ length: 30 }, (_, n) =>
  aResource({ id: `eci-${String(n).padStart(3, '0')}`, tags: { 'ci-run': String(n % 3), env: 'dev' } }),
);
const POLICY = { limits: { maxPercent: 100 } };

describe('runPage', () => {
  it('tells the ends of all planned tags, and they add up', async () => {
    const page = await aRunPage(FLEET, POLICY);

    expect(page).toMatchObject({ outcome: 'success', planned: 30, isDryRun: false });
    expect(page.ends).toEqual([{ end: 'removed', tags: 30 }]);
    expect(page.byKey).toEqual([{ label: 'ci-run', tags: 30, resources: 30 }]);
    expect(page.proof).toMatchObject({ verified: true, unexplained: 0 });
  });

  it('draws every request and every tag that it changed', async () => {
    const { timeline, calls } = await aRunPage(FLEET, POLICY);

    const slots = timeline?.slots ?? [];
    expect(slots.reduce((sum, { tags }) => sum + tags, 0)).toBe(30);
    expect(slots.reduce((sum, { done }) => sum + done, 0)).toBe(calls.change);
    expect(timeline?.waves.reduce((sum, { tags }) => sum + tags, 0)).toBe(30);
  });

  it('lists each tag that was announced, with its value and rule', async () => {
    const { list } = await aRunPage(FLEET, POLICY);

    expect(list.rows).toHaveLength(30);
    expect(list.texts).toEqual(expect.arrayContaining(['ci-run', '0', '1', '2']));
    expect(list.fates).toEqual([{ goes: true, label: 'remove[0] key "ci-*"' }]);
  });

  it.each([
    { description: 'removed something', part: {}, undo: 'possible' },
    { description: 'kept no values', part: { journal: 'keys' }, undo: 'keysOnly' },
    { description: 'removed nothing', part: { remove: [{ key: 'none' }] }, undo: 'nothing' },
  ])('says whether it can be undone: a run that $description', async ({ part, undo }) => {
    const page = await aRunPage(FLEET, { ...POLICY, ...part });

    expect(page.undo).toBe(undo);
  });

  it('tells of a refused run why, and that nothing changed', async () => {
    const page = await aRunPage(FLEET, { limits: { maxTags: 3, maxPercent: 100 } });

    expect(page).toMatchObject({ outcome: 'refused', code: 'LIMIT_EXCEEDED', undo: 'nothing' });
    expect(page.reason).toContain('maxTags');
    expect(page.ends).toEqual([{ end: 'notReached', tags: 30 }]);
    expect(page.timeline).toBeUndefined();
  });
});

describe('timelineOf', () => {
  const batch = (second: number, fields: Readonly<Record<string, string>> = {}) =>
    anAuditRecord({
      event_name: 'batch_completed',
      event_time: new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString(),
      outcome: 'success',
      tags_removed: '2',
      ...fields,
    });

  it('counts a request whose ids took several records once, and all of its tags', () => {
    const timeline = timelineOf([
      batch(0, { chunk_index: '0', chunk_count: '2' }),
      batch(0, { chunk_index: '1', chunk_count: '2', tags_removed: '0' }),
      batch(0, { outcome: 'failure', tags_removed: '0' }),
    ]);

    expect(timeline?.slots).toEqual([{ fromMs: 0, done: 1, failed: 1, unknown: 0, tags: 2 }]);
  });

  it.each([10, 100, 10_000, 1_000_000])(
    'never draws more bars than can be told apart: %i seconds',
    (seconds) => {
      const timeline = timelineOf([batch(0), batch(seconds)]);

      expect(timeline?.slots.length).toBeLessThanOrEqual(121);
      expect(timeline?.slots.at(-1)?.done).toBe(1);
    },
  );
});
