import { type Config, readConfig } from '../../lib/cloud/config.ts';
import { connect } from '../../lib/cloud/connect.ts';
import { readCredentials } from '../../lib/cloud/credentials.ts';
import { CleanupError } from '../../lib/errors.ts';
import { inScope } from '../../lib/plan/scope.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Report, Trigger } from '../../lib/report/report.ts';
import { runCleanup } from '../../lib/run/cleanup.ts';
import type { RunOptions, RunPorts } from '../../lib/run/request.ts';
import { runUndo } from '../../lib/run/undo.ts';
import { deadlineOf, type FunctionContext, identityOf } from './context.ts';
import { type Creations, decodeEvent, type IgnoredEvent, type Start } from './event.ts';
import { choosePolicy } from './policy.ts';
import type { Wish } from './request.ts';
import { deriveRunId } from './run-id.ts';
import { safeError } from './safe-error.ts';

/** Why an event started no run. */
export interface Ignored {
  readonly outcome: 'ignored';
  readonly reason: string;
  readonly events: readonly IgnoredEvent[];
}

/** What the function returns: the report of its run, or why there was none. */
export type Answer = (Report | Ignored) & { readonly ignored?: readonly IgnoredEvent[] };

/**
 * The function: decodes the event, connects, runs, and returns the report.
 *
 * Nothing is kept between invocations. Every record is also printed as one JSON line.
 *
 * @throws {Error} when the event or the settings are wrong: nothing was done then, and the message says why.
 */
export async function handler(event: Uint8Array, context: FunctionContext): Promise<Answer> {
  const startedAtMs = Date.now();
  try {
    return await answer(decodeEvent(event), context, deadlineOf(context, startedAtMs));
  } catch (error) {
    const { accessKeyId = '', accessKeySecret = '', securityToken = '' } = context.credentials ?? {};
    throw safeError(error, [accessKeySecret, securityToken, accessKeyId]);
  }
}

async function answer(start: Start, context: FunctionContext, deadlineAtMs: number): Promise<Answer> {
  if (start.kind === 'destination') return noteDestination(start);
  if (start.kind === 'continuation') {
    throw new CleanupError(
      'INVALID_REQUEST',
      'The event asks to go on with a run, and this version ends every run within one invocation. Nothing was done.',
    );
  }
  if (start.kind === 'creations' && start.events.created.length === 0) return ignore(start.events.ignored);
  const config = readConfig(process.env);
  const job: Job = {
    config,
    ports: connect(config, readCredentials(process.env, context), { echo: printLine }),
    options: {
      deadlineAtMs,
      identity: identityOf(context),
      ...(context.accountId !== undefined && { accountId: context.accountId }),
    },
    runId: deriveRunId(start, {
      accountId: context.accountId ?? '',
      region: context.region ?? '',
      functionName: context.function?.name ?? '',
      requestId: context.requestId ?? '',
    }),
  };
  if (start.kind === 'creations') return runForCreations(start.events, job);
  if (start.kind === 'empty')
    return runForWish({ mode: 'dry-run' }, { type: 'manual', name: 'empty event' }, job);
  const trigger: Trigger =
    start.kind === 'timer' ? { type: 'timer', name: start.triggerName } : { type: 'manual', name: 'request' };
  return runForWish(start.wish, trigger, job);
}

/** What a run needs, whatever started it. */
interface Job {
  readonly config: Config;
  readonly ports: RunPorts;
  readonly options: RunOptions;
  readonly runId: string;
}

async function runForWish(
  wish: Wish,
  trigger: Trigger,
  { config, ports, options, runId }: Job,
): Promise<Answer> {
  if ('undo' in wish) {
    return runUndo({ undo: wish.undo, mode: wish.mode ?? 'dry-run', trigger, runId }, ports, options);
  }
  const policy = await choosePolicy(wish.policy, config, false);
  const { regions, resourceTypes, resourceIds } = wish;
  const narrowing = {
    ...(regions !== undefined && { regions }),
    ...(resourceTypes !== undefined && { resourceTypes }),
    ...(resourceIds !== undefined && { resourceIds }),
  };
  const { planDigest } = wish;
  return runCleanup(
    {
      policy,
      mode: wish.mode ?? policy.mode,
      ...(planDigest !== undefined && { planDigest }),
      narrowing,
      trigger,
      runId,
    },
    ports,
    options,
  );
}

/** One run over all that was created, so that the policy's limits hold for a flood as for one event. */
async function runForCreations(events: Creations, { config, ports, options, runId }: Job): Promise<Answer> {
  const policy = await choosePolicy(undefined, config, true);
  const { created, ignored } = keepInScope(events, policy);
  if (created.length === 0) return ignore(ignored);
  const narrowing = {
    regions: [...new Set(created.map(({ region }) => region))],
    resourceTypes: [...new Set(created.map(({ type }) => type))],
    resourceIds: created.map(({ id }) => id),
  };
  const trigger: Trigger = { type: 'event', name: events.name };
  const report = await runCleanup({ policy, mode: policy.mode, narrowing, trigger, runId }, ports, options);
  return ignored.length === 0 ? report : { ...report, ignored };
}

function keepInScope(events: Creations, policy: Policy): Pick<Creations, 'created' | 'ignored'> {
  const outside = events.created.filter((ref) => inScope(policy.scope, ref) === false);
  const ignored = outside.map(({ region, type, id }) => ({
    id,
    source: 'acs.eci',
    reason: `${type} ${id} in ${region} is outside the scope of policy ${policy.name}`,
  }));
  return {
    created: events.created.filter((ref) => !outside.includes(ref)),
    ignored: [...events.ignored, ...ignored],
  };
}

function ignore(events: readonly IgnoredEvent[]): Ignored {
  const reason =
    events.length === 0 ? 'there was no event in the list' : events.map((event) => event.reason).join('; ');
  return {
    outcome: 'ignored',
    reason: `Nothing was done: ${reason.slice(0, 1000)}.`,
    events: events.slice(0, 100),
  };
}

/** The platform tells that an earlier invocation ended: for the log, and nothing else. */
function noteDestination({ requestId, condition }: Extract<Start, { kind: 'destination' }>): Ignored {
  const reason = `it is the record of invocation ${requestId}, which ended as ${condition}`;
  printLine({ event_name: 'destination_record', request_id: requestId, condition });
  return { outcome: 'ignored', reason: `Nothing was done: ${reason}.`, events: [] };
}

/** `console` would put a prefix before the line, and a log index could not read it. */
function printLine(record: Readonly<Record<string, string>>): void {
  process.stdout.write(`${JSON.stringify(record)}\n`);
}
