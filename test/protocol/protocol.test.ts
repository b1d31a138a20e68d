import { describe, expect, it } from 'vitest';
import { AS_IT_IS, begin, broken, type Faults, isQuiet, next, type Protocol, type State } from './model.ts';

const NO_FAULTS: Faults = { kills: 0, doubles: 0, lostAnswers: 0, repeats: 0 };
const WORLDS: readonly Faults[] = [
  NO_FAULTS,
  { ...NO_FAULTS, kills: 2 },
  { ...NO_FAULTS, doubles: 1 },
  { ...NO_FAULTS, lostAnswers: 1 },
  { ...NO_FAULTS, repeats: 1 },
  { kills: 1, doubles: 1, lostAnswers: 0, repeats: 0 },
];

interface Explored {
  readonly states: number;
  readonly quiet: number;
  /** Each broken promise once. */
  readonly broken: ReadonlySet<string>;
}

/** Every state that can be reached, each once. */
function explore(faults: Faults, protocol: Protocol): Explored {
  const seen = new Set<string>();
  const open: State[] = [begin(faults)];
  const found = new Set<string>();
  let quiet = 0;
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const name = nameOf(state, protocol);
    if (seen.has(name)) continue;
    seen.add(name);
    if (isQuiet(state)) quiet += 1;
    for (const fault of broken(state, protocol)) found.add(fault);
    open.push(...next(state, protocol));
  }
  return { states: seen.size, quiet, broken: found };
}

/** The same whatever order things came in, where the order says nothing: the last attempt is told by it. */
function nameOf(state: State, { history }: Protocol): string {
  const sorted = (list: readonly unknown[]) => list.map((one) => JSON.stringify(one)).sort();
  const { there, waiting, running, done, known, journal, removals, told, faults, era, isHurt } = state;
  return JSON.stringify([
    [there, faults, era, isHurt],
    [sorted(waiting), sorted(running), sorted(done), sorted(known), sorted(removals)],
    removals.filter((one) => !journal.includes(one)),
    history === 'attempts are summed' ? sorted(told) : told,
  ]);
}

describe('the protocol of hand-overs', () => {
  it.each(WORLDS)(
    'keeps its promises in every order of events: %j',
    (faults) => {
      const { states, quiet, broken: found } = explore(faults, AS_IT_IS);

      expect([...found]).toEqual([]);
      expect(quiet).toBeGreaterThan(0);
      expect(states).toBeGreaterThan(100);
    },
    300_000,
  );

  it.each<[string, Partial<Protocol>, Faults, string]>([
    [
      'a task id that tells the place alone',
      { taskIds: 'by place' },
      { ...NO_FAULTS, repeats: 1 },
      'left undone, and told as done',
    ],
    [
      'a history of last attempts',
      { history: 'the last attempt alone' },
      { ...NO_FAULTS, kills: 1 },
      'history tells of fewer than were removed',
    ],
    [
      'a policy that is lost on the way',
      { policy: 'lost on the way' },
      NO_FAULTS,
      'left undone, and told as done',
    ],
    [
      'an allowance by message',
      { spent: 'by message' },
      { ...NO_FAULTS, doubles: 1 },
      'a family removed more than its limit',
    ],
  ])('would be found out with %s', (_, mistake, faults, says) => {
    const { broken: found } = explore(faults, { ...AS_IT_IS, ...mistake });

    expect([...found]).toContain(says);
  });
});
