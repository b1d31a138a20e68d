import { meterEci } from '../../lib/pace/meter.ts';
import type { CallCounts, Report, Trigger } from '../../lib/report/report.ts';
import { runCleanup } from '../../lib/run/cleanup.ts';
import { leaveToPlatform } from '../../lib/run/leave-to-platform.ts';
import { type Claim, overNight, type PlannedPart, planPolicySet } from '../../lib/run/policy-set.ts';
import type { RunPorts } from '../../lib/run/request.ts';
import { policyOfAll } from '../../lib/run/set-reading.ts';
import { granted } from './authority.ts';
import type { Job } from './job.ts';
import { choosePolicies } from './policy.ts';
import type { SetWish } from './request.ts';

/** What several policies did on one reading: a report for each, and what they came to together. */
export interface SetAnswer {
  readonly policies: readonly Report[];
  readonly reading: { readonly resourcesSeen: number; readonly calls: CallCounts };
  /** Tags that several policies claim: the first removes them, and the others find them absent. */
  readonly claims: readonly Claim[];
  /** Files of the folder that are no policies. */
  readonly skipped: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Runs each policy of a set, one after the other, on one reading; each in its own mode, within its own limits, with its
 * own records. What all of them would change together is held against each one's `maxPercent` before the first begins.
 *
 * @throws {RunNotDoneError} for the first that did not do what it was asked for, after the last has ended.
 */
export async function runForSet(wish: SetWish, trigger: Trigger, job: Job): Promise<SetAnswer> {
  const { config, options, runId } = job;
  const { policies, skipped } = await choosePolicies(wish.policies, config);
  const ports = sharedPace(job, policyOfAll(policies).pace);
  const set = await planPolicySet(policies, { narrowing: {}, trigger, runId }, ports, options);
  const isTimer = trigger.type === 'timer';
  const asked = set.parts.map((part) => ({
    part,
    grant: granted({ policy: part.policy, mode: wish.mode, isTimer }, config.authority),
  }));
  const refusal = overNight(asked.filter(({ grant }) => changes(grant)).map(({ part }) => part));
  // What an earlier policy of the set removed is gone: whoever claims it too looks again before each batch.
  const claimed = new Set(set.claims.flatMap((claim) => claim.policies.slice(1)));
  const reports: Report[] = [];
  for (const [at, { part, grant }] of asked.entries()) {
    const request = {
      policy: part.policy,
      ...grant,
      ...(refusal !== undefined && changes(grant) && { refusal }),
      narrowing: {},
      reading: claimed.has(part.policy.name) ? { ...part.reading, observedAtMs: 0 } : part.reading,
      trigger,
      runId: partRunId(runId, at),
    };
    reports.push(await runCleanup(request, ports, options));
  }
  for (const report of reports) leaveToPlatform(report);
  const { calls, claims, inventory } = set;
  return {
    policies: reports,
    reading: { resourcesSeen: inventory.resourcesSeen, calls },
    claims,
    skipped,
    warnings: inventory.warnings,
  };
}

function changes({ mode, refusal }: ReturnType<typeof granted>): boolean {
  return mode === 'apply' && refusal === undefined;
}

/** All policies of a set share one pace, as one run does. */
function sharedPace({ ports, options }: Job, pace: PlannedPart['policy']['pace']): RunPorts {
  const { clock, chance } = ports;
  const { deadlineAtMs } = options;
  const eci = meterEci(ports.eci, {
    pace,
    clock,
    chance,
    ...(deadlineAtMs !== undefined && { deadlineAtMs }),
  });
  return { ...ports, eci };
}

/** The same cause gives the same id to the same part. */
function partRunId(runId: string, at: number): string {
  return `${runId.slice(0, 59)}-${at + 1}`;
}
