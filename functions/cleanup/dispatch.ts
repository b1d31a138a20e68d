import { CleanupError } from '../../lib/errors.ts';
import { redactSecrets } from '../../lib/redact.ts';
import type { Report, Trigger } from '../../lib/report/report.ts';
import { leaveToPlatform, RunNotDoneError } from '../../lib/run/leave-to-platform.ts';
import { type RefusedRun, refuseRun } from '../../lib/run/refuse.ts';
import { type ApprovalAnswer, runForApproval } from './approve.ts';
import type { IgnoredEvent, Start } from './event.ts';
import type { Job } from './job.ts';
import { refused } from './json.ts';
import type { ApproveWish, Wish } from './request.ts';
import { runForSet, type SetAnswer } from './run-set.ts';
import { runForContinuation, runForCreations, runForWish } from './runs.ts';

/** A start that asks for something to be done. */
export type Work = Exclude<Start, { readonly kind: 'destination' }>;

/** What came of it; without a report when nothing of it was for the policy. */
export interface Dispatched {
  readonly report?: Report | SetAnswer | ApprovalAnswer;
  readonly ignored: readonly IgnoredEvent[];
}

/**
 * Does what started the function asks for. What is refused before it becomes a run, such as a policy of its own or one that
 * there is not, is written down as a run that was refused.
 *
 * @throws {RunNotDoneError} after its last record, when it did not do what it was asked for.
 */
export async function dispatch(start: Work, job: Job): Promise<Dispatched> {
  try {
    if (job.doubt !== undefined) throw job.doubt;
    return await carryOut(start, job);
  } catch (error) {
    if (error instanceof RunNotDoneError || !(error instanceof CleanupError)) throw error;
    const { runId, ports, options } = job;
    leaveToPlatform(await refuseRun({ ...whatWasAsked(start, job, error), runId }, ports, options));
    throw error;
  }
}

/** What was asked for comes from outside, and may hold a key of ours by mistake: records are kept, so it is taken out. */
function whatWasAsked(start: Work, job: Job, { code, message }: CleanupError): Omit<RefusedRun, 'runId'> {
  const clean = (text: string): string => redactSecrets(text, job.secrets);
  const asked = askedFor(start, job);
  return {
    ...asked,
    policyName: clean(asked.policyName),
    trigger: { ...asked.trigger, name: clean(asked.trigger.name) },
    refusal: new CleanupError(code, clean(message)),
  };
}

async function carryOut(start: Work, job: Job): Promise<Dispatched> {
  switch (start.kind) {
    case 'creations':
      return runForCreations(start.events, job);
    case 'continuation':
      return { report: await runForContinuation(start.payload, job), ignored: [] };
    default: {
      const wish: Wish = start.kind === 'empty' ? { mode: 'dry-run' } : start.wish;
      if ('approve' in wish) return { report: await approveBy(start, wish, job), ignored: [] };
      const run = 'policies' in wish ? runForSet(wish, triggerOf(start), job) : undefined;
      return { report: await (run ?? runForWish(wish as never, triggerOf(start), job)), ignored: [] };
    }
  }
}

async function approveBy(start: Work, wish: ApproveWish, job: Job): Promise<ApprovalAnswer> {
  if (start.kind === 'timer') throw refused('a timer approves nothing');
  return runForApproval(wish, job);
}

function triggerOf(start: Work): Trigger {
  switch (start.kind) {
    case 'empty':
      return { type: 'manual', name: 'empty event' };
    case 'request':
      return { type: 'manual', name: 'request' };
    case 'timer':
      return { type: 'timer', name: start.triggerName };
    case 'creations':
      return { type: 'event', name: start.events.name };
    case 'continuation':
      return { type: 'continuation', name: start.payload.shard };
  }
}

/** What the record of a refusal tells of what was asked for. */
function askedFor(
  start: Work,
  { config, doubt }: Job,
): Pick<RefusedRun, 'policyName' | 'trigger' | 'mode' | 'parentRunId'> {
  const trigger = triggerOf(start);
  switch (start.kind) {
    case 'creations':
      return { policyName: config.eventPolicy ?? '', trigger, mode: 'apply' };
    case 'continuation': {
      const { policy, familyId } = start.payload;
      return {
        policyName: policy,
        trigger,
        mode: 'apply',
        ...(doubt === undefined && { parentRunId: familyId }),
      };
    }
    case 'empty':
      return { policyName: config.policy ?? '', trigger, mode: 'dry-run' };
    default: {
      const { wish } = start;
      if ('approve' in wish) return { policyName: '', trigger, mode: 'dry-run' };
      const mode = wish.mode ?? ('undo' in wish ? 'dry-run' : 'apply');
      return { policyName: nameIn(wish, config.policy), trigger, mode };
    }
  }
}

/** No name of the folder's policies has a blank: a policy that a request brings passes for none of them. */
function nameIn(wish: Exclude<Wish, ApproveWish>, usual = ''): string {
  if ('undo' in wish) return '';
  if ('policies' in wish) return wish.policies === 'all' ? 'all policies' : wish.policies.join(', ');
  return typeof wish.policy === 'object' ? 'inline policy' : (wish.policy ?? usual);
}
