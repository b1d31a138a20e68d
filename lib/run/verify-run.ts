import { readJournal } from '../audit/decode.ts';
import type { AuditRecord } from '../audit/record.ts';
import { readByIds } from '../inventory/by-id.ts';
import { lookAgain, PATIENCE_MS } from '../inventory/look-again.ts';
import { meterEci } from '../pace/meter.ts';
import type { Removal } from '../plan/types.ts';
import type { Proof } from '../report/report.ts';
import { type Resource, type ResourceRef, resourceKey } from '../resource.ts';
import { type Collected, collectRemovals, tagName } from '../undo/collect.ts';
import { createTimeLeft, recordReserveMs } from './deadline.ts';
import type { RunOptions, RunPorts } from './request.ts';
import { readTrustedRun, trustedRecords, type WantedAttempts } from './trusted-run.ts';

/** What became of the tags that a run announced to remove. */
export interface RunVerification {
  readonly runId: string;
  readonly tags: {
    /** Announced in the journal. */
    readonly announced: number;
    readonly gone: number;
    /** There again with the announced value, put back by an undo of the run. */
    readonly restored: number;
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
  /** What was left aside of the log, and why. */
  readonly warnings: readonly string[];
}

const PACE = { share: 0.5, concurrency: 8 } as const;
const MAX_DIFFERENCES_NAMED = 100;

/**
 * Holds what a run announced, by the log, against what is there now. What an undo of the run put back is there by
 * right.
 *
 * What its requests removed may still show to a reader for a while: a run that wrote its last record less than a
 * minute ago is given that minute, within the time left, and looked at again after growing pauses.
 *
 * @throws {CleanupError} `AUDIT_UNAVAILABLE`, `RUN_NOT_FOUND`.
 */
export async function verifyRun(
  runId: string,
  ports: RunPorts,
  options: Pick<RunOptions, 'deadlineAtMs' | 'onProgress'>,
  attempts?: WantedAttempts,
): Promise<RunVerification> {
  const trusted = await readTrustedRun(runId, ports, attempts);
  const { records } = trusted;
  const collected = collectRemovals(records);
  const restored = await readRestored(runId, ports);
  const { clock, chance } = ports;
  const { deadlineAtMs } = options;
  const calls =
    deadlineAtMs === undefined
      ? {}
      : { deadlineAtMs: deadlineAtMs - recordReserveMs(deadlineAtMs - clock.now()) };
  const eci = meterEci(ports.eci, { pace: PACE, clock, chance, ...calls });
  const time = createTimeLeft({ clock, ...(deadlineAtMs !== undefined && { deadlineAtMs }) });
  const findings = openFindings(collected, restored);
  const total = collected.removals.length;
  const read = new Set<string>();
  const look = (refs: readonly ResourceRef[]) =>
    readByIds(refs, {
      eci,
      concurrency: PACE.concurrency,
      mayStart: time.mayStart,
      onRead: (ref, live) => {
        findings.onRead(ref, live);
        read.add(resourceKey(ref));
        options.onProgress?.({ step: 'verify', done: read.size, total, text: 'Reading again' });
      },
    });
  await look(collected.removals);
  const settledAtMs = lastOf(records) + PATIENCE_MS;
  const isSettled = await lookAgain({
    clock,
    time,
    isWaiting: () => findings.waiting().length > 0 && clock.now() < settledAtMs,
    look: () => look(findings.waiting()),
  });
  return { ...summarize(runId, collected, findings.all(), isSettled), warnings: trusted.warnings };
}

function lastOf(records: readonly AuditRecord[]): number {
  return records.reduce((last, { event_time }) => Math.max(last, Date.parse(event_time)), 0);
}

/** What became of one announced tag; `strange`: asked for, and there with its old value. */
type TagState = Exclude<keyof RunVerification['tags'], 'announced'> | 'strange';

interface Finding {
  readonly removal: Removal;
  /** One for each tag of the removal. */
  readonly states: readonly TagState[];
}

/** `region/type/id key` of what undos of a run announced to put back. */
async function readRestored(runId: string, ports: RunPorts): Promise<ReadonlySet<string>> {
  const records = trustedRecords((await ports.audit?.read({ undoOf: runId })) ?? [], ports.signer);
  const { announced } = readJournal(records, 'restores_planned');
  return new Set(announced.flatMap((entry) => entry.tags.map(({ key }) => tagName(entry, key))));
}

function openFindings(collected: Collected, restored: ReadonlySet<string>) {
  const found = new Map<string, Finding>(
    collected.removals.map((removal) => [
      resourceKey(removal),
      { removal, states: removal.tags.map(() => 'unread') },
    ]),
  );
  return {
    onRead(ref: ResourceRef, live: Resource | undefined): void {
      const name = resourceKey(ref);
      const { removal } = found.get(name)!;
      // Listed without its tags: no better known than before.
      if (live !== undefined && live.tags === undefined) return;
      found.set(name, { removal, states: statesOf(removal, live, collected, restored) });
    },
    all: () => [...found.values()],
    /** Resources with a tag that should be gone. */
    waiting: () =>
      [...found.values()].filter(({ states }) => states.includes('strange')).map(({ removal }) => removal),
  };
}

function statesOf(
  removal: Removal,
  live: Resource | undefined,
  collected: Collected,
  restored: ReadonlySet<string>,
): readonly TagState[] {
  if (live === undefined) return removal.tags.map(() => 'vanished');
  const now = new Map((live.tags ?? []).map((tag) => [tag.key, tag.value]));
  return removal.tags.map(({ key, value }) => {
    if (!now.has(key)) return 'gone';
    const name = tagName(removal, key);
    if (now.get(key) !== value && !collected.withoutValue.has(name)) return 'changed';
    if (restored.has(name)) return 'restored';
    return collected.neverAsked.has(name) ? 'there' : 'strange';
  });
}

function summarize(
  runId: string,
  collected: Collected,
  findings: readonly Finding[],
  isSettled: boolean,
): Omit<RunVerification, 'warnings'> {
  const tally = { gone: 0, restored: 0, changed: 0, there: 0, vanished: 0, unread: 0 };
  const strange: string[] = [];
  for (const { removal, states } of findings) {
    for (const [at, state] of states.entries()) {
      tally[state === 'strange' ? 'there' : state] += 1;
      if (state === 'strange') strange.push(tagName(removal, removal.tags[at]!.key));
    }
  }
  // What still shows when time ends too early may only show late: not verified, and no accusation.
  const differences = isSettled ? strange : [];
  const named = differences.slice(0, MAX_DIFFERENCES_NAMED);
  return {
    runId,
    tags: { announced: collected.removals.reduce((sum, { tags }) => sum + tags.length, 0), ...tally },
    proof: {
      verified: tally.unread === 0 && strange.length === 0,
      foreign: tally.changed,
      lost: 0,
      unread: findings.filter(({ states }) => states.includes('unread')).length,
      unexplained: differences.length,
      ...(named.length > 0 && { differences: named }),
    },
  };
}
