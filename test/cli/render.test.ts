import { describe, expect, it } from 'vitest';
import { createPaint } from '../../cli/io.ts';
import { count, counted, duration, percent } from '../../cli/numbers.ts';
import { summarizePlan } from '../../cli/plan-summary.ts';
import { renderReport } from '../../cli/render-report.ts';
import { exitCodeOf } from '../../cli/report-exit.ts';
import { NO_NOTICE_COUNTS, NOTHING_PROVED, type Report } from '../../lib/report/report.ts';

const plain = createPaint(false);

/** A report with only the interesting part said. */
function aReport(own: Partial<Report> = {}): Report {
  return {
    runId: 'run-1',
    parentRunId: null,
    policy: { name: 'strip', digest: 'sha256:00' },
    trigger: { type: 'cli', name: 'apply' },
    mode: 'apply',
    outcome: 'success',
    reason: '',
    planDigest: null,
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:00:01.500Z',
    durationMs: 1500,
    resources: { seen: 10, selected: 10, changed: 2, failed: 0 },
    tags: { planned: 3, removed: 2, absent: 0, stale: 1, vanished: 0, ended: 0, failed: 0, notReached: 0 },
    calls: { list: 4, untag: 1, tag: 0, retries: 0, throttled: 0, untagLowerBound: 1 },
    removedByKey: { 'ci-run': 2 },
    failures: [],
    proof: { ...NOTHING_PROVED, verified: true },
    audit: { records: 4, file: 'records.jsonl' },
    children: [],
    continuation: null,
    warnings: [],
    unseen: 0,
    skipped: [],
    noticed: 0,
    notices: NO_NOTICE_COUNTS,
    ...own,
  };
}

const render = (own: Partial<Report>) => renderReport(aReport(own), plain, { all: false });

describe('renderReport', () => {
  it('says what was removed, where every planned tag ended, and where the records are', () => {
    const text = render({});

    expect(text).toContain('2 tags removed from 2 resources in 1.5 s, success');
    expect(text).toContain(
      '3 planned = 2 removed + 0 absent + 1 stale + 0 vanished + 0 ended + 0 failed + 0 not reached',
    );
    expect(text).toContain('read again, every difference accounted for');
    expect(text).toContain('4 in records.jsonl');
  });

  it('never lets a refusal, a failure or a dry run look like a removal', () => {
    const nothing = { ...aReport().tags, removed: 0, planned: 0, stale: 0 };

    expect(render({ outcome: 'refused', reason: 'The limit.' })).toMatch(
      /refused, and nothing was changed\n {2}The limit/,
    );
    expect(render({ outcome: 'failure', tags: nothing })).toContain('failed, and nothing was changed');
    expect(render({ mode: 'dry-run' })).toContain('dry run, nothing was changed');
    expect(render({ tags: nothing })).toContain('nothing to remove');
  });

  it('says loudly when a difference is not explained', () => {
    const text = render({ outcome: 'failure', proof: { ...NOTHING_PROVED, foreign: 2, unexplained: 1 } });

    expect(text).toContain('1 difference that nobody explains');
  });

  it('tells that it goes on elsewhere, and where to read how that ended', () => {
    const children = ['cn-beijing', 'cn-hangzhou', 'cn-shanghai'].map((region, at) => ({
      region,
      runId: at === 0 ? 'run-1-cn-beijing-h0' : 'run-1-together-h0',
    }));

    expect(render({ outcome: 'partial', children })).toContain(
      'goes on     in 2 invocations; `tagsweep history` tells how all of it ended',
    );
    expect(render({ outcome: 'partial', continuation: { taskId: 't-run-1-all-h1', hop: 1 } })).toContain(
      'goes on     in 1 invocation;',
    );
    expect(render({})).not.toContain('goes on');
  });

  it('tells of an undo in its own words', () => {
    const left = {
      region: 'r',
      resourceType: 'ContainerGroup',
      resourceId: 'eci-1',
      key: 'k',
      why: 'It is there again.',
    } as const;
    const text = render({
      tags: { ...aReport().tags, removed: 0, restored: 2 },
      undo: { of: 'run-0', restorable: 2, left: [left], leftCut: 4 },
    });

    expect(text).toContain('2 tags put back on 2 resources');
    expect(text).toContain('3 planned = 2 put back + 0 absent + 1 stale');
    expect(text).toMatch(
      /Not put back\n {2}r ContainerGroup eci-1 k {2}It is there again\.\n {2}… and 4 more/,
    );
  });

  it('neutralizes what the cloud sent', () => {
    const failure = {
      region: 'cn-hangzhou',
      resourceType: 'ContainerGroup',
      resourceId: 'eci-1',
      keys: ['k\u001b[31m'],
      code: 'Code\u0007',
      message: 'a\nb',
      requestId: 'R\u202e',
    } as const;

    const text = render({ failures: [failure], failuresCut: 7, reason: 'x\u001b]0;title\u0007' });

    for (const raw of ['\u001b', '\u0007', '\u202e']) expect(text).not.toContain(raw);
    expect(text).toContain('Code\\x07: a\\nb (request R\\u202e)');
    expect(text).toContain('… and 7 more');
  });
});

const NO_TAGS = { ...aReport().tags, removed: 0 };

describe('exitCodeOf', () => {
  it.each([
    ['success', {}, 0],
    ['partial', {}, 1],
    ['refused', { code: 'LIMIT_EXCEEDED', tags: NO_TAGS }, 1],
    ['refused', { code: 'INVENTORY_INCOMPLETE', tags: NO_TAGS }, 1],
    [
      'refused',
      { code: 'INVENTORY_INCOMPLETE', tags: NO_TAGS, resources: { ...aReport().resources, seen: 0 } },
      2,
    ],
    ['refused', { code: 'INVALID_POLICY', tags: NO_TAGS }, 2],
    ['failure', { code: 'MAX_FAILURES' }, 1],
    ['failure', { code: 'MAX_FAILURES', tags: NO_TAGS }, 1],
    ['failure', { tags: NO_TAGS }, 1],
    ['partial', { code: 'ECI', tags: NO_TAGS }, 1],
    ['failure', { code: 'ECI' }, 1],
    ['failure', { code: 'ECI', tags: NO_TAGS }, 2],
  ] as const)('%s with %o ends with %i', (outcome, own, code) => {
    expect(exitCodeOf(aReport({ outcome, ...own }))).toBe(code);
  });
});

describe('summarizePlan', () => {
  it('adds up by key and rule, most tags first, with the most frequent values', () => {
    const tag = (key: string, value: string) => ({ key, value, rule: 'r' });
    const removal = (id: string, tags: ReturnType<typeof tag>[]) => ({
      region: 'cn-hangzhou',
      type: 'ContainerGroup' as const,
      id,
      tags,
    });
    const values = ['b', 'a', 'a', 'c', 'd', 'e', 'f', 'a'];
    const removals = values.map((value, index) =>
      removal(`eci-${index}`, [tag('k', value), ...(index === 0 ? [tag('once', 'x')] : [])]),
    );

    const { tags, resources, keys, places } = summarizePlan({ removals, batches: [] });

    expect({ tags, resources }).toEqual({ tags: 9, resources: 8 });
    expect(keys.map(({ key, tags: sum, distinctValues }) => [key, sum, distinctValues])).toEqual([
      ['k', 8, 6],
      ['once', 1, 1],
    ]);
    expect(keys[0]?.examples[0]).toEqual({ value: 'a', tags: 3 });
    expect(keys[0]?.examples).toHaveLength(5);
    expect(places).toEqual([
      { region: 'cn-hangzhou', type: 'ContainerGroup', resources: 8, tags: 9, calls: 0 },
    ]);
  });
});

describe('numbers for people', () => {
  it.each([
    [850, '850 ms'],
    [3200, '3.2 s'],
    [60_000, '1 min'],
    [250_000, '4 min 10 s'],
    [7_500_000, '2 h 5 min'],
    [59_990, '1 min'],
  ])('%i milliseconds are %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('rounds no share to nothing', () => {
    expect([percent(1, 100_000), percent(0, 5), percent(0, 0), percent(1, 2), percent(91, 1000)]).toEqual([
      'under 0.1 %',
      '0 %',
      '0 %',
      '50 %',
      '9.1 %',
    ]);
  });

  it('knows one from many', () => {
    expect([counted(1, 'tag'), counted(1234, 'tag'), counted(2, 'retry', 'retries'), count(0)]).toEqual([
      '1 tag',
      '1,234 tags',
      '2 retries',
      '0',
    ]);
  });
});
