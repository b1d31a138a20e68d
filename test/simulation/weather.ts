import type { CloudCall, Fault } from './cloud.ts';
import type { Random } from './random.ts';

/** What can go wrong with a call, and how. */
const FAULTS: Readonly<Record<string, Fault>> = {
  throttled: { when: 'before', kind: 'throttled', code: 'Throttling.User' },
  conflict: { when: 'before', kind: 'busy', code: 'OperationConflict' },
  'lost reply': { when: 'after', kind: 'unanswered', code: 'Unanswered' },
  reset: { when: 'before', kind: 'unanswered', code: 'Unanswered' },
  unavailable: { when: 'before', kind: 'unavailable', code: 'ServiceUnavailable' },
  'failed and done': { when: 'after', kind: 'unavailable', code: 'InternalError' },
};

/** What goes wrong in a run, by lot; counts what did. */
export interface Weather {
  /** How often each thing went wrong. */
  readonly counts: Record<string, number>;
  /** False: nothing goes wrong any more. */
  bad: boolean;
  readonly fault: (call: CloudCall) => Fault | undefined;
  count(what: string): void;
}

export function createWeather(random: Random, cursed: ReadonlySet<string>): Weather {
  const rate = random.pick([0, 0.02, 0.1, 0.3]);
  const names = Object.keys(FAULTS).filter(() => random.chance(0.5));
  const counts: Record<string, number> = {};
  const weather: Weather = {
    counts,
    bad: true,
    count: (what) => {
      counts[what] = (counts[what] ?? 0) + 1;
    },
    fault(call) {
      if (!weather.bad) return undefined;
      if (call.api === 'UntagResources' && call.ids?.some((id) => cursed.has(id))) {
        weather.count('rejected');
        return { when: 'before', kind: 'rejected', code: 'IncorrectStatus.Locked' };
      }
      if (names.length === 0 || !random.chance(rate)) return undefined;
      const name = random.pick(names);
      weather.count(name);
      return FAULTS[name];
    },
  };
  return weather;
}
