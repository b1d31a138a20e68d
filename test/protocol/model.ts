import { type ContinuationPayload, chainRunId, chainTaskId } from '../../lib/run/chain.ts';

/**
 * The protocol by which a run goes on from invocation to invocation, small enough to be looked at whole: four tags in two
 * regions, a platform that starts each task at least once, and a root that may be asked for again under its id. Task ids
 * are the program's own.
 */

const TAGS = 4;
/** Two regions, two tags each. */
export const REGION_OF = [0, 0, 1, 1] as const;
/** A family may remove all tags once. */
const LIMIT = TAGS;
const MOST_HOPS = 2;

/** What the world still has in store; each fault is spent once. */
export interface Faults {
  /** A killed invocation; the platform tries it again. */
  readonly kills: number;
  /** A task that is done is delivered again, however late. */
  readonly doubles: number;
  /** A submission that is taken, and whose answer is lost. */
  readonly lostAnswers: number;
  /** The root is asked for again under its id, when all is done and every tag is there again. */
  readonly repeats: number;
}

/** How the protocol is made; anything but the first of each is a mistake that was made once. */
export interface Protocol {
  readonly taskIds: 'by digest' | 'by place';
  readonly policy: 'found by its name' | 'lost on the way';
  readonly history: 'attempts are summed' | 'the last attempt alone';
  readonly spent: 'by record' | 'by message';
}

export const AS_IT_IS: Protocol = {
  taskIds: 'by digest',
  policy: 'found by its name',
  history: 'attempts are summed',
  spent: 'by record',
};

interface Task {
  readonly hop: number;
  /** Both regions, or one. */
  readonly scope: 'all' | 0 | 1;
  readonly allowance: number;
  /** The execution of the root that it goes back to. */
  readonly era: number;
  /** What was left to it. */
  readonly left: readonly number[];
}

interface Running {
  readonly task: Task;
  readonly planned: readonly number[];
  /** The tag that the journal announces, before it is removed. */
  readonly announced?: number;
  readonly removed: readonly number[];
}

interface Told {
  readonly runId: string;
  readonly removed: number;
  readonly outcome: 'success' | 'handed over' | 'refused' | 'unfinished';
}

export interface State {
  readonly there: readonly boolean[];
  readonly waiting: readonly Task[];
  readonly running: readonly Running[];
  /** Tasks that ended, and may come again. */
  readonly done: readonly Task[];
  readonly known: readonly string[];
  /** `runId tag` of each tag that was announced, and of each that was removed, by era. */
  readonly journal: readonly string[];
  readonly removals: readonly string[];
  readonly told: readonly Told[];
  readonly faults: Faults;
  readonly era: number;
  /** Whether any fault was met. */
  readonly isHurt: boolean;
}

export function begin(faults: Faults): State {
  const root: Task = { hop: 0, scope: 'all', allowance: LIMIT, era: 0, left: [] };
  return {
    there: Array(TAGS).fill(true),
    waiting: [root],
    running: [],
    done: [],
    known: [],
    journal: [],
    removals: [],
    told: [],
    faults,
    era: 0,
    isHurt: false,
  };
}

/** Every state that may come next. */
export function* next(state: State, protocol: Protocol): Generator<State> {
  for (const at of state.waiting.keys()) yield start(state, at, protocol);
  for (const at of state.running.keys()) yield* step(state, at, protocol);
  if (isQuiet(state)) yield* disturb(state);
}

export const isQuiet = ({ waiting, running }: State): boolean => waiting.length + running.length === 0;

function start(state: State, at: number, protocol: Protocol): State {
  const task = state.waiting[at]!;
  const waiting = without(state.waiting, at);
  if (task.hop > 0 && protocol.policy === 'lost on the way') return { ...state, waiting };
  const planned = [...state.there.keys()].filter(
    (tag) => state.there[tag] && (task.scope === 'all' || REGION_OF[tag] === task.scope),
  );
  const spent = protocol.spent === 'by record' ? spentOf(state, task) : 0;
  if (planned.length + spent > task.allowance) {
    const told: Told = { runId: runIdOf(task), removed: 0, outcome: 'refused' };
    return { ...state, waiting, done: [...state.done, task], told: [...state.told, told] };
  }
  return { ...state, waiting, running: [...state.running, { task, planned, removed: [] }] };
}

/** What records say was removed under this task's id, and by those that went on from it. */
function spentOf({ removals }: State, task: Task): number {
  return removals.filter((one) => {
    const [era, scope, hop] = one.split(' ');
    if (task.hop === 0) return Number(era) === task.era;
    return Number(era) === task.era && scope === String(task.scope) && Number(hop) >= task.hop;
  }).length;
}

function* step(state: State, at: number, protocol: Protocol): Generator<State> {
  const one = state.running[at]!;
  const others = without(state.running, at);
  const { task, planned, removed, announced } = one;
  const left = planned.filter((tag) => !removed.includes(tag));
  const name = (tag: number) => `${task.era} ${task.scope} ${task.hop} ${tag}`;
  if (announced !== undefined) {
    // Absent by now: others were faster, and nothing is told as removed.
    const wasThere = state.there[announced];
    const there = state.there.map((is, tag) => is && tag !== announced);
    yield {
      ...state,
      there,
      removals: wasThere ? [...state.removals, name(announced)] : state.removals,
      running: [...others, { task, planned, removed: [...removed, announced] }],
    };
  } else if (left.length > 0) {
    const tag = left[0]!;
    yield {
      ...state,
      journal: [...state.journal, name(tag)],
      running: [...others, { ...one, announced: tag }],
    };
    if (removed.length > 0 || task.hop === 0) yield* handOver(state, one, others, left, protocol);
  } else {
    yield ended(state, one, others, 'success');
  }
  if (state.faults.kills > 0) {
    const faults = { ...state.faults, kills: state.faults.kills - 1 };
    const told = { runId: runIdOf(task), removed: countOf(state, task), outcome: 'unfinished' } as const;
    yield {
      ...state,
      running: others,
      waiting: [...state.waiting, task],
      told: [...state.told, told],
      faults,
      isHurt: true,
    };
  }
}

/** Time ends: the rest goes to the next in the chain or, of the root, to an invocation a region. */
function* handOver(
  state: State,
  one: Running,
  others: readonly Running[],
  left: readonly number[],
  protocol: Protocol,
): Generator<State> {
  const { task, removed } = one;
  if (task.hop >= MOST_HOPS) return yield ended(state, one, others, 'unfinished');
  const heir = { era: task.era, hop: task.hop + 1 };
  const scopes = task.hop === 0 && removed.length === 0 ? ([0, 1] as const) : ([task.scope] as const);
  const heirs: Task[] = scopes.map((scope) => {
    const own = left.filter((tag) => scope === 'all' || REGION_OF[tag] === scope);
    return { ...heir, scope, left: own, allowance: own.length };
  });
  const taken = heirs.filter((other) => !state.known.includes(taskIdOf(other, protocol)));
  const submitted = {
    ...state,
    known: [...state.known, ...taken.map((other) => taskIdOf(other, protocol))],
    waiting: [...state.waiting, ...taken],
  };
  yield ended(submitted, one, others, 'handed over');
  if (state.faults.lostAnswers === 0) return;
  // It was taken, and nobody heard of it: thrown, and tried again by the platform.
  const faults = { ...state.faults, lostAnswers: state.faults.lostAnswers - 1 };
  const hurt = { ...submitted, faults, isHurt: true, waiting: [...submitted.waiting, task] };
  yield { ...ended(hurt, one, others, 'unfinished'), done: state.done };
}

function ended(state: State, one: Running, others: readonly Running[], outcome: Told['outcome']): State {
  const told = { runId: runIdOf(one.task), removed: one.removed.length, outcome };
  return { ...state, running: others, done: [...state.done, one.task], told: [...state.told, told] };
}

function* disturb(state: State): Generator<State> {
  if (state.faults.doubles > 0) {
    const faults = { ...state.faults, doubles: state.faults.doubles - 1 };
    const again = { ...state, there: Array(TAGS).fill(true), faults, isHurt: true };
    for (const task of state.done) if (task.hop > 0) yield { ...again, waiting: [task] };
  }
  if (state.faults.repeats > 0) {
    const faults = { ...state.faults, repeats: state.faults.repeats - 1 };
    const era = state.era + 1;
    const root: Task = { hop: 0, scope: 'all', allowance: LIMIT, era, left: [] };
    yield { ...state, there: Array(TAGS).fill(true), waiting: [root], faults, era };
  }
}

function countOf({ removals }: State, task: Task): number {
  return removals.filter((one) => one.startsWith(`${task.era} ${task.scope} ${task.hop} `)).length;
}

const runIdOf = (task: Task): string => (task.hop === 0 ? 'req-r' : chainRunId(placeOf(task)));

/** The program's own, of a payload that says all that tells this continuation from another. */
function taskIdOf(task: Task, { taskIds }: Protocol): string {
  if (taskIds === 'by place') return `t-${chainRunId(placeOf(task))}`;
  return chainTaskId({ ...placeOf(task), ...task, startedAtMs: task.era } as unknown as ContinuationPayload);
}

function placeOf({ scope, hop }: Task) {
  return { familyId: 'req-r', shard: scope === 'all' ? 'all' : `region-${scope}`, hop };
}

function without<T>(list: readonly T[], at: number): readonly T[] {
  return [...list.slice(0, at), ...list.slice(at + 1)];
}

/** The promises, of one state: each that is broken in a sentence. */
export function broken(state: State, protocol: Protocol): readonly string[] {
  const faults: string[] = [];
  if (state.removals.some((one) => !state.journal.includes(one)))
    faults.push('removed before it was written down');
  for (let era = 0; era <= state.era; era += 1) {
    const removed = state.removals.filter((one) => one.startsWith(`${era} `)).length;
    if (removed > LIMIT) faults.push('a family removed more than its limit');
  }
  if (!isQuiet(state)) return faults;
  if (state.there.includes(true) && !state.isHurt && !tells(state))
    faults.push('left undone, and told as done');
  if (historyOf(state, protocol) < state.removals.length)
    faults.push('history tells of fewer than were removed');
  return faults;
}

/** Whether some record says that not all was done; what was handed over is its heir's to tell. */
function tells({ told }: State): boolean {
  return told.some(({ outcome }) => outcome === 'refused' || outcome === 'unfinished');
}

function historyOf({ told }: State, { history }: Protocol): number {
  if (history === 'attempts are summed') return told.reduce((sum, { removed }) => sum + removed, 0);
  const last = new Map(told.map(({ runId, removed }) => [runId, removed]));
  return [...last.values()].reduce((sum, removed) => sum + removed, 0);
}
