import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../../lib/audit/record.ts';
import type { Clock } from '../../../lib/clock.ts';
import { callsPerMinute } from '../../../lib/pace/quotas.ts';
import { WINDOW_MS } from '../../../lib/pace/window.ts';
import type { AuditLog } from '../../../lib/ports.ts';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { anEciError, type FakeCall, fakeEci } from '../../support/fake-eci.ts';
import { aRequest } from '../../support/runs.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const LATENCY_MS = 100;

interface LongRun {
  readonly resources: number;
  /** Resources a request. */
  readonly batch: number;
  /** Default 0.5. */
  readonly share?: number;
  readonly canary?: number;
  /** Of a call. */
  readonly latencyMs?: number;
  /** Of a write to the log, or of one by the names of its records; default 300. */
  readonly writeMs?: number | ((names: readonly string[]) => number);
  /** Throws what an untag call answers instead. */
  readonly onUntag?: (call: FakeCall) => void;
}

/** A whole run of a policy that removes both tags of every resource, on a clock that moves when all wait. */
async function longRun({ resources, batch, share = 0.5, canary = 20, ...run }: LongRun) {
  const clock = virtualClock();
  const calls: (FakeCall & { readonly atMs: number })[] = [];
  const eci = fakeEci({
    resources: Array.from({ length: resources }, (_, n) =>
      aResource({ id: `eci-${String(n).padStart(6, '0')}`, tags: { 'ci-a': 'x', 'ci-b': 'y' } }),
    ),
    onCall: async (call) => {
      calls.push({ ...call, atMs: clock.now() });
      await clock.sleep(run.latencyMs ?? LATENCY_MS);
      if (call.api === 'UntagResources') run.onUntag?.(call);
    },
  });
  const policy = aPolicy({
    limits: { maxResources: resources, maxPercent: 100, canary },
    batch: { resources: batch, keys: 20 },
    pace: { share, concurrency: 8 },
  });
  const log = slowLog(clock, run.writeMs ?? 300);
  const ports = { eci, audit: log, clock, chance: () => 0.5 };
  const report = await runCleanup(aRequest({ policy }), ports, { identity: {} });
  const untagAtMs = calls.filter((call) => call.api === 'UntagResources').map((call) => call.atMs);
  return { report, calls, untagAtMs, log };
}

interface Write {
  /** When it was kept. */
  readonly atMs: number;
  /** Resources in its journal records. */
  readonly resources: number;
}

function slowLog(
  clock: Clock,
  writeMs: LongRun['writeMs'] & {},
): AuditLog & { readonly writes: readonly Write[] } {
  const writes: Write[] = [];
  const started: AuditRecord[] = [];
  return {
    place: { project: 'memory', logstore: 'audit' },
    writes,
    write: async (records) => {
      const names = records.map((record) => record.event_name!);
      await clock.sleep(typeof writeMs === 'number' ? writeMs : writeMs(names));
      const planned = records.filter((record) => record.event_name === 'removals_planned');
      const resources = planned.reduce((sum, record) => sum + Number(record.resource_count), 0);
      writes.push({ atMs: clock.now(), resources });
      started.push(...records.filter((record) => record.event_name === 'run_started'));
    },
    // What a run looks for before it begins: its own first record.
    read: async () => started,
  };
}

/** The longest time in milliseconds in which a call was allowed, the window having room, and none was sent. */
function longestIdleMs(atMs: readonly number[], perMinute: number): number {
  const idle = atMs.map((now, at) => {
    const roomAtMs = at < perMinute ? 0 : atMs[at - perMinute]! + WINDOW_MS;
    return at === 0 ? 0 : now - Math.max(atMs[at - 1]!, roomAtMs);
  });
  return Math.max(...idle);
}

/** The longest time between two calls. */
function longestGapMs(atMs: readonly number[]): number {
  return Math.max(...atMs.map((now, at) => (at === 0 ? 0 : now - atMs[at - 1]!)));
}

const MAX_IDLE_MS = 2000;

describe('applyPlan, in a long run', () => {
  it('uses the whole share from the first call to the last, the canary and its proof included', async () => {
    const perMinute = callsPerMinute('UntagResources', 0.2);
    const { report, untagAtMs } = await longRun({ resources: 3000, batch: 2, share: 0.2 });

    expect(report.outcome).toBe('success');
    expect(longestIdleMs(untagAtMs, perMinute)).toBeLessThanOrEqual(MAX_IDLE_MS);
    const last = untagAtMs.length - 1;
    const fastestMs = Math.floor(last / perMinute) * WINDOW_MS + ((last % perMinute) * LATENCY_MS) / 8;
    expect(fastestMs / (untagAtMs[last]! - untagAtMs[0]!)).toBeGreaterThan(0.98);
  });

  it('goes on from wave to wave without a gap where the log is slow', async () => {
    const { report, untagAtMs } = await longRun({
      resources: 3000,
      batch: 5,
      share: 1,
      latencyMs: 500,
      writeMs: 3000,
    });

    expect(report.outcome).toBe('success');
    const afterCanary = untagAtMs.slice(4);
    expect(longestGapMs(afterCanary)).toBeLessThanOrEqual(MAX_IDLE_MS);
  });

  it('goes on while a request is tried again', async () => {
    const stuck = new Set<unknown>();
    const { report, untagAtMs } = await longRun({
      resources: 1500,
      batch: 5,
      onUntag: ({ query }) => {
        const ids = query.ids as readonly string[];
        if (!ids.includes('eci-000110') || stuck.size > 2) return;
        stuck.add({});
        throw anEciError({ api: 'UntagResources', kind: 'busy', code: 'IncorrectStatus' });
      },
    });

    expect(report).toMatchObject({ outcome: 'success', calls: { retries: 3 } });
    expect(longestGapMs(untagAtMs)).toBeLessThanOrEqual(MAX_IDLE_MS);
  });

  it('goes on while resources are read again because their reading is old', async () => {
    const perMinute = callsPerMinute('UntagResources', 0.05);
    const { report, calls, untagAtMs } = await longRun({ resources: 3700, batch: 2, share: 0.05, canary: 0 });

    expect(report.outcome).toBe('success');
    const [firstMs, lastMs] = [untagAtMs[0]!, untagAtMs.at(-1)!];
    const readAgain = calls.filter(
      ({ api, atMs }) => api === 'DescribeContainerGroups' && atMs > firstMs && atMs < lastMs,
    );
    // Each resource is read once more, just before its request and 20 a call, and a sample of each wave.
    expect(readAgain.length).toBeGreaterThanOrEqual(180);
    expect(readAgain.length).toBeLessThanOrEqual(200);
    expect(longestIdleMs(untagAtMs, perMinute)).toBeLessThanOrEqual(MAX_IDLE_MS);
  });

  it('does not wait for records of what was done', async () => {
    const { report, untagAtMs } = await longRun({
      resources: 1000,
      batch: 5,
      canary: 0,
      writeMs: (names) => (names.includes('batch_completed') ? 60_000 : 100),
    });

    expect(report.outcome).toBe('success');
    expect(longestGapMs(untagAtMs)).toBeLessThanOrEqual(MAX_IDLE_MS);
  });

  it('writes down no more than the wave at work and the next before they are sent', async () => {
    const { log, calls } = await longRun({ resources: 9000, batch: 50 });

    let sent = 0;
    const ahead = calls
      .filter((call) => call.api === 'UntagResources')
      .map((call) => {
        const journaled = log.writes.filter((write) => write.atMs <= call.atMs);
        const lead = journaled.reduce((sum, write) => sum + write.resources, 0) - sent;
        sent += (call.query.ids as readonly string[]).length;
        return lead;
      });
    expect(ahead[0]).toBe(20);
    expect(Math.min(...ahead)).toBeGreaterThan(0);
    expect(Math.max(...ahead)).toBeLessThanOrEqual(2 * 2500 + 50);
  });
});
