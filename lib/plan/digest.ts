import { createHash } from 'node:crypto';
import type { Removal } from './types.ts';

/** Hashed at once: enough to make each call worth it, little enough to stay small. */
const CHUNK_CHARACTERS = 1 << 16;

/**
 * What a plan's digest covers: the intent, and nothing that changes between two identical plans.
 *
 * @param plan - `removals` in canonical order: by region, type and id, tags by key, in code-unit order.
 * @returns `sha256:` and 64 hex digits.
 */
export function planDigest(plan: {
  readonly accountId?: string;
  readonly policyDigest: string;
  readonly removals: Iterable<Removal>;
}): string {
  const hash = createHash('sha256');
  let chunk = `${JSON.stringify(['tagsweep plan', 1, plan.accountId ?? null, plan.policyDigest])}\n`;
  for (const removal of plan.removals) {
    chunk += `${JSON.stringify([
      removal.region,
      removal.type,
      removal.id,
      removal.tags.map((tag) => [tag.key, tag.value, tag.rule]),
    ])}\n`;
    if (chunk.length >= CHUNK_CHARACTERS) {
      hash.update(chunk);
      chunk = '';
    }
  }
  return `sha256:${hash.update(chunk).digest('hex')}`;
}
