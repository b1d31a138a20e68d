import { CleanupError } from '../errors.ts';
import type { CleanupRequest } from './request.ts';
import type { Session } from './session.ts';

/** How long a run without a deadline may be at work before it is taken for one that was killed. */
const HOUR_MS = 3_600_000;

/**
 * Looks whether another run of the same policy is at work: one that began, within the time that such a run may take,
 * and did not end. Two at once do no harm, but neither can tell what the other did; so it is told, and what a person
 * asks the function for waits until the other is done.
 *
 * @throws {CleanupError} code `BUSY` for a request.
 */
export async function lookForOthers(session: Session, request: CleanupRequest): Promise<void> {
  const { audit } = session.ports;
  const { policy, trigger, mode, chain, runId } = request;
  if (audit === null || mode === 'dry-run' || chain !== undefined || trigger.type === 'event') return;
  const deadlineAtMs = session.options.deadlineAtMs;
  const mostMs = deadlineAtMs === undefined ? HOUR_MS : deadlineAtMs - session.startedAtMs;
  const window = { fromMs: session.startedAtMs - mostMs, eventNames: ['run_started', 'run_completed'] };
  // A log that cannot be read is told of where it matters: before the first removal, as one that allows no undo.
  const records = await audit.read(window).catch(() => []);
  const ended = new Set(
    records.flatMap(({ event_name, run_id }) => (event_name === 'run_completed' ? [run_id] : [])),
  );
  const other = records.find(
    ({ event_name, run_id, parent_run_id, policy_name, dry_run }) =>
      event_name === 'run_started' &&
      policy_name === policy.name &&
      dry_run === 'false' &&
      ![run_id, parent_run_id].includes(runId) &&
      !ended.has(run_id),
  );
  if (other === undefined) return;
  const what = `Run ${other.run_id} of policy ${policy.name} began at ${other.event_time} and has not ended`;
  if (trigger.type !== 'manual') {
    session.warnings.push(`${what}: what two runs at once say they removed may overlap.`);
    return;
  }
  throw new CleanupError(
    'BUSY',
    `${what}. Nothing was removed; ask again when it is done, or, should it have been killed, in ${Math.ceil(mostMs / 60_000)} minutes.`,
  );
}
