import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGate, whyClosed } from '../../../lib/apply/gate.ts';
import type { Batch } from '../../../lib/batch/types.ts';
import { createBook } from '../../../lib/change/book.ts';
import { type Action, columnOf, tagOf } from '../../../lib/change/column.ts';
import { createChangeTable } from '../../../lib/change/table.ts';
import type { TagRequest, UntagRequest } from '../../../lib/ports.ts';
import { aBatch, aRemoval } from '../../support/removals.ts';

/**
 * What is known of one pair of resource and key: all that the gate may be asked about.
 * `other`: there is a tag that the plan leaves alone.
 */
const STATES = ['other', 'free', 'planned', 'journaled', 'stale', 'done'] as const;
type State = (typeof STATES)[number];

/** A world: the state of each pair, by resource and key. A resource without a planned pair is not in the plan. */
type World = Readonly<Record<string, Readonly<Record<string, State>>>>;

interface Case {
  readonly action: Action;
  readonly world: World;
  readonly unprotected: readonly string[];
}

const VALUE = 'v';
const isPlanned = (state: State | undefined) => state !== undefined && state !== 'other' && state !== 'free';

/** The rule itself, straight from what is promised, without anything that the gate is made of. */
function mayGo({ action, world, unprotected }: Case, request: Batch): boolean {
  const { ids, keys } = request;
  const tags = keys.map((column) => (action === 'remove' ? { key: column, value: VALUE } : tagOf(column)));
  if (request.region !== 'cn-hangzhou' || ids.length === 0 || keys.length === 0) return false;
  if (new Set(ids).size < ids.length || new Set(tags.map(({ key }) => key)).size < tags.length) return false;
  return ids.every((id) =>
    tags.every(({ key, value }) => {
      const states = world[id] ?? {};
      const state = states[key];
      if (!Object.values(states).some(isPlanned)) return false;
      if (key.startsWith('acs:')) return false;
      if (action === 'remove' && key === 'PodName' && !unprotected.includes(key)) return false;
      if (state === 'free') return action === 'remove';
      if (state === 'done') return action === 'remove';
      return state === 'journaled' && value === VALUE;
    }),
  );
}

function gateOptions({ action, world, unprotected }: Case) {
  const changes = Object.entries(world).flatMap(([id, states]) => {
    const keys = Object.keys(states).filter((key) => isPlanned(states[key]));
    return keys.length === 0 ? [] : [aRemoval(id, Object.fromEntries(keys.map((key) => [key, VALUE])))];
  });
  const book = createBook(createChangeTable(changes, action));
  for (const [row, { id, tags }] of changes.entries()) {
    for (const [at, { key }] of tags.entries()) {
      const slot = book.table.firstSlot(row) + at;
      const state = world[id]?.[key];
      if (state !== 'planned') book.noteJournaled([slot]);
      if (state === 'stale') book.end(slot, 'stale');
      if (state === 'done') book.end(slot, action === 'remove' ? 'removed' : 'restored');
    }
  }
  return {
    book,
    unprotected,
    isFree: ({ id }: { readonly id: string }, key: string) => world[id]?.[key] === 'free',
  };
}

/** Every list of up to `most` of these, repeats included. */
function listsOf<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  if (most === 0) return [[]];
  const shorter = listsOf(items, most - 1);
  const longest = shorter.filter((list) => list.length === most - 1);
  return [...shorter, ...longest.flatMap((list) => items.map((item) => [...list, item]))];
}

function* worldsOf(resources: readonly string[], keys: readonly string[]): Generator<World> {
  const pairs = resources.flatMap((id) => keys.map((key) => [id, key] as const));
  for (let n = 0; n < STATES.length ** pairs.length; n += 1) {
    const world: Record<string, Record<string, State>> = {};
    for (const [at, [id, key]] of pairs.entries()) {
      world[id] = { ...world[id], [key]: STATES[Math.floor(n / STATES.length ** at) % STATES.length]! };
    }
    yield world;
  }
}

const columns = (action: Action, keys: readonly string[]) =>
  action === 'remove'
    ? keys
    : [
        ...keys.map((key) => columnOf('put', { key, value: VALUE })),
        columnOf('put', { key: keys[0]!, value: 'w' }),
      ];

describe('the gate, over every small world', () => {
  it.each(['remove', 'put'] as const)(
    'opens for just what may go: 2 resources × 2 keys in 6 states each, every request of up to 2 and 2, to %s',
    (action) => {
      const requests = listsOf(['eci-1', 'eci-2', 'eci-3'], 2).flatMap((ids) =>
        listsOf(columns(action, ['a', 'PodName', 'acs:x']), 2).flatMap((keys) => [
          aBatch(ids, keys),
          aBatch(ids, keys, { region: 'cn-beijing' }),
        ]),
      );
      let decided = 0;
      let opened = 0;
      const wrong: unknown[] = [];
      for (const world of worldsOf(['eci-1', 'eci-2'], ['a', 'PodName'])) {
        for (const unprotected of [[], ['PodName']]) {
          const options = gateOptions({ action, world, unprotected });
          for (const request of requests) {
            const isOpen = whyClosed(options, request) === undefined;
            decided += 1;
            opened += Number(isOpen);
            if (isOpen !== mayGo({ action, world, unprotected }, request) && wrong.length < 3)
              wrong.push({ world, unprotected, request, isOpen });
          }
        }
      }

      expect(wrong).toEqual([]);
      expect(decided).toBe(6 ** 4 * 2 * requests.length);
      expect(opened).toBeGreaterThan(decided / 1000);
    },
    60_000,
  );
});

const RESOURCES = ['eci-1', 'eci-2', 'eci-3', 'eci-4'];
const KEYS = ['a', 'A', 'PodName', 'k8s.io/x', 'acs:x', 'aliyun-x', ''];

describe('the gate, beyond', () => {
  it('sends just what may go, pair by pair, in larger worlds, whatever the request', async () => {
    const states = fc.record(
      Object.fromEntries(
        ['a', 'A', 'b', 'PodName'].map((key) => [
          key,
          fc.constantFrom(...STATES, 'journaled' as const, 'free' as const),
        ]),
      ),
    );
    const worlds = fc.record(Object.fromEntries(RESOURCES.map((id) => [id, states])));
    const request = fc.record({
      ids: fc.array(fc.constantFrom(...RESOURCES, 'eci-9', ''), { maxLength: 4 }),
      keys: fc.array(fc.constantFrom(...KEYS, 'a', 'b', 'b', 'B'), { maxLength: 4 }),
      region: fc.constantFrom('cn-hangzhou', 'cn-hangzhou', 'cn-hangzhou', 'cn-beijing'),
      wrongValue: fc.nat({ max: 9 }),
    });
    let sentAtAll = 0;
    await fc.assert(
      fc.asyncProperty(
        worlds,
        request,
        fc.constantFrom<Action>('remove', 'put'),
        fc.subarray(['PodName']),
        async (world, { ids, keys, region, wrongValue }, action, unprotected) => {
          const asked = keys.map((key, at) =>
            action === 'remove' ? key : columnOf('put', { key, value: at === wrongValue ? 'w' : VALUE }),
          );
          const sent: (UntagRequest | TagRequest)[] = [];
          const send = async (one: UntagRequest | TagRequest) => {
            sent.push(one);
            return { requestId: 'R' };
          };
          const one = { action, world, unprotected } as Case;
          const gate = createGate({
            ...gateOptions(one),
            eci: { untagResources: send, tagResources: send },
            execution: 'run-1',
          });

          await gate.send(aBatch(ids, asked, { region }), 0).catch(() => undefined);

          const pairs = sent.flatMap((request) => {
            const named = 'keys' in request ? request.keys : request.tags.map(({ key }) => key);
            return request.ids.flatMap((id) => named.map((key) => `${id} ${key}`));
          });
          const allowed = mayGo(one, aBatch(ids, asked, { region }));
          expect(pairs).toEqual(allowed ? ids.flatMap((id) => keys.map((key) => `${id} ${key}`)) : []);
          sentAtAll += sent.length;
        },
      ),
      { numRuns: 5000 },
    );

    expect(sentAtAll).toBeGreaterThan(20);
  });
});
