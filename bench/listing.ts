/**
 * Reading an inventory against plain pages: the calls, and the time at 100 ms a call within half the quota.
 * Run with `npm run --silent bench:listing -- [RESOURCES]`. The service is in memory, and time is sped up.
 */
import type { Clock } from '../lib/clock.ts';
import type { Inventory } from '../lib/inventory/inventory.ts';
import { readInventory } from '../lib/inventory/read.ts';
import { meterEci } from '../lib/pace/meter.ts';
import { createJudge } from '../lib/plan/judge.ts';
import { buildPlan } from '../lib/plan/plan.ts';
import { parsePolicyDocument } from '../lib/policy/parse.ts';
import type { EciApi } from '../lib/ports.ts';
import type { Resource, Tag } from '../lib/resource.ts';
import { fastClock } from './fast-clock.ts';
import { listingOnly } from './listing-eci.ts';

const RESOURCES = Number(process.argv[2] ?? 10_000);
const SCOPE = { regions: ['cn-hangzhou'], resourceTypes: ['ContainerGroup'] };
const PACE = { share: 0.5, concurrency: 8 };
const LATENCY_MS = 100;
/** How many times faster than real the timed part runs. */
const SPEED = 4;

interface Case {
  readonly name: string;
  /** Every how many resources carry any tags; default 1. */
  readonly taggedEvery?: number;
  readonly tagRows?: boolean;
  readonly policy: Readonly<Record<string, unknown>>;
}

const TWO_KEYS = { remove: [{ key: 'old-a' }, { key: 'old-b' }] };
const WILDCARD = { remove: [{ key: 'ci-*' }] };

const CASES: readonly Case[] = [
  { name: 'two exact keys on 5 %', policy: TWO_KEYS },
  { name: 'the same, maxPercent 100', policy: { ...TWO_KEYS, limits: { maxPercent: 100 } } },
  { name: 'the same, maxPercent 10', policy: { ...TWO_KEYS, limits: { maxPercent: 10 } } },
  {
    name: 'wildcard, selected by a tag on 10 %',
    policy: { ...WILDCARD, select: { tag: 'env', equals: 'dev' } },
  },
  { name: 'wildcard, selected by status on 2 %', policy: { ...WILDCARD, select: { status: 'Failed' } } },
  { name: 'wildcard, 1 % has tags', taggedEvery: 100, policy: WILDCARD },
  { name: 'the same, by rows of tags', taggedEvery: 100, tagRows: true, policy: WILDCARD },
  { name: 'wildcard on all', policy: WILDCARD },
];

function aFleet(count: number, taggedEvery: number): readonly Resource[] {
  return Array.from({ length: count }, (_, at) => {
    const tags: Tag[] = [{ key: 'ci-run', value: String(at) }];
    if (at % 10 === 3) tags.push({ key: 'env', value: 'dev' });
    if (at % 40 === 7) tags.push({ key: 'old-a', value: '1' });
    if (at % 40 === 27) tags.push({ key: 'old-b', value: '1' });
    return {
      region: 'cn-hangzhou',
      type: 'ContainerGroup',
      id: `eci-${String(at).padStart(8, '0')}`,
      status: at % 50 === 9 ? 'Failed' : 'Running',
      tags: at % taggedEvery === taggedEvery - 1 ? tags : [],
    };
  });
}

function policyOf(part: Case['policy']) {
  return parsePolicyDocument({ version: 1, name: 'bench', scope: SCOPE, ...part }, 'bench');
}

async function showCalls(): Promise<void> {
  const plain = Math.ceil(RESOURCES / 20);
  const clock = { now: () => 0, sleep: async () => {} };
  console.log(`${RESOURCES} container groups; plain pages: ${plain} calls\n`);
  console.log('| policy | calls | of plain | way |\n|---|---|---|---|');
  for (const { name, taggedEvery = 1, tagRows = false, policy } of CASES) {
    const eci = listingOnly(aFleet(RESOURCES, taggedEvery), { clock, latencyMs: 0 });
    const { readings } = await readInventory(
      eci,
      { policy: policyOf(policy), narrowing: {} },
      { clock, tagRows: () => tagRows },
    );
    console.log(`| ${name} | ${eci.calls} | ${(eci.calls / plain).toFixed(3)} | ${readings[0]!.way} |`);
  }
}

/** Page after page, as listings usually go. */
async function readSerially(eci: EciApi): Promise<number> {
  let nextToken: string | undefined;
  let found = 0;
  do {
    const page = await eci.listResources({
      region: 'cn-hangzhou',
      type: 'ContainerGroup',
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    found += page.items.length;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found;
}

async function readPlanned(eci: EciApi): Promise<number> {
  return (await inventoryOf(eci, fastClock(SPEED))).resources.length;
}

async function inventoryOf(eci: EciApi, clock: Clock): Promise<Inventory> {
  const source = { policy: policyOf(WILDCARD), narrowing: {} };
  return await readInventory(eci, source, { clock, concurrency: PACE.concurrency });
}

/** @returns how long the planned listing took, in seconds. */
async function showTime(): Promise<number> {
  const fleet = aFleet(RESOURCES, 1);
  console.log(`\nAll ${RESOURCES} at ${LATENCY_MS} ms a call, within half the quota:\n`);
  console.log('| way | calls | seconds | times faster |\n|---|---|---|---|');
  let serialS = 0;
  let lastS = 0;
  for (const [name, read] of [
    ['serial pages', readSerially],
    ['planned', readPlanned],
  ] as const) {
    const clock = fastClock(SPEED);
    const eci = listingOnly(fleet, { clock, latencyMs: LATENCY_MS });
    const found = await read(meterEci(eci, { pace: PACE, clock, chance: Math.random }));
    if (found !== RESOURCES) throw new Error(`${name} found ${found} of ${RESOURCES} resources`);
    const seconds = clock.now() / 1000;
    serialS ||= seconds;
    lastS = seconds;
    console.log(`| ${name} | ${eci.calls} | ${seconds.toFixed(1)} | ${(serialS / seconds).toFixed(1)} |`);
  }
  return lastS;
}

/** What could be saved at most by judging while pages still come in. */
async function showJudging(listingS: number): Promise<void> {
  const clock = { now: () => 0, sleep: async () => {} };
  const inventory = await inventoryOf(listingOnly(aFleet(RESOURCES, 1), { clock, latencyMs: 0 }), clock);
  const policy = policyOf(WILDCARD);
  const judge = createJudge(policy, 0);
  const judgingS = secondsOf(() => inventory.resources.forEach(judge.removals));
  const planningS = secondsOf(() => buildPlan({ policy, judge, inventory, createdAt: '' }));
  const share = (seconds: number) => `${seconds.toFixed(3)} s, ${((100 * seconds) / listingS).toFixed(1)} %`;
  console.log(
    `\nOf the time of the planned listing, judging takes ${share(judgingS)}; the whole plan ${share(planningS)}`,
  );
}

/** Processor time: others on the machine do not count. */
function secondsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

await showCalls();
await showJudging(await showTime());
