import { createHash } from 'node:crypto';
import type { RequestLimits } from '../batch/types.ts';
import { leastPopulation } from './limits.ts';
import type { Plan, Removal } from './types.ts';

/** Hashed at once: enough to make each call worth it, little enough to stay small. */
const CHUNK_CHARACTERS = 1 << 16;

/** What a plan's digest covers beside the removals. */
export interface PlanFacts {
  readonly accountId?: string;
  readonly policyDigest: string;
  /** What limits are counted against. */
  readonly inventory: Plan['inventory'];
  /** Of the policy. */
  readonly maxPercent: number;
  /** How large one request may be. */
  readonly requests: RequestLimits;
}

/**
 * What a plan's digest covers: the intent with all that its limits depend on, and nothing that changes between two
 * identical plans. The limits themselves are in the policy's digest.
 *
 * Of the resources seen it covers as many as `maxPercent` needs: a narrowed reading counts no further, and where it stops
 * hangs on how many a page happens to hold.
 *
 * @param removals - in canonical order: by region, type and id, tags by key, in code-unit order.
 * @returns `sha256:` and 64 hex digits.
 */
export function planDigest(facts: PlanFacts, removals: readonly Removal[]): string {
  const { complete, regions, resourcesSeen } = facts.inventory;
  const population = Math.min(resourcesSeen, leastPopulation(removals.length, facts.maxPercent));
  const { resources, keys, bytes } = facts.requests;
  const head = [
    'tagsweep plan',
    3,
    facts.accountId ?? null,
    facts.policyDigest,
    [complete, regions, population],
    [resources, keys, bytes],
  ];
  return hashLines(head, linesOf(removals));
}

/**
 * The digest of what goes alone, which a later plan of the same rest has again, whatever was created meanwhile: by it
 * an invocation tells the next one what a person reviewed.
 */
export function removalsDigest(
  facts: Pick<PlanFacts, 'accountId' | 'policyDigest'>,
  removals: Iterable<Removal>,
): string {
  return hashLines(['tagsweep removals', 1, facts.accountId ?? null, facts.policyDigest], linesOf(removals));
}

/**
 * The digest of a whole plan file: also when and by whom it was made, until when it may be applied, how many resources
 * were seen, its requests, and the names by which people know its resources.
 */
export function planFileDigest(plan: Omit<Plan, 'fileDigest'>): string {
  const { digest, createdAt, expiresAt, policy, inventory, calls, batches, removals, madeBy } = plan;
  const head = [
    'tagsweep plan file',
    2,
    digest,
    inventory.resourcesSeen,
    createdAt,
    expiresAt,
    policy.name,
    calls.untag,
    calls.lowerBound,
    ...(madeBy === undefined ? [] : [madeBy]),
  ];
  return hashLines(
    head,
    (function* lines() {
      for (const { region, type, ids, keys } of batches) yield [region, type, ids, keys];
      for (const { region, type, id, name } of removals)
        if (name !== undefined) yield [region, type, id, name];
    })(),
  );
}

function* linesOf(removals: Iterable<Removal>): Generator<unknown> {
  for (const { region, type, id, tags } of removals) {
    yield [region, type, id, tags.map((tag) => [tag.key, tag.value, tag.rule])];
  }
}

function hashLines(head: unknown, lines: Iterable<unknown>): string {
  const hash = createHash('sha256');
  let chunk = `${JSON.stringify(head)}\n`;
  for (const line of lines) {
    chunk += `${JSON.stringify(line)}\n`;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    hash.update(chunk);
    chunk = '';
  }
  return `sha256:${hash.update(chunk).digest('hex')}`;
}
