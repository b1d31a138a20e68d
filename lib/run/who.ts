import type { Attempt } from '../audit/attempts.ts';
import { type Announced, readBatches, readJournal } from '../audit/decode.ts';
import type { BatchFact } from '../audit/facts.ts';
import { summarizeRuns } from '../audit/history.ts';
import { policyIn } from '../audit/policy-record.ts';
import type { AuditRecord } from '../audit/record.ts';
import { CleanupError } from '../errors.ts';
import type { TrailEvent } from '../ports.ts';
import { compareText, type ResourceRef, type TagKey } from '../resource.ts';
import type { RunPorts } from './request.ts';
import { keepSigned, readTrustedRun, type TrustedRun } from './trusted-run.ts';

/** One tag that a run took from a resource, and all that is known of why and by whom. */
export interface Taken extends ResourceRef {
  readonly key: TagKey;
  /** Left out: the policy has `journal: keys`. */
  readonly value?: string;
  /** `removed`: the service said so. `failed`: it refused. `unknown`: asked for, or about to be, and no record tells more. */
  readonly outcome: 'removed' | 'failed' | 'unknown';
  /** ISO 8601: of the request; where there is no record of one, when it was announced. */
  readonly at: string;
  readonly runId: string;
  readonly attemptId: string;
  /** The service's id of the request. */
  readonly requestId?: string;
  /** What the account's own trail of calls tells of that request. */
  readonly trail?: TrailEvent;
  /** The label of the policy's rule. */
  readonly rule?: string;
  readonly policy: { readonly name: string; readonly digest: string; readonly document?: unknown };
  readonly startedBy: StartedBy;
  /** The undo that put it back. */
  readonly putBack?: { readonly runId: string; readonly at: string };
}

/** Who and what started a run, as its records say. */
export interface StartedBy {
  readonly trigger: string;
  readonly actor?: string;
  readonly accountId?: string;
  readonly functionName?: string;
  /** Of the invocation. */
  readonly requestId?: string;
}

export interface WhoAnswer {
  /** Newest first. */
  readonly taken: readonly Taken[];
  readonly warnings: readonly string[];
}

/**
 * Tells from the records what was removed from a resource: when, by which run, rule and policy text, started by whom,
 * and whether it came back. Only what is proved to be a run's own counts.
 *
 * @throws {CleanupError} code `AUDIT_UNAVAILABLE` when there is no log, or it cannot be read.
 */
export async function findWho(
  ports: Pick<RunPorts, 'audit' | 'signer'>,
  query: { readonly resourceId: string; readonly key?: TagKey; readonly fromMs?: number },
): Promise<WhoAnswer> {
  const { audit } = ports;
  if (audit === null) {
    throw new CleanupError('AUDIT_UNAVAILABLE', 'There is nothing to look in: no log store is set.');
  }
  const window = query.fromMs === undefined ? {} : { fromMs: query.fromMs };
  const { resourceId } = query;
  const batches = keepSigned(
    await audit.read({ ...window, eventNames: ['batch_completed'], resourceId }),
    ports.signer,
  ).own;
  const ends = await audit.read({ ...window, eventNames: ['run_started', 'run_completed'] });
  const roots = new Set([
    ...batches.filter(({ undo_of }) => undo_of === undefined).map(rootOf),
    // The records of its requests may have been lost with a run that was killed.
    ...summarizeRuns(keepSigned(ends, ports.signer).own)
      .filter(({ outcome, dryRun, undoOf }) => outcome === 'unfinished' && !dryRun && undoOf === undefined)
      .map(({ runId, parentRunId }) => parentRunId ?? runId),
  ]);
  const taken: Taken[] = [];
  const warnings: string[] = [];
  for (const root of roots) {
    const run = await readTrustedRun(root, ports, 'all').catch((error: unknown) =>
      noteFault(error, warnings),
    );
    if (run === undefined) continue;
    const own = takenBy(run, query, batches);
    if (own.length > 0) warnings.push(...run.warnings);
    taken.push(...own);
  }
  taken.sort((a, b) => compareText(b.at, a.at) || compareText(a.key, b.key));
  return { taken, warnings: [...new Set(warnings)] };
}

function rootOf(record: AuditRecord): string {
  return record.parent_run_id ?? record.run_id;
}

function noteFault(error: unknown, warnings: string[]): undefined {
  if (!(error instanceof CleanupError)) throw error;
  warnings.push(error.message);
}

function takenBy(
  run: TrustedRun,
  { resourceId, key }: { readonly resourceId: string; readonly key?: TagKey },
  batches: readonly AuditRecord[],
): readonly Taken[] {
  return run.attempts.flatMap((attempt) => {
    const { announced } = readJournal(attempt.records, 'removals_planned');
    return announced
      .filter(({ id }) => id === resourceId)
      .flatMap((entry) =>
        entry.tags
          .filter((tag) => key === undefined || tag.key === key)
          .flatMap((tag) => tellTag(run, attempt, entry, tag, batches) ?? []),
      );
  });
}

/** Nothing for a tag that was announced and never asked for. */
function tellTag(
  run: TrustedRun,
  { records, runId, attemptId, state }: Attempt,
  { record, region, type, id }: Announced,
  { key, value, rule }: Announced['tags'][number],
  batches: readonly AuditRecord[],
): Taken | undefined {
  const request = lastRequest(records, id, key);
  if (request === undefined && state === 'ended' && knowsItsRequests(records)) return undefined;
  const at = request?.at ?? record.event_time;
  const outcome = outcomeOf(request?.outcome);
  const putBack = outcome === 'failed' ? undefined : putBackBy(batches, id, key, at);
  return {
    region,
    type,
    id,
    key,
    ...(value !== undefined && { value }),
    outcome,
    at,
    runId,
    attemptId,
    ...(request?.requestId !== undefined && { requestId: request.requestId }),
    ...(rule !== undefined && { rule }),
    policy: policyOf(records, record),
    startedBy: startedBy(run, records),
    ...(putBack !== undefined && { putBack }),
  };
}

function outcomeOf(outcome: BatchFact['outcome'] | undefined): Taken['outcome'] {
  if (outcome === 'success') return 'removed';
  return outcome === 'failure' ? 'failed' : 'unknown';
}

/** The last request of an attempt that named a tag; one that went well counts before any that did not. */
function lastRequest(records: readonly AuditRecord[], resourceId: string, key: TagKey) {
  const own = records
    .filter(({ event_name, api_name }) => event_name === 'batch_completed' && api_name === 'UntagResources')
    .flatMap((record) => readBatches([record]).map((fact) => ({ ...fact, at: record.event_time })))
    .filter(({ ids, keys }) => ids.includes(resourceId) && keys.includes(key));
  return own.findLast(({ outcome }) => outcome === 'success') ?? own.at(-1);
}

function knowsItsRequests(records: readonly AuditRecord[]): boolean {
  const end = records.find(({ event_name }) => event_name === 'run_completed');
  const isKnown = records.some(({ event_name }) => event_name === 'batch_completed');
  return isKnown || end?.batches_total === '0';
}

function putBackBy(
  batches: readonly AuditRecord[],
  resourceId: string,
  key: TagKey,
  after: string,
): Taken['putBack'] {
  const record = batches.find(
    (one) =>
      one.api_name === 'TagResources' &&
      one.outcome === 'success' &&
      one.event_time >= after &&
      readBatches([one]).some(({ ids, keys }) => ids.includes(resourceId) && keys.includes(key)),
  );
  return record === undefined ? undefined : { runId: record.run_id, at: record.event_time };
}

function policyOf(records: readonly AuditRecord[], journal: AuditRecord): Taken['policy'] {
  const document = policyIn(records);
  const { policy_name: name = '', config_hash: digest = '' } = journal;
  return { name, digest, ...(document !== undefined && { document }) };
}

/** What started the first of a family started all of it. */
function startedBy(run: TrustedRun, records: readonly AuditRecord[]): StartedBy {
  const isStart = ({ event_name }: AuditRecord) => event_name === 'run_started';
  const own = records.find(isStart) ?? records[0];
  const first = run.records.find((record) => isStart(record) && record.run_id === run.runId) ?? own;
  return {
    trigger: `${first?.trigger_type ?? ''} ${first?.trigger_name ?? ''}`.trim(),
    ...(own?.actor !== undefined && { actor: own.actor }),
    ...(own?.account_id !== undefined && { accountId: own.account_id }),
    ...(own?.function_name !== undefined && { functionName: own.function_name }),
    ...(first?.request_id !== undefined && { requestId: first.request_id }),
  };
}
