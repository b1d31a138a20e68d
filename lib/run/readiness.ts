import { CleanupError } from '../errors.ts';
import type { Mode, Policy } from '../policy/policy.ts';
import { describeError } from '../redact.ts';
import type { Session } from './session.ts';

/** A log store shows what was written after some seconds; a slow one is waited for, within the time that is left. */
const LONGEST_PATIENCE_MS = 30_000;
const PART_OF_TIME = 0.25;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4_000;

/**
 * Sees to it, before the first removal, that what is about to go could be put back: the run's own first record is
 * found again by the search that an undo would make, so that index, permission and store are as an undo needs them.
 *
 * Where the policy says `limits.requireUndo: false`, what is not so is told as a warning. Where it keeps no values
 * (`journal: keys`) there is nothing to put back, and nothing is looked for.
 *
 * @throws {CleanupError} code `AUDIT_UNAVAILABLE`, with what was seen and what to do.
 */
export async function requireUndo(session: Session, policy: Policy, mode: Mode, tags: number): Promise<void> {
  const { audit } = session.ports;
  if (mode !== 'apply' || audit === null || policy.journal !== 'values' || tags === 0) return;
  const fault = await lookForOwnStart(session);
  if (fault === undefined) return;
  if (!policy.limits.requireUndo) {
    session.warnings.push(`What this run removes may not be put back by undo: ${fault}`);
    return;
  }
  throw new CleanupError(
    'AUDIT_UNAVAILABLE',
    `Nothing was removed, since it could not be put back: ${fault} Mend the log store (docs/audit.md has its index), or set limits.requireUndo: false in the policy to remove without that.`,
  );
}

/** What keeps the run's own first record from being found again; nothing: it was found. */
async function lookForOwnStart({ ports, recorder, runId, time }: Session): Promise<string | undefined> {
  const { audit, clock } = ports;
  const untilMs = clock.now() + Math.min(LONGEST_PATIENCE_MS, time.leftMs() * PART_OF_TIME);
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    let fault: string;
    try {
      const records = (await audit?.read({ runId, eventNames: ['run_started'] })) ?? [];
      if (records.some(({ attempt_id }) => attempt_id === recorder.attemptId)) return undefined;
      fault = 'a record that was written does not show when it is searched for.';
    } catch (error) {
      fault = describeError(error);
    }
    if (clock.now() + pauseMs > untilMs) return fault;
    await clock.sleep(pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
