import type { Resource } from '../../lib/resource.ts';
import { aResource } from '../support/builders.ts';
import type { SimulatedCloud } from './cloud.ts';
import type { Random } from './random.ts';
import { aTagSet, type Fleet, KEYS, VALUES } from './scenario.ts';
import type { Weather } from './weather.ts';

/** Everybody else who works in the same account. */
export interface Others {
  /** One step of theirs, if the weather wants one. */
  act(): void;
  /** Some changes at once, as between a plan and its apply. */
  interfere(): void;
}

export function createOthers(cloud: SimulatedCloud, fleet: Fleet, random: Random, weather: Weather): Others {
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
  const set = (one: Resource): void => {
    const key = random.pick(KEYS);
    if (hasRoom(one)) cloud.setTag(one, key, random.pick(VALUES));
  };
  const acts: readonly (readonly [number, string, (one: Resource) => void])[] = [
    [0.08, 'resource vanished', (one) => cloud.destroy(one)],
    [0.16, 'resource appeared', appear],
    [0.2, 'filled with tags by others', fill],
    [0.45, 'tag dropped by others', (one) => cloud.dropTag(one, random.pick(KEYS))],
    [1, 'tag set by others', set],
  ];
  const change = (): void => {
    const lot = random.next();
    const [, what, act] = acts.find(([below]) => lot < below)!;
    weather.count(what);
    act(random.pick(fleet.members));
  };
  return {
    act() {
      if (weather.bad && random.chance(weather.others)) change();
    },
    interfere() {
      for (let n = random.whole(0, 6); n > 0; n--) change();
    },
  };
}
