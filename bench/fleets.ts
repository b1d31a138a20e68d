import type { ResourceType } from '../lib/resource.ts';
import { type Random, seededRandom, zipf } from './random.ts';

/** A made-up resource: which of its tags go and which stay; at most 20 together. */
export interface FleetResource {
  readonly id: string;
  readonly type: ResourceType;
  readonly region: string;
  readonly remove: readonly string[];
  readonly keep: readonly string[];
}

/** One made-up way in which tags pile up. */
export interface Family {
  readonly name: string;
  readonly story: string;
  generate(size: number, seed: number): FleetResource[];
}

type Row = Pick<FleetResource, 'remove' | 'keep'> & Partial<FleetResource>;

const STANDARD = ['team', 'env', 'cost-center', 'app'];

function family(name: string, story: string, prepare: (random: Random, size: number) => () => Row): Family {
  return {
    name,
    story,
    generate(size, seed) {
      const random = seededRandom(seed);
      const makeRow = prepare(random, size);
      return Array.from({ length: size }, (_, i) => ({
        id: `eci-${(0x1000000 + i).toString(36)}bp1x${(i * 7919) % 100000}`,
        type: 'ContainerGroup' as const,
        region: 'cn-hangzhou',
        ...makeRow(),
      }));
    },
  };
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}

/** Deployment templates, each with a few of many deprecated keys, some cleaned up by hand already. */
function templateRows(random: Random, templates: number, deprecated: number): () => Row {
  const keys = names('old-key', deprecated);
  const made = Array.from({ length: templates }, () => random.some(3 + random.below(6), deprecated));
  const pick = zipf(random, templates, 0.8);
  return () => {
    const template = made[pick()]!;
    const kept = template.filter(() => random.chance(0.75));
    const remove = (kept.length > 0 ? kept : template).map((key) => keys[key]!);
    return { remove, keep: STANDARD };
  };
}

/** A low tendency nearly always goes, a middling one mostly stays, a high one is mostly absent. */
function verdictOf(random: Random, tendency: number): 'remove' | 'keep' | 'absent' {
  if (tendency < 0.35) return random.chance(0.92) ? 'remove' : 'absent';
  if (tendency < 0.6) return random.chance(0.8) ? 'keep' : 'absent';
  if (random.chance(0.92)) return 'absent';
  return random.chance(0.5) ? 'remove' : 'keep';
}

/** Eleven ways, after those that fleets are known to fall into; two of them made to be hard. */
export const FAMILIES: readonly Family[] = [
  family('templates', '40 templates carry some of 36 deprecated keys', (random) =>
    templateRows(random, 40, 36),
  ),
  family('per-pod keys', 'every pod has two keys of its own and some shared markers', (random) => {
    let pod = 0;
    return () => {
      const name = (pod++).toString(36);
      const shared = ['ci-run', 'ci-job', 'git-sha'].filter(() => random.chance(0.7));
      return { remove: [...shared, `lease-${name}`, `trace-${name}`], keep: STANDARD };
    };
  }),
  family('zipf', 'keys drawn from a vocabulary of 300 by Zipf’s law', (random) => {
    const keys = names('label', 300);
    const draw = zipf(random, keys.length, 1.1);
    return () => {
      const drawn = new Set<number>();
      const length = 2 + random.below(7);
      for (let tries = 0; tries < length; tries++) drawn.add(draw());
      return { remove: [...drawn].map((key) => keys[key]!), keep: ['owner'] };
    };
  }),
  family('dated keys', 'temporary keys with a date in the key, from around the day of creation', (random) => {
    const days = names('tmp-day', 120);
    return () => {
      const day = Math.floor(days.length * random.next() ** 1.5);
      const near = random.some(1 + random.below(2), 3).map((offset) => days[(day + offset) % days.length]!);
      const markers = ['build', 'preview'].filter(() => random.chance(0.8));
      return { remove: [...near, ...markers], keep: STANDARD };
    };
  }),
  family('by value', 'a key goes only with certain values, and stays with others', (random) => {
    const keys = names('flag', 12);
    const shapes = Array.from({ length: 60 }, () => keys.map(() => random.next()));
    const pick = zipf(random, shapes.length, 0.7);
    return () => {
      const shape = shapes[pick()]!;
      const goes = shape.map((tendency) => verdictOf(random, tendency));
      const remove = keys.filter((_, i) => goes[i] === 'remove');
      const keep = keys.filter((_, i) => goes[i] === 'keep');
      if (remove.length === 0) remove.push(keys.find((key) => !keep.includes(key)) ?? 'flag-x');
      return { remove, keep };
    };
  }),
  family('by age', 'old resources lose what young ones keep', (random) => {
    const keys = names('sprint', 26);
    return () => {
      const first = random.below(22);
      const remove = keys.filter((_, i) => i >= first && i < first + 6 && random.chance(0.65));
      return { remove: remove.length > 0 ? remove : [keys[first]!], keep: STANDARD };
    };
  }),
  family('many regions', 'templates over 8 regions and four types', (random) => {
    const regions = names('cn-region', 8);
    const pick = zipf(random, regions.length, 1.5);
    const makeRow = templateRows(random, 24, 26);
    const types = [
      'ContainerGroup',
      'ContainerGroup',
      'ContainerGroup',
      'ImageCache',
      'DataCache',
      'VirtualNode',
    ];
    return () => ({
      ...makeRow(),
      region: regions[pick()]!,
      type: types[random.below(types.length)] as ResourceType,
    });
  }),
  family('long tail', 'a few common keys, and many that a handful of resources carry', (random, size) => {
    const common = names('common', 12);
    const rare = names('rare', Math.max(20, Math.round(size / 5)));
    return () => {
      const remove = random.some(2 + random.below(3), common.length).map((key) => common[key]!);
      if (random.chance(0.28)) {
        for (const key of random.some(1 + random.below(2), rare.length)) remove.push(rare[key]!);
      }
      return { remove, keep: STANDARD };
    };
  }),
  family('decommissioned', 'teams are gone, and every key of theirs goes', (random) => {
    const teams = 30;
    const keys = Array.from({ length: teams }, (_, team) => names(`team-${team}`, 4 + random.below(8)));
    const pick = zipf(random, teams, 0.6);
    return () => {
      const own = keys[pick()]!;
      const remove = random.some(1 + random.below(3), own.length).map((key) => own[key]!);
      for (let more = 0; more < 2; more++) {
        const others = keys[pick()]!;
        if (random.chance(0.2)) remove.push(others[random.below(others.length)]!);
      }
      return { remove: [...new Set(remove)], keep: STANDARD };
    };
  }),
  family('random with kept', 'adversarial: random keys of 60, a third of the tags stay', (random) => {
    const keys = names('noise', 60);
    return () => {
      const carried = random.some(6 + random.below(12), keys.length);
      const remove = carried.filter(() => random.chance(0.6)).map((key) => keys[key]!);
      if (remove.length === 0) remove.push(keys[carried[0]!]!);
      return { remove, keep: carried.map((key) => keys[key]!).filter((key) => !remove.includes(key)) };
    };
  }),
  family(
    'planted',
    'adversarial: overlapping hidden rectangles, and every other pair stays where present',
    (random, size) => {
      const keys = names('mix', 100);
      const hidden = Array.from({ length: Math.max(8, Math.round(size / 100)) }, () =>
        random.some(3 + random.below(5), keys.length),
      );
      return () => {
        const remove = new Set<number>();
        for (let i = 0; i < 2; i++) {
          for (const key of hidden[random.below(hidden.length)]!)
            if (remove.size < 14 && random.chance(0.8)) remove.add(key);
        }
        if (remove.size === 0) remove.add(random.below(keys.length));
        const keep = random.some(6, keys.length).filter((key) => !remove.has(key));
        return { remove: [...remove].map((key) => keys[key]!), keep: keep.map((key) => keys[key]!) };
      };
    },
  ),
];
