import type { CleanupError } from '../errors.ts';
import type { Mode } from '../policy/policy.ts';
import type { Report, Trigger } from '../report/report.ts';
import type { RunOptions, RunPorts } from './request.ts';
import { openSession, runSession, type SessionStart } from './session.ts';

/** What was asked for, and why it may not be. */
export interface RefusedRun {
  readonly runId: string;
  readonly parentRunId?: string;
  /** As far as it is known. */
  readonly policyName: string;
  readonly trigger: Trigger;
  readonly mode: Mode;
  readonly refusal: CleanupError;
}

/** Nothing is read or sent by such a run. */
const PACE = { share: 0.5, concurrency: 1 };

/** Writes down what never became a run, as one that was refused: what was tried must be seen where runs are looked for. */
export async function refuseRun(
  { policyName, refusal, ...asked }: RefusedRun,
  ports: RunPorts,
  options: RunOptions,
): Promise<Report> {
  const start: SessionStart = { ...asked, policy: { name: policyName, digest: '' }, pace: PACE };
  return runSession(openSession(start, ports, options), start, async () => {
    throw refusal;
  });
}
