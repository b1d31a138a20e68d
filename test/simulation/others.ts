import { type Resource, resourceKey, type TagKey } from '../../lib/resource.ts';
import { aResource } from '../support/builders.ts';
import type { SimulatedCloud } from './cloud.ts';
import type { Random } from './random.ts';
import { aTagSet, type Fleet, KEYS, VALUES } from './scenario.ts';
import type { Weather } from './weather.ts';

/** What others work on. */
export interface OthersWorld {
  readonly cloud: SimulatedCloud;
  readonly fleet: Fleet;
  readonly random: Random;
  readonly weather: Weather;
}

/** Everybody else who works in the same account. */
export interface Others {
  /** One step of theirs, if the weather wants one. */
  act(): void;
  /** Some changes at once, as between a plan and its apply; often of what the run is about. */
  interfere(about: readonly { readonly name: string; readonly key: TagKey }[]): void;
  /** Resources that come into being, like those that there are. */
  grow(): void;
}

/** @param atWork the tags that a run is about to change, `region/type/id key`: what others change often as well. */
export function createOthers(
  { cloud, fleet, random, weather }: OthersWorld,
  atWork: () => readonly string[],
): Others {
  let appeared = 0;
  const hasRoom = (one: Resource): boolean => (cloud.tagsOf(one)?.size ?? 20) < 20;
  const appear = (like: Resource): void => {
    const born = aResource({ ...like, id: `${like.id}-${appeared++}`, tags: aTagSet(random) });
    fleet.members.push(born);
    cloud.put(born);
  };
  const fill = (one: Resource): void => {
    for (let n = 0; n < 16 && hasRoom(one); n++) cloud.setTag(one, `own-${n}`, '');
  };
  const set = (one: Resource, key: TagKey): void => {
    if (hasRoom(one)) cloud.setTag(one, key, random.pick(VALUES));
  };
  const acts: readonly (readonly [number, string, (one: Resource, key: TagKey) => void])[] = [
    [0.08, 'resource vanished', (one) => cloud.destroy(one)],
    [0.16, 'resource appeared', appear],
    [0.2, 'filled with tags by others', fill],
    [0.45, 'tag dropped by others', (one, key) => cloud.dropTag(one, key)],
    [1, 'tag set by others', set],
  ];
  const change = (one: Resource, key: TagKey): void => {
    const lot = random.next();
    const [, what, act] = acts.find(([below]) => lot < below)!;
    weather.count(what);
    act(one, key);
  };
  return {
    act() {
      if (!weather.bad || !random.chance(weather.others)) return;
      const pairs = random.chance(0.5) ? atWork() : [];
      const [name, key] = pairs.length === 0 ? [] : (random.pick(pairs).split(' ') as [string, TagKey]);
      const one = fleet.members.find((member) => resourceKey(member) === name);
      change(one ?? random.pick(fleet.members), key ?? random.pick(KEYS));
    },
    grow() {
      for (let n = random.whole(1, 5); n > 0; n--) {
        weather.count('resource appeared');
        appear(random.pick(fleet.members));
      }
    },
    interfere(about) {
      for (let n = random.whole(0, 8); n > 0; n--) {
        const target = about.length > 0 && random.chance(0.7) ? random.pick(about) : undefined;
        const one = fleet.members.find((member) => resourceKey(member) === target?.name);
        const key = random.chance(0.6) ? target?.key : random.pick(TURNING_KEYS);
        change(one ?? random.pick(fleet.members), key ?? random.pick(KEYS));
      }
    },
  };
}

/** Keys on which it depends whether a policy takes others. */
const TURNING_KEYS: readonly TagKey[] = ['legal-hold', 'env'];
