import { createHash } from 'node:crypto';
import * as z from 'zod';
import { memberRunId } from '../audit/members.ts';
import { PERCENT_FROM_RESOURCES } from '../plan/limits.ts';
import type { Plan } from '../plan/types.ts';
import type { Limits } from '../policy/policy.ts';
import type { Totals } from '../report/totals.ts';
import { REGION_ID, RESOURCE_ID, RESOURCE_TYPES } from '../resource.ts';

/** Invocations after which a chain ends, whatever is left. */
export const MAX_HOPS = 100;

/** Invocations in a row that end no tag, after which a chain ends: more of them would change nothing. */
export const MAX_IDLE_HOPS = 2;

const runId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/);
const count = z.int().min(0);

/**
 * What the function sends itself to go on with a run, or to do one region of it: where it stands, never
 * what is left, since each invocation plans again from what is there. A few hundred bytes.
 */
export const continuationSchema = z.strictObject({
  tagsweep: z.literal('continuation'),
  version: z.literal(1),
  /** The run that all belong to. */
  familyId: runId,
  shard: z.string().regex(/^[a-z0-9-]{1,48}$/),
  hop: z.int().min(0).max(MAX_HOPS),
  idleHops: z.int().min(0).max(MAX_IDLE_HOPS),
  policy: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  /** Only where the policy came with the request. */
  document: z.record(z.string(), z.unknown()).optional(),
  policyDigest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  mode: z.literal('apply'),
  planDigest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional(),
  regions: z.array(z.string().regex(REGION_ID)).min(1).optional(),
  resourceTypes: z.array(z.enum(RESOURCE_TYPES)).min(1).optional(),
  /** The created resources that were not readable yet; only they are done. */
  created: z
    .array(
      z.strictObject({
        region: z.string().regex(REGION_ID),
        type: z.enum(RESOURCE_TYPES),
        id: z.string().regex(RESOURCE_ID),
      }),
    )
    .min(1)
    .max(1000)
    .optional(),
  allowance: z.strictObject({ resources: count, tags: count, failures: count }),
  startedAtMs: count,
  /** What counts in the windows of the quotas: the share is that of the family. */
  sent: z
    .array(
      z.strictObject({
        api: z.string().max(64),
        region: z.string().max(64),
        calls: count,
        lastAtMs: count,
      }),
    )
    .max(1000)
    .optional(),
  /** Of all the rest, where the function holds a journal key. */
  signature: z
    .string()
    .regex(/^hmac-sha256:[0-9a-f]{8}:[0-9a-f]{64}$/)
    .optional(),
});

/** The payload of a continuation. */
export type ContinuationPayload = z.infer<typeof continuationSchema>;

/**
 * What is left of a policy's limits for the invocations to come.
 *
 * Limits hold over all of a family together: whoever hands over also hands over what may still be done.
 */
export type Allowance = ContinuationPayload['allowance'];

/** Where in its family an invocation stands. */
export type Chain = Pick<
  ContinuationPayload,
  'familyId' | 'shard' | 'hop' | 'idleHops' | 'allowance' | 'startedAtMs' | 'sent'
>;

/** The run id of one invocation of a family. */
export function chainRunId({ familyId, shard, hop }: Pick<Chain, 'familyId' | 'shard' | 'hop'>): string {
  return memberRunId(familyId, shard, hop);
}

/**
 * The task id under which a continuation is submitted. It holds the digest of what is submitted, so that the service
 * calls only this very continuation a duplicate: another one, of a run that was started again under its id, must not be
 * taken for one that was done long ago.
 *
 * @param payload - without its signature.
 * @returns at most 83 characters.
 */
export function chainTaskId(payload: ContinuationPayload): string {
  const digest = createHash('sha256').update(JSON.stringify(payload)).digest('hex').slice(0, 16);
  return `t-${chainRunId(payload)}-${digest}`;
}

/**
 * The policy's limits as far as the family may still use them.
 *
 * An allowance comes with an event, which anybody who may invoke the function can write: it takes away from
 * the limits of the policy, and `maxPercent` stays what it is, of what this invocation sees by itself.
 */
export function limitsWithin(limits: Limits, allowance: Allowance | undefined): Limits {
  if (allowance === undefined) return limits;
  return {
    ...limits,
    maxResources: Math.min(limits.maxResources, allowance.resources),
    maxTags: Math.min(limits.maxTags, allowance.tags),
    maxFailures: Math.min(limits.maxFailures, allowance.failures),
  };
}

/**
 * What may still be done after an invocation: what its plan left unused of its limits, and what it planned
 * and did not reach. Resources that it half finished count once.
 */
export function allowanceAfter(plan: Plan, limits: Limits, totals: Totals): Allowance {
  const unused = unusedBy(plan, limits);
  return {
    resources: unused.resources + totals.resourcesLeft,
    tags: unused.tags + totals.tags.notReached,
    failures: Math.max(0, limits.maxFailures - totals.tags.failed),
  };
}

/** What a plan leaves unused of the limits that it was admitted under; percentages count as resources. */
export function unusedBy(plan: Plan, limits: Limits): { readonly resources: number; readonly tags: number } {
  const seen = plan.inventory.resourcesSeen;
  const percentIsOpen = seen < PERCENT_FROM_RESOURCES || limits.maxPercent >= 100;
  const byPercent = percentIsOpen ? limits.maxResources : Math.floor((seen * limits.maxPercent) / 100);
  const tags = plan.removals.reduce((sum, removal) => sum + removal.tags.length, 0);
  return {
    resources: Math.max(0, Math.min(limits.maxResources, byPercent) - plan.removals.length),
    tags: Math.max(0, limits.maxTags - tags),
  };
}
