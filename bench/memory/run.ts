/** One run in a process of its own, as `bench/memory.ts` starts it; prints what it took as one JSON line. */
import { getHeapStatistics } from 'node:v8';
import { parsePolicyDocument } from '../../lib/policy/parse.ts';
import type { AuditLog } from '../../lib/ports.ts';
import { runCleanup } from '../../lib/run/cleanup.ts';
import { createNumberedFleet, REGIONS } from './fleet.ts';

const count = Number(process.argv[2]);
const mode = process.argv[3] === 'apply' ? 'apply' : 'dry-run';
const fleet = createNumberedFleet(count);
const policy = parsePolicyDocument(
  {
    version: 1,
    name: 'bench',
    scope: { regions: [...REGIONS], resourceTypes: ['ContainerGroup'] },
    select: { age: { olderThan: '1d' } },
    remove: [{ key: 'ci-*' }, { keyMatches: '^tmp[-_]' }],
    protect: [{ resources: { tag: 'legal-hold', exists: true } }],
    limits: { maxResources: count, maxPercent: 100 },
    pace: { share: 1, concurrency: 16 },
  },
  'bench',
);

/** A log that takes everything and keeps nothing. */
let bytes = 0;
const audit: AuditLog = {
  place: { file: 'nowhere' },
  write: async (records) => {
    for (const record of records) bytes += (record.resources ?? '').length;
  },
  read: async () => [],
};

/** Time stands for pace alone here: whoever sleeps wakes at once, later. */
let nowMs = Date.UTC(2027, 0, 1);
const clock = {
  now: () => nowMs,
  sleep: async (ms: number) => {
    nowMs += ms;
  },
};

/** The largest resident set that was seen in each step, MiB. */
const peaks: Record<string, number> = {};
const startedAt = performance.now();
const report = await runCleanup(
  {
    policy,
    mode,
    narrowing: {},
    trigger: { type: 'timer', name: 'bench' },
    runId: 'bench',
  },
  { eci: fleet, audit, clock, chance: () => 0.5 },
  {
    identity: {},
    onProgress: ({ step }) => {
      peaks[step] = Math.max(peaks[step] ?? 0, process.memoryUsage.rss());
    },
  },
);
const seconds = (performance.now() - startedAt) / 1000;
const MIB = 1024 * 1024;
const isDone = mode === 'dry-run' || (report.proof.verified && fleet.left() === 0);
if (report.outcome !== 'success' || !isDone) throw new Error(`The run did not do its work: ${report.reason}`);
console.log(
  JSON.stringify({
    seconds,
    peakMiB: process.resourceUsage().maxRSS / 1024,
    heapLimitMiB: getHeapStatistics().heap_size_limit / MIB,
    peaks: Object.fromEntries(Object.entries(peaks).map(([step, at]) => [step, Math.round(at / MIB)])),
    cloudMiB: fleet.bytes / MIB,
    tags: report.tags.planned,
    calls: report.calls,
    recordsMiB: bytes / MIB,
  }),
);
