import { createPeak, type PeakTracker } from './peak.ts';

/** One call that could change something, as it was asked for and as it ended. */
export interface WriteCall {
  readonly atMs: number;
  readonly api: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly requestId: string;
  readonly resourceType?: string;
  readonly resourceIds: readonly string[];
  readonly tagKeys: readonly string[];
  readonly all: boolean;
  readonly clientToken?: string;
  /** Bytes of path and query. */
  readonly targetBytes: number;
  /** `OK`, or the API's error code. */
  readonly code: string;
  /** True when the service did what was asked, whatever it then answered. */
  readonly applied: boolean;
  /** True when an answer given before was given again for the same client token. */
  readonly replayed: boolean;
}

export interface ApiCounts {
  readonly requests: number;
  readonly throttled: number;
  readonly failed: number;
  readonly peakConcurrency: number;
  readonly peakPerSecond: number;
  readonly peakPerMinute: number;
}

interface Tally {
  requests: number;
  throttled: number;
  failed: number;
  open: number;
  peakOpen: number;
  readonly second: PeakTracker;
  readonly minute: PeakTracker;
}

/** What the emulator saw, for tests that assert pace, batches and restraint. */
export class Counters {
  connections = 0;
  openConnections = 0;
  peakConnections = 0;
  /** UntagResources calls that carried `All=true`. */
  untagWithAll = 0;
  /** UntagResources calls that named no tag key. */
  untagWithoutKeys = 0;
  /** Calls refused because a resource of theirs was in another call in flight. */
  conflicts = 0;
  readonly #tallies = new Map<string, Tally>();
  readonly #writes: WriteCall[] = [];

  /** Requests, throttles, failures and peaks of one API, in one region or over all. */
  of(api: string, region?: string): ApiCounts {
    return describeTally(this.#tallies.get(tallyKey(api, region)) ?? createTally());
  }

  /** The same for every API that was called. */
  get byApi(): Readonly<Record<string, ApiCounts>> {
    const whole = [...this.#tallies].filter(([key]) => !key.includes(' '));
    return Object.fromEntries(whole.map(([key, tally]) => [key, describeTally(tally)]));
  }

  get requests(): number {
    return Object.values(this.byApi).reduce((sum, counts) => sum + counts.requests, 0);
  }

  /** Every write call, in the order in which they ended. */
  get writes(): readonly WriteCall[] {
    return this.#writes;
  }

  /**
   * Counts a request in; the function returned counts it out.
   *
   * @param nowMs when it came, epoch milliseconds.
   */
  begin(api: string, region: string, nowMs: number): (end: 'ok' | 'throttled' | 'failed') => void {
    const tallies = [this.#tally(tallyKey(api)), this.#tally(tallyKey(api, region))];
    for (const tally of tallies) {
      tally.requests += 1;
      tally.open += 1;
      tally.peakOpen = Math.max(tally.peakOpen, tally.open);
      tally.second.record(nowMs);
      tally.minute.record(nowMs);
    }
    return (end) => {
      for (const tally of tallies) {
        tally.open -= 1;
        if (end === 'throttled') tally.throttled += 1;
        if (end === 'failed') tally.failed += 1;
      }
    };
  }

  recordWrite(call: WriteCall): void {
    this.#writes.push(call);
    if (call.api !== 'UntagResources') return;
    if (call.all) this.untagWithAll += 1;
    if (call.tagKeys.length === 0) this.untagWithoutKeys += 1;
  }

  recordConflict(): void {
    this.conflicts += 1;
  }

  connectionOpened(): void {
    this.connections += 1;
    this.openConnections += 1;
    this.peakConnections = Math.max(this.peakConnections, this.openConnections);
  }

  connectionClosed(): void {
    this.openConnections -= 1;
  }

  /** Forgets everything but what is open now. */
  reset(): void {
    this.#tallies.clear();
    this.#writes.length = 0;
    this.connections = this.openConnections;
    this.peakConnections = this.openConnections;
    this.untagWithAll = 0;
    this.untagWithoutKeys = 0;
    this.conflicts = 0;
  }

  #tally(key: string): Tally {
    const known = this.#tallies.get(key);
    if (known !== undefined) return known;
    const tally = createTally();
    this.#tallies.set(key, tally);
    return tally;
  }
}

function tallyKey(api: string, region?: string): string {
  return region === undefined ? api : `${api} ${region}`;
}

function createTally(): Tally {
  return {
    requests: 0,
    throttled: 0,
    failed: 0,
    open: 0,
    peakOpen: 0,
    second: createPeak(1000),
    minute: createPeak(60_000),
  };
}

function describeTally(tally: Tally): ApiCounts {
  return {
    requests: tally.requests,
    throttled: tally.throttled,
    failed: tally.failed,
    peakConcurrency: tally.peakOpen,
    peakPerSecond: tally.second.peak,
    peakPerMinute: tally.minute.peak,
  };
}
