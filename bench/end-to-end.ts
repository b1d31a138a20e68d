/**
 * A whole run (list, plan, apply with canary and journal, prove) against the emulator over HTTP, beside the
 * ways that scripts go: `npm run --silent bench:end-to-end -- [RESOURCES]`.
 *
 * Each call takes 100 ms, and quotas are a part of the published ones, of which the run takes its half; the
 * scripts know of no quota. Time is the machine's, and the emulator is in the same process.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateFleet } from '../emulator/fleet.ts';
import { DEFAULT_IDENTITY } from '../emulator/identities.ts';
import { type Emulator, startEmulator } from '../emulator/server.ts';
import { readConfig } from '../lib/cloud/config.ts';
import { connect } from '../lib/cloud/connect.ts';
import { createJudge } from '../lib/plan/judge.ts';
import { parsePolicyDocument } from '../lib/policy/parse.ts';
import type { EciApi } from '../lib/ports.ts';
import { RESOURCE_TYPES } from '../lib/resource.ts';
import { runCleanup } from '../lib/run/cleanup.ts';
import type { RunPorts } from '../lib/run/request.ts';
import { type Loss, listSerially, removeByKey, removeByResource } from './usual-way.ts';

const RESOURCES = Number(process.argv[2] ?? 1000);
const REGION = 'cn-hangzhou';
const LATENCY_MS = 100;
/** Of the published quotas: so small that a fleet of this size comes to feel them. */
const SCALE = 0.5;
const NOW_MS = Date.now();

const POLICY = parsePolicyDocument(
  {
    version: 1,
    name: 'bench',
    scope: { regions: [REGION], resourceTypes: [...RESOURCE_TYPES] },
    remove: [{ key: 'ci-*' }, { keyMatches: '^tmp[-_]' }],
    limits: { maxResources: RESOURCES, maxPercent: 100 },
    pace: { share: SCALE / 2, concurrency: 8 },
  },
  'bench',
);

interface Way {
  readonly name: string;
  readonly run: (ports: RunPorts) => Promise<void>;
}

const WAYS: readonly Way[] = [
  { name: 'serial pages, a call for each resource', run: ({ eci }) => runUsual(eci, removeByResource) },
  { name: 'serial pages, a call for each key and 50', run: ({ eci }) => runUsual(eci, removeByKey) },
  { name: 'tagsweep', run: runOurs },
];

/** The same decisions, and the same proof that every tag is gone: another serial listing. */
async function runUsual(
  eci: EciApi,
  remove: (eci: EciApi, losses: readonly Loss[]) => Promise<void>,
): Promise<void> {
  await remove(eci, await listLosses(eci));
  const left = await listLosses(eci);
  if (left.length > 0) throw new Error(`${left.length} resources still carry what should be gone`);
}

async function listLosses(eci: EciApi): Promise<readonly Loss[]> {
  const judge = createJudge(POLICY, NOW_MS);
  const resources = await listSerially(eci, REGION, RESOURCE_TYPES);
  return resources.flatMap((resource) => {
    const keys = judge.removals(resource).map((tag) => tag.key);
    return keys.length === 0 ? [] : [{ resource, keys }];
  });
}

async function runOurs(ports: RunPorts): Promise<void> {
  const report = await runCleanup(
    { policy: POLICY, mode: 'apply', narrowing: {}, trigger: { type: 'cli', name: 'bench' }, runId: 'bench' },
    ports,
    { identity: {} },
  );
  if (report.outcome !== 'success' || !report.proof.verified) throw new Error(report.reason);
}

async function measure({ name, run }: Way, logFile: string) {
  const emulator = await startEmulator({
    fleet: generateFleet({ seed: 5, resources: RESOURCES, regions: [REGION], nowMs: NOW_MS, profile: 'ci' }),
    behavior: { latencyMs: LATENCY_MS },
    quotas: { scale: SCALE },
  });
  try {
    const config = readConfig({ TAGSWEEP_ECI_ENDPOINT: emulator.url, TAGSWEEP_LOG_FILE: logFile });
    const ports = connect(config, async () => DEFAULT_IDENTITY);
    const startedMs = performance.now();
    await run(ports);
    const seconds = (performance.now() - startedMs) / 1000;
    return { name, seconds, ...countsOf(emulator), left: stateOf(emulator) };
  } finally {
    await emulator.close();
  }
}

function countsOf({ counters }: Emulator) {
  const all = Object.values(counters.byApi);
  const untag = counters.of('UntagResources').requests;
  return {
    untag,
    list: counters.requests - untag,
    throttled: all.reduce((sum, one) => sum + one.throttled, 0),
  };
}

/** The end state in one text, to see that all ways end in the same. */
function stateOf({ state }: Emulator): string {
  return JSON.stringify([...state.resources].map(([name, { tags }]) => [name, [...tags]]));
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tagsweep-bench-'));
  try {
    console.log(
      `${RESOURCES} resources of all types, ${LATENCY_MS} ms a call, ${SCALE} of the published quotas\n`,
    );
    console.log(
      '| way | list calls | untag calls | throttled | seconds | times longer |\n|---|---|---|---|---|---|',
    );
    const results = [];
    for (const way of WAYS) results.push(await measure(way, join(folder, 'audit.jsonl')));
    const ours = results.at(-1)!;
    for (const { name, list, untag, throttled, seconds } of results) {
      const ratio = (seconds / ours.seconds).toFixed(1);
      console.log(`| ${name} | ${list} | ${untag} | ${throttled} | ${seconds.toFixed(1)} | ${ratio} |`);
    }
    if (results.some(({ left }) => left !== ours.left))
      throw new Error('The ways do not end in the same state.');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await main();
