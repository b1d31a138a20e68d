import type { ResourceType } from '../lib/resource.ts';
import type { FreePairs, NeutralResource } from './groups.ts';
import { type Random, seededRandom, zipf } from './random.ts';

/** A fleet whose family and parameters were drawn at random from its seed. */
export interface DrawnFleet {
  readonly family: string;
  readonly free: FreePairs;
  readonly resources: readonly NeutralResource[];
}

/** A resource has no more tags. */
const MOST_TAGS = 20;

interface Row {
  readonly remove: readonly string[];
  readonly keep: readonly string[];
}

/** Draws its parameters when called, and a row at each call of what it returns. */
type Family = (draw: Draw) => () => Row;

/** Chance, with the ways in which parameters are drawn. */
interface Draw {
  readonly random: Random;
  readonly size: number;
  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number;
  /** The same, small numbers as likely as large ones. */
  spread(least: number, most: number): number;
  real(least: number, most: number): number;
}

const FAMILIES: Readonly<Record<string, Family>> = {
  /** Deployment templates carry some of many keys, and some resources were cleaned by hand already. */
  templates(draw) {
    const template = templatesOf(draw);
    const missing = draw.real(0, 0.4);
    return () => ({ remove: template().filter(() => !draw.random.chance(missing)), keep: [] });
  },
  /** Templates, and resources with a few of many rare keys and perhaps a common one. */
  longTail(draw) {
    const { random } = draw;
    const template = templatesOf(draw);
    const tail = draw.real(0.1, 0.9);
    const rare = random.chance(0.5) ? draw.spread(100, 5_000) : Math.ceil(draw.size * draw.real(0.02, 0.5));
    const most = draw.whole(1, 6);
    const common = draw.real(0, 1);
    return () => {
      if (!random.chance(tail)) return { remove: template(), keep: [] };
      const remove = some(draw, 'rare', rare, 1 + random.below(most));
      if (random.chance(common)) remove.push(template()[0]!);
      return { remove, keep: [] };
    };
  },
  /** Keys by Zipf’s law. */
  zipf(draw) {
    const key = zipf(draw.random, draw.spread(30, 1_500), draw.real(0.5, 1.7));
    const least = draw.whole(1, 3);
    const more = draw.whole(1, 9);
    return () => {
      const length = least + draw.random.below(more);
      return { remove: Array.from({ length }, () => `word-${key()}`), keep: [] };
    };
  },
  /** Every key goes or stays with the same chance everywhere. */
  cells(draw) {
    const keys = named('cell', draw.spread(8, 60));
    const goes = draw.real(0.05, 0.7);
    const stays = draw.real(0, 0.4);
    return () => byChance(draw.random, keys, goes, stays);
  },
  /** All have the same keys, and each keeps some. */
  exceptions(draw) {
    const keys = named('same', draw.whole(5, 20));
    const kept = draw.whole(1, Math.ceil(keys.length / 2));
    return () => {
      const stays = new Set(draw.random.some(kept, keys.length));
      return { remove: keys.filter((_, i) => !stays.has(i)), keep: keys.filter((_, i) => stays.has(i)) };
    };
  },
  /** Hidden rectangles that overlap, with kept pairs around them. */
  planted(draw) {
    const { random } = draw;
    const keys = named('mix', draw.spread(25, 200));
    const width = draw.whole(2, 8);
    const hidden = Array.from({ length: draw.spread(6, Math.max(8, draw.size / 40)) }, () =>
      random.some(1 + random.below(width), keys.length),
    );
    const parts = draw.whole(1, 3);
    const kept = draw.whole(0, 8);
    const missing = draw.real(0, 0.3);
    return () => {
      const remove = new Set<string>();
      for (let part = 0; part < parts; part++) {
        for (const key of hidden[random.below(hidden.length)]!)
          if (!random.chance(missing)) remove.add(keys[key]!);
      }
      return { remove: [...remove], keep: random.some(kept, keys.length).map((key) => keys[key]!) };
    };
  },
  /** A key goes with some values and stays with others; few shapes, with exceptions. */
  byValue(draw) {
    const { random } = draw;
    const keys = named('flag', draw.whole(6, 20));
    const goes = draw.real(0.1, 0.7);
    const stays = draw.real(0.05, 0.8);
    const shapes = Array.from({ length: draw.spread(4, 150) }, () => byChance(random, keys, goes, stays));
    const shape = zipf(random, shapes.length, draw.real(0, 1.2));
    const astray = draw.real(0, 0.25);
    const asShaped = () => !random.chance(astray);
    return () => {
      const { remove, keep } = shapes[shape()]!;
      return { remove: remove.filter(asShaped), keep: keep.filter(asShaped) };
    };
  },
  /** Each has keys of the time when it was made, the youngest of which stay. */
  byAge(draw) {
    const { random } = draw;
    const keys = named('sprint', draw.spread(10, 300));
    const window = draw.whole(2, 10);
    const dense = draw.real(0.2, 1);
    const young = draw.real(0, 0.3);
    const skew = draw.real(0.5, 2);
    return () => {
      const first = Math.floor(keys.length * random.next() ** skew);
      const own = keys.slice(first, first + window).filter(() => random.chance(dense));
      const from = Math.floor(keys.length * (1 - young));
      const isYoung = (key: string) => keys.indexOf(key) >= from;
      return { remove: own.filter((key) => !isYoung(key)), keep: own.filter(isYoung) };
    };
  },
  /** Each has keys that nobody else has, and shared markers. */
  perPod(draw) {
    const { random } = draw;
    const own = draw.whole(1, 4);
    const markers = named('marker', draw.whole(0, 6));
    const marked = draw.real(0.2, 1);
    const without = draw.real(0, 0.6);
    let pod = 0;
    return () => {
      pod++;
      const remove = random.chance(without) ? [] : Array.from({ length: own }, (_, i) => `own-${pod}-${i}`);
      return { remove: [...remove, ...markers.filter(() => random.chance(marked))], keep: [] };
    };
  },
  /** Teams are gone, with keys of theirs on what was theirs and on some of what was not. */
  decommissioned(draw) {
    const { random } = draw;
    const width = draw.whole(3, 15);
    const teams = Array.from({ length: draw.spread(4, 150) }, (_, i) =>
      named(`team-${i}`, 2 + random.below(width)),
    );
    const team = zipf(random, teams.length, draw.real(0, 1.4));
    const most = draw.whole(1, 6);
    const astray = draw.real(0, 0.5);
    return () => {
      const own = teams[team()]!;
      const remove = random.some(1 + random.below(most), own.length).map((i) => own[i]!);
      while (random.chance(astray)) remove.push(...oneOf(random, teams[team()]!));
      return { remove, keep: [] };
    };
  },
};

/** Two accounts in one: resources of one family or another. */
function mixed(draw: Draw): () => Row {
  const families = Object.values(FAMILIES);
  const one = families[draw.random.below(families.length)]!(draw);
  const other = families[draw.random.below(families.length)]!(draw);
  const share = draw.real(0.1, 0.9);
  return () => {
    const isOne = draw.random.chance(share);
    const { remove, keep } = isOne ? one() : other();
    const rename = (key: string) => (isOne ? key : `${key}-b`);
    return { remove: remove.map(rename), keep: keep.map(rename) };
  };
}

/**
 * Draws a family, its parameters, and a fleet of it; the same seed and size give the same fleet.
 *
 * One in four has tags that stay though their key goes elsewhere, one in six is spread over regions and
 * types, and one in ten may lose nothing that it does not have.
 */
export function drawFleet(size: number, seed: number): DrawnFleet {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ size);
  const draw = createDraw(random, size);
  const names = [...Object.keys(FAMILIES), 'mixed'];
  const family = names[seed % names.length]!;
  const row = (FAMILIES[family] ?? mixed)(draw);
  const protectedShare = random.chance(0.25) ? draw.real(0.005, 0.2) : 0;
  const place = random.chance(1 / 6) ? placesOf(draw) : () => HOME;
  const resources = Array.from({ length: size }, (_, i) => {
    const { remove, keep } = fitted(random, row(), protectedShare);
    return { id: `eci-${(0x1000000 + i).toString(36)}bp1x${(i * 7919) % 100000}`, ...place(), remove, keep };
  });
  return { family, free: random.chance(0.1) ? 'none' : 'absent', resources };
}

const HOME = { region: 'cn-hangzhou', type: 'ContainerGroup' as ResourceType };

function placesOf(draw: Draw): () => typeof HOME {
  const types: ResourceType[] = ['ContainerGroup', 'ContainerGroup', 'ImageCache', 'DataCache'];
  const region = zipf(draw.random, draw.whole(2, 8), draw.real(0, 2));
  return () => ({ region: `cn-region-${region()}`, type: types[draw.random.below(types.length)]! });
}

/** At most as many tags as a resource can have, each once, some of them protected; at least one goes. */
function fitted(random: Random, row: Row, protectedShare: number): Row {
  const goes = new Set(row.remove);
  const stays = new Set(row.keep.filter((key) => !goes.has(key)));
  while (goes.size + stays.size > MOST_TAGS) {
    const all = [...goes, ...stays];
    const out = all[random.below(all.length)]!;
    goes.delete(out);
    stays.delete(out);
  }
  if (goes.size === 0) goes.add('leftover');
  for (const key of goes) {
    if (protectedShare === 0 || goes.size === 1 || !random.chance(protectedShare)) continue;
    goes.delete(key);
    stays.add(key);
  }
  return { remove: [...goes], keep: [...stays] };
}

function templatesOf(draw: Draw): () => string[] {
  const { random } = draw;
  const vocabulary = draw.spread(8, 80);
  const most = draw.whole(2, 8);
  const made = Array.from({ length: draw.spread(4, 150) }, () =>
    some(draw, 'key', vocabulary, 1 + random.below(most)),
  );
  const pick = zipf(random, made.length, draw.real(0, 1.2));
  return () => made[pick()]!;
}

function some({ random }: Draw, name: string, of: number, count: number): string[] {
  return random.some(count, of).map((i) => `${name}-${i}`);
}

function oneOf(random: Random, list: readonly string[]): string[] {
  return [list[random.below(list.length)]!];
}

function named(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${name}-${i}`);
}

function byChance(random: Random, keys: readonly string[], goes: number, stays: number): Row {
  const remove: string[] = [];
  const keep: string[] = [];
  for (const key of keys) {
    const at = random.next();
    if (at < goes) remove.push(key);
    else if (at < goes + stays) keep.push(key);
  }
  return { remove, keep };
}

function createDraw(random: Random, size: number): Draw {
  const real = (least: number, most: number) => least + random.next() * (most - least);
  return {
    random,
    size,
    real,
    whole: (least, most) => least + random.below(most - least + 1),
    spread: (least, most) => Math.round(Math.exp(real(Math.log(least), Math.log(most)))),
  };
}
