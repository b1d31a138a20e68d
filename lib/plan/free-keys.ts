import type { Resource, TagKey } from '../resource.ts';
import type { Judge } from './types.ts';

/** Which keys of a group stay out of a resource's requests although the resource lacks them. */
export interface FreeKeys {
  /**
   * @param present - indexes of the group's keys that the resource has, ascending.
   * @returns indexes of keys that are not free when absent, ascending; among them may be keys that the
   *   resource has. Equal versions mean equal lists.
   */
  keptWhenAbsent(
    resource: Resource,
    present: readonly number[],
  ): { readonly keys: readonly number[]; readonly version: string };
}

/**
 * Asks the judge once per class of resources and key where it tells classes, else once per pair.
 *
 * A class is learned from the resources that lack a key: a key that its first resource has waits for the
 * first one without it.
 */
export function createFreeKeys(keys: readonly TagKey[], judge: Judge): FreeKeys {
  const classes = new Map<string, FreeClass>();
  const all = everyKey(keys.length);
  return {
    keptWhenAbsent(resource, present) {
      const name = judge.freeClass?.(resource);
      if (name === undefined) {
        const here = new Set(present);
        const kept = all.filter((key) => !here.has(key) && !judge.isFree(resource, keys[key]!));
        return { keys: kept, version: kept.join() };
      }
      const known = classes.get(name) ?? startClass(classes, name, all);
      learn(known, resource, new Set(present));
      return { keys: known.kept, version: `${known.number}.${known.kept.length}` };
    },
  };

  function learn(known: FreeClass, resource: Resource, present: ReadonlySet<number>): void {
    if (known.open.length === 0) {
      return;
    }
    const here = known.open.filter((key) => present.has(key));
    if (here.length === known.open.length) {
      return;
    }
    const found = known.open.filter((key) => !present.has(key) && !judge.isFree(resource, keys[key]!));
    known.open = here;
    if (found.length > 0) {
      known.kept = [...known.kept, ...found].sort((a, b) => a - b);
    }
  }
}

interface FreeClass {
  readonly number: number;
  /** Keys not asked about yet. */
  open: readonly number[];
  kept: readonly number[];
}

function startClass(classes: Map<string, FreeClass>, name: string, keys: readonly number[]): FreeClass {
  const started = { number: classes.size, open: keys, kept: [] };
  classes.set(name, started);
  return started;
}

function everyKey(count: number): readonly number[] {
  return Array.from({ length: count }, (_, key) => key);
}
