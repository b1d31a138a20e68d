import type { Random } from './random.ts';

/** What can go wrong with one call. */
export type Fault =
  /** The API's own error; `status` and `message` default to those known for the code. */
  | {
      readonly kind: 'error';
      readonly code: string;
      readonly status?: number;
      readonly message?: string;
      /** True: the call is carried out first, and the error is a lie. */
      readonly applied?: boolean;
    }
  /** `Code` inside an answer with status 200. */
  | { readonly kind: 'code-in-ok'; readonly code: string; readonly applied?: boolean }
  /** A gateway's HTML page. */
  | { readonly kind: 'html'; readonly status?: number; readonly applied?: boolean }
  /** A status without a body. */
  | { readonly kind: 'empty'; readonly status?: number; readonly applied?: boolean }
  /** JSON that ends in the middle, complete as far as HTTP can tell. */
  | { readonly kind: 'truncated'; readonly applied?: boolean }
  /** The connection closes in the middle of the body. */
  | { readonly kind: 'cut'; readonly applied?: boolean }
  /** The connection is reset before a byte of the answer. */
  | { readonly kind: 'reset'; readonly applied?: boolean }
  /** No answer, ever. */
  | { readonly kind: 'hang'; readonly applied?: boolean }
  /** The right answer, a few bytes at a time. */
  | { readonly kind: 'trickle'; readonly bytes?: number; readonly everyMs?: number }
  /** The right answer, late. */
  | { readonly kind: 'slow'; readonly ms: number };

/** A call as far as a rule can see it. */
export interface FaultCall {
  readonly api: string;
  readonly region: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Which calls go wrong, and how. All conditions given must hold. */
export interface FaultRule {
  readonly fault: Fault;
  /** One API, or some; left out: every one. */
  readonly api?: string | readonly string[];
  readonly region?: string;
  /** Which of the matching calls, counted from 1. */
  readonly calls?: readonly number[];
  /** Every nth of the matching calls. */
  readonly every?: number;
  /** The share of the matching calls, 0 to 1, by the emulator's seed. */
  readonly rate?: number;
  /** At most so many faults. */
  readonly times?: number;
  /** For tests in the same process, such as "every call that names this resource". */
  readonly when?: (call: FaultCall) => boolean;
}

export interface FaultHandle {
  /** How many calls matched, and how many of them went wrong. */
  readonly matched: number;
  readonly hits: number;
  remove(): void;
}

interface Entry {
  readonly rule: FaultRule;
  matched: number;
  hits: number;
}

/** The faults to come: rules are tried in the order added, and the first that strikes decides. */
export class Faults {
  readonly #entries = new Set<Entry>();
  readonly #random: Random;

  constructor(random: Random, rules: readonly FaultRule[] = []) {
    this.#random = random;
    for (const rule of rules) this.add(rule);
  }

  add(rule: FaultRule): FaultHandle {
    const entry: Entry = { rule, matched: 0, hits: 0 };
    this.#entries.add(entry);
    return {
      get matched() {
        return entry.matched;
      },
      get hits() {
        return entry.hits;
      },
      remove: () => this.#entries.delete(entry),
    };
  }

  clear(): void {
    this.#entries.clear();
  }

  /** The fault that this call meets, if any. Every matching rule counts the call, whichever strikes. */
  next(call: FaultCall): Fault | undefined {
    let fault: Fault | undefined;
    for (const entry of this.#entries) {
      if (!matches(entry.rule, call)) continue;
      entry.matched += 1;
      if (!this.#strikes(entry) || fault !== undefined) continue;
      entry.hits += 1;
      fault = entry.rule.fault;
    }
    return fault;
  }

  #strikes({ rule, matched, hits }: Entry): boolean {
    if (rule.times !== undefined && hits >= rule.times) return false;
    if (rule.calls !== undefined && !rule.calls.includes(matched)) return false;
    if (rule.every !== undefined && matched % rule.every !== 0) return false;
    return rule.rate === undefined || this.#random() < rule.rate;
  }
}

function matches(rule: FaultRule, call: FaultCall): boolean {
  const apis = typeof rule.api === 'string' ? [rule.api] : rule.api;
  return (
    (apis === undefined || apis.includes(call.api)) &&
    (rule.region === undefined || rule.region === call.region) &&
    (rule.when === undefined || rule.when(call))
  );
}
