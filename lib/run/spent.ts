import { parseArray } from '../audit/decode.ts';
import { placeOfMember } from '../audit/members.ts';
import type { AuditRecord } from '../audit/record.ts';
import { CleanupError } from '../errors.ts';
import type { Plan } from '../plan/types.ts';
import type { Limits } from '../policy/policy.ts';
import { resourceKey } from '../resource.ts';
import { counted } from '../text.ts';
import type { CleanupRequest } from './request.ts';
import type { Session } from './session.ts';

const DAY_MS = 86_400_000;

/** What records say was already done of what a run may do. */
export interface Spent {
  /** `region/type/id` of what earlier executions of the same run changed. */
  readonly resources: ReadonlySet<string>;
  readonly tags: number;
  /** Tags that all runs of the policy removed within the last day; counted where the policy limits that. */
  readonly today: number;
}

const NOTHING: Spent = { resources: new Set(), tags: 0, today: 0 };

/** Of a request, what tells which records are its own, and of which policy. */
export type Spender = Pick<CleanupRequest, 'policy' | 'mode' | 'trigger' | 'runId' | 'chain'>;

/**
 * Reads what was already done under the run's id, by whoever came before: a retry, a message that came twice, a chain
 * that went on from the same place. An allowance is spent once, by record, however often it is handed out.
 *
 * A record that was forged can only take away from what a run may do.
 *
 * @throws {CleanupError} code `AUDIT_UNAVAILABLE` when the records cannot be read.
 */
export async function readSpent(session: Session, request: Spender): Promise<Spent> {
  const { audit, clock } = session.ports;
  if (audit === null || request.mode === 'dry-run') return NOTHING;
  const { limits } = request.policy;
  const own =
    request.trigger.type === 'cli'
      ? []
      : await audit.read({ runId: familyOf(request), family: true, eventNames: ['batch_completed'] });
  const ofDay =
    limits.perDay === undefined
      ? []
      : await audit.read({
          fromMs: clock.now() - DAY_MS,
          eventNames: ['batch_completed', 'run_completed'],
        });
  const before = own.filter((record) => isUntag(record) && isSpentFor(request, record));
  return {
    resources: new Set(before.filter(changed).flatMap(resourcesOf)),
    tags: before.reduce((sum, { tags_removed }) => sum + Number(tags_removed ?? 0), 0),
    today: removedBy(ofDay.filter(({ policy_name }) => policy_name === request.policy.name)),
  };
}

function familyOf({ chain, runId }: Spender): string {
  return chain?.familyId ?? runId;
}

/**
 * What is taken off an allowance that a chain hands on is what was done from there on: by this invocation's earlier
 * executions, and by those that went on from them.
 */
function isSpentFor({ chain }: Spender, { run_id }: AuditRecord): boolean {
  if (chain === undefined) return true;
  const place = placeOfMember(chain.familyId, run_id);
  return place !== undefined && place.shard === chain.shard && place.hop >= chain.hop;
}

function isUntag({ api_name }: AuditRecord): boolean {
  return api_name === 'UntagResources';
}

function changed({ outcome, tags_removed }: AuditRecord): boolean {
  return outcome !== 'failure' || Number(tags_removed ?? 0) > 0;
}

function resourcesOf({ region = '', resource_type = '', resource_ids = '' }: AuditRecord): readonly string[] {
  return (parseArray(resource_ids) ?? []).map((id) => `${region}/${resource_type}/${String(id)}`);
}

/** By its requests, or by its summary, whichever tells of more: a request that got no answer is counted at the end. */
function removedBy(records: readonly AuditRecord[]): number {
  const byRequests = new Map<string, number>();
  const byEnd = new Map<string, number>();
  for (const record of records) {
    const { run_id, event_name, tags_removed } = record;
    if (event_name === 'batch_completed' && !isUntag(record)) continue;
    const sums = event_name === 'batch_completed' ? byRequests : byEnd;
    sums.set(run_id, (sums.get(run_id) ?? 0) + Number(tags_removed ?? 0));
  }
  const runs = new Set([...byRequests.keys(), ...byEnd.keys()]);
  return [...runs].reduce((sum, run) => sum + Math.max(byRequests.get(run) ?? 0, byEnd.get(run) ?? 0), 0);
}

/** What the limits still allow of a plan: a resource that was changed before does not count twice. */
export function limitsAfter(limits: Limits, spent: Spent, plan: Plan): Limits {
  const again = plan.removals.reduce(
    (sum, removal) => sum + (spent.resources.has(resourceKey(removal)) ? 1 : 0),
    0,
  );
  return {
    ...limits,
    maxResources: Math.max(0, limits.maxResources - spent.resources.size + again),
    maxTags: Math.max(0, limits.maxTags - spent.tags),
  };
}

/**
 * Says what was done before under the same id, and refuses what would pass the limit of a day.
 *
 * @throws {CleanupError} code `LIMIT_EXCEEDED`.
 */
export function checkSpent(session: Session, limits: Limits, spent: Spent, plan: Plan): void {
  if (spent.tags > 0) {
    session.warnings.push(
      `This run was begun before: ${counted(spent.tags, 'tag')} of ${counted(spent.resources.size, 'resource')} were removed then, and count towards its limits.`,
    );
  }
  if (limits.perDay === undefined) return;
  const planned = plan.removals.reduce((sum, removal) => sum + removal.tags.length, 0);
  if (spent.today + planned <= limits.perDay) return;
  throw new CleanupError(
    'LIMIT_EXCEEDED',
    `The plan removes ${counted(planned, 'tag')}, and the runs of policy ${plan.policy.name} removed ${spent.today} within the last 24 hours: above limits.perDay (${limits.perDay}). Nothing was removed.`,
  );
}

/** The limits of a policy, and of a day the smaller one where today's policy of the name says another. */
export function stricterDay(limits: Limits, today: Limits | undefined): Limits {
  const perDay = Math.min(limits.perDay ?? Infinity, today?.perDay ?? Infinity);
  return perDay === Infinity ? limits : { ...limits, perDay };
}
