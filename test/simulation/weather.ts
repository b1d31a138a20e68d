import type { CloudCall, Fault } from './cloud.ts';
import type { Random } from './random.ts';

/** What can go wrong with a call; the run gets over these by itself while they are rare. */
const PASSING: Readonly<Record<string, Fault>> = {
  throttled: { when: 'before', kind: 'throttled', code: 'Throttling.User' },
  conflict: { when: 'before', kind: 'busy', code: 'OperationConflict' },
  'lost reply': { when: 'after', kind: 'unanswered', code: 'Unanswered' },
  reset: { when: 'before', kind: 'unanswered', code: 'Unanswered' },
  'truncated answer': { when: 'after', kind: 'unanswered', code: 'InvalidAnswer' },
  'HTML answer': { when: 'before', kind: 'unanswered', code: 'InvalidAnswer' },
  unavailable: { when: 'before', kind: 'unavailable', code: 'ServiceUnavailable' },
  'failed and done': { when: 'after', kind: 'unavailable', code: 'InternalError' },
};

const REJECTED: Fault = { when: 'before', kind: 'rejected', code: 'IncorrectStatus.Locked' };
const FATAL: Fault = { when: 'before', kind: 'fatal', code: 'InvalidSecurityToken.Expired' };
const LIE: Fault = { when: 'instead' };
const NEVER_ANSWERED: Fault = { when: 'after', kind: 'unanswered', code: 'Unanswered' };

/** Everything else that a run gets over without leaving anything undone. */
const HARMLESS = new Set([
  ...Object.keys(PASSING),
  'never answered',
  'short page',
  'empty page',
  'slow to show',
  'log slow',
]);

/** The share of passing faults up to which a run must come to the end of a run without faults. */
const RARE = 0.05;

/** What goes wrong, by lot; counts what did. */
export interface Weather {
  /** How often each thing went wrong. */
  readonly counts: Record<string, number>;
  /** False: nothing goes wrong any more. */
  bad: boolean;
  /** True: nothing is removed, since the quota is used up by others. */
  stalled: boolean;
  /** True: the execution has a deadline, and its log keeps to it. */
  hurried: boolean;
  /** How often others change something: the chance at each step of a run. */
  readonly others: number;
  /** The chance that one write to the log fails. */
  readonly deadLog: number;
  readonly fault: (call: CloudCall) => Fault | undefined;
  readonly visibilityMs: () => number;
  readonly pageSize: () => number;
  /** How long the log takes to keep a record, milliseconds. */
  logPauseMs(eventName: string): number;
  count(what: string): void;
  /** Counts so far, to be held against later ones. */
  mark(): Readonly<Record<string, number>>;
  /** What went wrong since a mark. */
  since(mark: Readonly<Record<string, number>>): ReadonlySet<string>;
  /** Whether a run that met this must have reached its end all the same. */
  isSurvivable(met: ReadonlySet<string>): boolean;
}

export function createWeather(random: Random, cursed: ReadonlySet<string>): Weather {
  const rate = random.pick([0, 0.02, 0.05, 0.1, 0.3]);
  const names = Object.keys(PASSING).filter(() => random.chance(0.4));
  const slow = random.chance(0.3);
  const pages = random.pick(['whole', 'whole', 'short', 'empty']);
  const fatalRate = random.chance(0.05) ? 0.02 : 0;
  const lieRate = random.chance(0.08) ? 0.1 : 0;
  const slowLog = random.chance(0.1);
  const silence = random.chance(0.3) ? 0.15 : 0;
  /** Requests that are done and never answered, however often they are tried. */
  const silent = new Map<string, boolean>();
  const counts: Record<string, number> = {};

  const isSilent = (call: CloudCall): boolean => {
    const request = call.clientToken ?? JSON.stringify([call.ids, call.keys]);
    const known = silent.get(request) ?? random.chance(silence);
    silent.set(request, known);
    return known;
  };
  const write = (call: CloudCall): Fault | undefined => {
    if (call.ids?.some((id) => cursed.has(id))) return counted('rejected', REJECTED);
    if (silence > 0 && isSilent(call)) return counted('never answered', NEVER_ANSWERED);
    return random.chance(lieRate) ? counted('answered and not done', LIE) : undefined;
  };
  const counted = (what: string, fault: Fault): Fault => {
    weather.count(what);
    return fault;
  };
  const weather: Weather = {
    counts,
    bad: true,
    stalled: false,
    hurried: false,
    others: random.pick([0, 0, 0, 0.01, 0.05]),
    deadLog: random.pick([0, 0, 0, 0.1, 0.5]),
    count: (what) => {
      counts[what] = (counts[what] ?? 0) + 1;
    },
    fault(call) {
      if (!weather.bad) return undefined;
      if (weather.stalled && call.api === 'UntagResources') return counted('throttled', PASSING.throttled!);
      const wrong = call.api === 'UntagResources' || call.api === 'TagResources' ? write(call) : undefined;
      if (wrong !== undefined) return wrong;
      if (random.chance(fatalRate)) return counted('credentials expired', FATAL);
      if (names.length === 0 || !random.chance(rate)) return undefined;
      const name = random.pick(names);
      return counted(name, PASSING[name]!);
    },
    visibilityMs() {
      if (!slow || !weather.bad) return 0;
      weather.count('slow to show');
      return random.whole(0, 8000);
    },
    logPauseMs(eventName) {
      const isPlan = eventName.endsWith('_planned');
      if (!weather.bad || weather.hurried || !slowLog || !isPlan) return 5;
      weather.count('log slow');
      return random.whole(20_000, 90_000);
    },
    pageSize() {
      if (pages === 'whole') return 20;
      const size = random.whole(pages === 'empty' && random.chance(0.3) ? 0 : 1, 20);
      if (size < 20) weather.count(size === 0 ? 'empty page' : 'short page');
      return size;
    },
    mark: () => ({ ...counts }),
    since: (mark) => new Set(Object.keys(counts).filter((what) => counts[what] !== mark[what])),
    isSurvivable(met) {
      // What was done without an answer is found out by reading, if it shows by then.
      if (met.has('never answered') && met.has('slow to show')) return false;
      return rate <= RARE && [...met].every((what) => HARMLESS.has(what));
    },
  };
  return weather;
}
