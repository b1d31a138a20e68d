import { withoutWords } from '../policy/without-words.ts';
import { encodeJson } from '../text.ts';
import type { StartFact } from './facts.ts';
import type { AuditRecord } from './record.ts';

/** Characters of one record's part of a policy: three bytes each at the most, so that it stays under 256 KB. */
const PART_CHARACTERS = 60_000;

/**
 * The fields of `policy_recorded`: the policy as it was read, so that a rule's label can be looked up years later;
 * several records where it is long. Nothing where the run has no policy of its own, as an undo has not.
 */
export function policyFields(policy: StartFact['policy']): readonly Readonly<Record<string, string>>[] {
  if (policy.document === undefined) return [];
  const parts = splitText(encodeJson(withoutWords(policy.document)));
  return parts.map((part, at) => ({
    level: 'INFO',
    message: `The policy ${policy.name} as this run has read it`,
    policy_document: part,
    ...(parts.length > 1 && { chunk_index: String(at), chunk_count: String(parts.length) }),
  }));
}

/** The policy that the records of one attempt hold; undefined where they hold none, or not all of it. */
export function policyIn(records: readonly AuditRecord[]): unknown {
  const parts = records.filter(({ event_name }) => event_name === 'policy_recorded');
  try {
    return JSON.parse(parts.map(({ policy_document }) => policy_document ?? '').join('')) as unknown;
  } catch {
    return undefined;
  }
}

/** Names of the buckets that a recorded policy looks into. */
export function bucketsIn(records: readonly AuditRecord[]): readonly string[] {
  const { scope } = (policyIn(records) ?? {}) as { readonly scope?: { readonly buckets?: unknown } };
  const buckets = scope?.buckets;
  return Array.isArray(buckets) ? buckets.filter((one): one is string => typeof one === 'string') : [];
}

function splitText(text: string): readonly string[] {
  const parts: string[] = [];
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + PART_CHARACTERS);
    // The halves of one character stay together.
    if (to < text.length && /[\ud800-\udbff]/.test(text[to - 1]!)) to -= 1;
    parts.push(text.slice(from, to));
    from = to;
  }
  return parts;
}
