import type { Policy } from '../../lib/policy/policy.ts';
import type { Resource, ResourceType, TagKey } from '../../lib/resource.ts';
import { aPolicy, aResource } from '../support/builders.ts';
import type { Random } from './random.ts';
import type { Tags } from './tag-store.ts';

/** A policy, and what it means, said a second time and independently of the code under test. */
export interface Intent {
  readonly name: string;
  readonly part: Readonly<Record<string, unknown>>;
  /** Whether the tag goes from a resource with these tags. */
  readonly removes: (tags: Tags, key: TagKey, value: string) => boolean;
  /** Whether the key would go whatever its value. */
  readonly isFree: (tags: Tags, key: TagKey) => boolean;
}

const isMarker = (key: TagKey): boolean => key.startsWith('ci-');
const isHeld = (tags: Tags): boolean => tags.has('legal-hold');
const isDev = (tags: Tags): boolean => tags.get('env') === 'dev' || tags.get('env') === 'test';
const STAYS = ['env', 'team', 'owner', 'legal-hold', 'PodName', 'acs:created'];

export const INTENTS: readonly Intent[] = [
  {
    name: 'markers',
    part: {
      remove: [{ key: 'ci-*' }],
      protect: [{ resources: { tag: 'legal-hold', exists: true }, reason: 'held' }],
    },
    removes: (tags, key) => isMarker(key) && !isHeld(tags),
    isFree: (tags, key) => isMarker(key) && !isHeld(tags),
  },
  {
    name: 'by-value',
    part: { remove: [{ key: 'ci-*', when: { equals: 'old' } }, { key: 'tmp' }] },
    removes: (_, key, value) => key === 'tmp' || (isMarker(key) && value === 'old'),
    isFree: (_, key) => key === 'tmp',
  },
  {
    name: 'allow-list',
    part: {
      select: { tag: 'env', in: ['dev', 'test'] },
      remove: [{ except: ['env', 'team', 'owner', 'legal-hold'] }],
    },
    removes: (tags, key) => isDev(tags) && !STAYS.includes(key),
    isFree: (tags, key) => isDev(tags) && !STAYS.includes(key),
  },
];

export const KEYS: readonly TagKey[] = [
  'ci-a',
  'ci-b',
  'ci-c',
  'tmp',
  'env',
  'team',
  'owner',
  'legal-hold',
  'PodName',
  'acs:created',
];
export const VALUES: readonly string[] = ['old', 'new', 'dev', 'test', ''];

const PREFIX: Readonly<Record<ResourceType, string>> = {
  ContainerGroup: 'eci',
  ImageCache: 'imc',
  DataCache: 'edc',
  VirtualNode: 'vnd',
};

/** All resources that ever were; others add to it. */
export interface Fleet {
  readonly members: Resource[];
}

export function aTagSet(random: Random): Readonly<Record<TagKey, string>> {
  const keys = KEYS.filter((key) => random.chance(isMarker(key) ? 0.6 : 0.3));
  return Object.fromEntries(keys.map((key) => [key, random.pick(VALUES)]));
}

export function aFleet(random: Random): readonly Resource[] {
  const regions = random.chance(0.3) ? ['cn-beijing', 'cn-hangzhou'] : ['cn-hangzhou'];
  const types: readonly ResourceType[] = random.chance(0.4)
    ? ['ContainerGroup', 'ImageCache', 'DataCache', 'VirtualNode']
    : ['ContainerGroup'];
  return Array.from({ length: random.whole(1, 45) }, (_, n) => {
    const type = random.pick(types);
    const region = random.pick(regions);
    return aResource({ region, type, id: `${PREFIX[type]}-${n}`, tags: aTagSet(random) });
  });
}

/** Limits that let everything through, and sometimes one that may not. */
export function someLimits(random: Random): Readonly<Record<string, number>> {
  const open = {
    maxPercent: 100,
    maxFailures: random.pick([0, 3, 10, 1000]),
    canary: random.pick([0, 3, 20]),
  };
  switch (random.whole(0, 7)) {
    case 0:
      return { ...open, maxResources: random.whole(0, 30) };
    case 1:
      return { ...open, maxTags: random.whole(0, 60) };
    case 2:
      return { ...open, maxPercent: random.whole(0, 100) };
    default:
      return open;
  }
}

/** The policy of an intent, with pace, sizes and what is kept and proved drawn by lot. */
export function aSimulatedPolicy(
  intent: Intent,
  random: Random,
  limits: Readonly<Record<string, number>>,
): Policy {
  return aPolicy({
    ...intent.part,
    limits,
    pace: { share: random.pick([0.002, 0.02, 0.5, 1]), concurrency: random.whole(1, 8) },
    batch: { resources: random.pick([2, 5, 50]), keys: random.pick([1, 3, 20]) },
    journal: random.chance(0.1) ? 'keys' : 'values',
    verify: random.chance(0.15) ? 'none' : 'all',
  });
}
