import { readAgain } from '../inventory/read-again.ts';
import { meterEci } from '../pace/meter.ts';
import { type Removal, refOf } from '../plan/types.ts';
import type { Proof } from '../report/report.ts';
import { type Resource, resourceKey } from '../resource.ts';
import { type Collected, collectRemovals, tagName } from '../undo/collect.ts';
import { createTimeLeft, recordReserveMs } from './deadline.ts';
import type { RunOptions, RunPorts } from './request.ts';
import { readRun } from './undo.ts';

/** What became of the tags that a run announced to remove. */
export interface RunVerification {
  readonly runId: string;
  readonly tags: {
    /** Announced in the journal. */
    readonly announced: number;
    readonly gone: number;
    /** There again, or still, with another value. */
    readonly changed: number;
    /** There with the announced value. */
    readonly there: number;
    /** Of resources that do not exist any more. */
    readonly vanished: number;
    /** Of resources that could not be read. */
    readonly unread: number;
  };
  /**
   * `foreign`: changed by others since; `unexplained`: asked for, and there with its old value. The
   * journal tells of what was to go only, so other tags are not looked at.
   */
  readonly proof: Proof;
}

const PACE = { share: 0.5, concurrency: 8 } as const;
const MAX_DIFFERENCES_NAMED = 100;

/**
 * Holds what a run announced, by the log, against what is there now.
 *
 * @throws {CleanupError} `AUDIT_UNAVAILABLE`, `RUN_NOT_FOUND`.
 */
export async function verifyRun(
  runId: string,
  ports: RunPorts,
  options: Pick<RunOptions, 'deadlineAtMs' | 'onProgress'>,
): Promise<RunVerification> {
  const collected = collectRemovals(await readRun(runId, ports));
  const { clock, chance } = ports;
  const { deadlineAtMs } = options;
  const calls =
    deadlineAtMs === undefined
      ? {}
      : { deadlineAtMs: deadlineAtMs - recordReserveMs(deadlineAtMs - clock.now()) };
  const eci = meterEci(ports.eci, { pace: PACE, clock, chance, ...calls });
  const time = createTimeLeft({ clock, ...(deadlineAtMs !== undefined && { deadlineAtMs }) });
  const byName = new Map(collected.removals.map((removal) => [resourceKey(refOf(removal)), removal]));
  const tally = { gone: 0, changed: 0, there: 0, vanished: 0, unread: 0 };
  const differences: string[] = [];
  let read = 0;
  const { unread } = await readAgain(collected.removals.map(refOf), {
    eci,
    concurrency: PACE.concurrency,
    mayStart: time.mayStart,
    onRead: (ref, live) => {
      const removal = byName.get(resourceKey(ref))!;
      compare(removal, live, collected, tally, differences);
      read += 1;
      options.onProgress?.({ step: 'verify', done: read, total: byName.size, text: 'Reading again' });
    },
  });
  for (const ref of unread) tally.unread += byName.get(resourceKey(ref))!.tags.length;
  const named = differences.slice(0, MAX_DIFFERENCES_NAMED);
  const announced = collected.removals.reduce((sum, removal) => sum + removal.tags.length, 0);
  return {
    runId,
    tags: { announced, ...tally },
    proof: {
      verified: tally.unread === 0 && differences.length === 0,
      foreign: tally.changed,
      unexplained: differences.length,
      ...(named.length > 0 && { differences: named }),
    },
  };
}

function compare(
  removal: Removal,
  live: Resource | undefined,
  collected: Collected,
  tally: Record<'gone' | 'changed' | 'there' | 'vanished' | 'unread', number>,
  differences: string[],
): void {
  const now = new Map((live?.tags ?? []).map((tag) => [tag.key, tag.value]));
  for (const tag of removal.tags) {
    const name = tagName(removal, tag.key);
    if (live === undefined) tally.vanished += 1;
    else if (live.tags === undefined) tally.unread += 1;
    else if (!now.has(tag.key)) tally.gone += 1;
    else if (now.get(tag.key) !== tag.value && !collected.withoutValue.has(name)) tally.changed += 1;
    else {
      tally.there += 1;
      if (!collected.neverAsked.has(name)) differences.push(name);
    }
  }
}
