import { CHARACTERS, type Character, type Sketch } from './fleet-characters.ts';
import { pick, type Random, seededRandom } from './random.ts';
import { type FleetResource, SETTLED, type Type } from './resource.ts';

/** What kind of account a fleet is like: how often each character comes, by weight. */
export const PROFILES = {
  mixed: { service: 30, ci: 20, ackPod: 25, kubeletPod: 5, sandbox: 8, batchJob: 8, odd: 4 },
  services: { service: 85, sandbox: 10, odd: 5 },
  ci: { ci: 80, sandbox: 10, service: 10 },
  pods: { ackPod: 80, kubeletPod: 15, service: 5 },
  batch: { batchJob: 80, sandbox: 15, odd: 5 },
} as const satisfies Record<string, Partial<Record<Character, number>>>;

export type Profile = keyof typeof PROFILES;

export interface FleetOptions {
  /** The same options give the same fleet. */
  readonly seed: number;
  readonly resources: number;
  /** Never empty; the first holds about half. */
  readonly regions: readonly string[];
  /** Ages count back from here, epoch milliseconds. */
  readonly nowMs: number;
  /** Default `mixed`. */
  readonly profile?: Profile;
}

const MINUTE_MS = 60_000;
const TWO_YEARS_MS = 2 * 365 * 24 * 60 * MINUTE_MS;

const PREFIXES: Readonly<Record<Type, string>> = {
  ContainerGroup: 'eci',
  ImageCache: 'imc',
  DataCache: 'edc',
  VirtualNode: 'vnd',
};

const GROUPS = ['rg-default', 'rg-default', 'rg-acfm2x', 'rg-acfmtest', 'rg-acfmprod'];

/** Makes a fleet as accounts have it, oldest first, with at most 20 tags of a user's own a resource. */
export function generateFleet(options: FleetOptions): readonly FleetResource[] {
  const random = seededRandom(options.seed);
  const weights = Object.entries(PROFILES[options.profile ?? 'mixed']) as [Character, number][];
  const ages = Array.from({ length: options.resources }, () => ageMs(random)).sort((a, b) => b - a);
  return ages.map((age, index) => {
    const character = weighted(random, weights);
    const type = typeOf(random, character);
    const createdMs = options.nowMs - age;
    const sketch: Sketch = { random, index, createdMs, nowMs: options.nowMs };
    const { name, tags } = CHARACTERS[character](sketch);
    return {
      id: `${PREFIXES[type]}-2ze${letters(random, 8)}${index.toString(36).padStart(6, '0')}`,
      type,
      region: regionOf(random, options.regions),
      name,
      status: statusOf(random, type, age),
      created: `${new Date(createdMs).toISOString().slice(0, 19)}Z`,
      group: pick(random, GROUPS),
      tags: withCommonTags(sketch, tags),
    };
  });
}

/** From a minute to two years, as many between one hour and one day as between one month and two years. */
function ageMs(random: Random): number {
  return Math.round(MINUTE_MS * (TWO_YEARS_MS / MINUTE_MS) ** random());
}

function weighted<T>(random: Random, weights: readonly (readonly [T, number])[]): T {
  let left = random() * weights.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [item, weight] of weights) {
    left -= weight;
    if (left < 0) return item;
  }
  return pick(
    random,
    weights.map(([item]) => item),
  );
}

/** Pods are container groups; the rest may be anything, mostly container groups. */
function typeOf(random: Random, character: Character): Type {
  if (character === 'ackPod' || character === 'kubeletPod') return 'ContainerGroup';
  return weighted<Type>(random, [
    ['ContainerGroup', 80],
    ['ImageCache', 10],
    ['DataCache', 6],
    ['VirtualNode', 4],
  ]);
}

function regionOf(random: Random, regions: readonly string[]): string {
  return random() < 0.5 ? pick(random, regions.slice(0, 1)) : pick(random, regions);
}

function statusOf(random: Random, type: Type, age: number): string {
  if (type === 'ContainerGroup' && age < 5 * MINUTE_MS && random() < 0.3) return 'Pending';
  if (random() < 0.93) return SETTLED[type];
  return type === 'ContainerGroup' ? pick(random, ['Succeeded', 'Failed', 'Restarting']) : 'Failed';
}

/** What any resource may carry besides its own: who made it, what scales it, who must not touch it. */
function withCommonTags(
  { random, index }: Sketch,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    ...own,
    ...(random() < 0.6 ? { 'acs:tag:createdby': `ram_user:${2_000_000_000 + (index % 12)}` } : {}),
    ...(random() < 0.05 ? { 'acs:autoscaling:scalingGroupId': `asg-2ze${index % 40}` } : {}),
    ...(random() < 0.01 ? { 'legal-hold': 'case-2026-17' } : {}),
  };
}

function letters(random: Random, count: number): string {
  return Array.from({ length: count }, () => Math.floor(random() * 36).toString(36)).join('');
}
