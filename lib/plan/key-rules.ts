import { compileTests, type SeenValue } from '../policy/evaluate.ts';
import { compileKeyTest } from '../policy/key-test.ts';
import type { Policy, Protection } from '../policy/policy.ts';
import { isKubernetesKey, isReservedKey } from '../policy/reserved.ts';
import { compileWildcards } from '../policy/wildcard.ts';
import type { TagKey } from '../resource.ts';
import type { Truth } from './types.ts';

/** What a policy says of one key, before any resource is looked at. */
export interface KeyRules {
  /** Why the key is never removed, whatever the resource. */
  readonly blocked?: 'reservedKey' | 'kubernetesKey';
  /** The rules that name the key, in the order of the policy. */
  readonly rules: readonly ReadyRule[];
  /** Indexes of the protections that cover the key, in the order of the policy. */
  readonly protections: readonly number[];
}

/** A removal rule, ready to be asked about a value. */
export interface ReadyRule {
  readonly label: string;
  /** Left out: whatever the value. */
  readonly when?: (value: SeenValue) => Truth;
}

/**
 * Compiles what a policy says of keys: a key is looked at once, however many resources carry it.
 *
 * @param protections Those that protect at this instant, by their index in the policy.
 */
export function compileKeyRules(
  policy: Policy,
  protections: ReadonlyMap<number, Protection>,
  asOfMs: number,
): (key: TagKey) => KeyRules {
  const rules = policy.remove.map((rule) => ({
    matches: compileKeyTest(rule.keys),
    ready: { label: rule.label, ...(rule.when && { when: compileTests(rule.when, asOfMs) }) },
  }));
  const covers = [...protections].map(([index, { keys }]) => ({
    index,
    matches: keys === undefined ? () => true : compileWildcards(keys),
  }));
  const unprotected = new Set(policy.unprotect);
  const remembered = new Map<TagKey, KeyRules>();
  return (key) => {
    const known = remembered.get(key);
    if (known) return known;
    const blocked = blockedBy(key, unprotected);
    const result: KeyRules = {
      ...(blocked && { blocked }),
      rules: blocked ? [] : rules.filter((rule) => rule.matches(key)).map((rule) => rule.ready),
      protections: blocked ? [] : covers.filter((cover) => cover.matches(key)).map((cover) => cover.index),
    };
    if (remembered.size >= MAX_REMEMBERED_KEYS) remembered.clear();
    remembered.set(key, result);
    return result;
  };
}

/** Keys made per pod can be as many as there are pods. */
const MAX_REMEMBERED_KEYS = 100_000;

function blockedBy(key: TagKey, unprotected: ReadonlySet<TagKey>): KeyRules['blocked'] {
  if (isReservedKey(key)) return 'reservedKey';
  return isKubernetesKey(key) && !unprotected.has(key) ? 'kubernetesKey' : undefined;
}
