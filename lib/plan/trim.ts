import type { TrimRule } from '../policy/policy.ts';
import { isReservedKey } from '../policy/reserved.ts';
import { compileWildcard, compileWildcards } from '../policy/wildcard.ts';
import { compareText, type TagKey } from '../resource.ts';
import type { Verdict } from './types.ts';

/** What the rest of a policy says of one tag of a resource. */
export interface JudgedTag {
  readonly key: TagKey;
  readonly said: Verdict;
  /** Whether another rule names the key. */
  readonly isNamed: boolean;
}

/** Turns the verdicts on all tags of one selected resource into those that make room on it. */
export type Trimmer = (tags: readonly JudgedTag[]) => readonly Verdict[];

/**
 * Compiles the rule that makes room.
 *
 * What cannot be decided counts both ways: a tag that another rule may remove makes the surplus smaller, and one
 * that may be protected takes its place in the order; so a tag goes only if it would under every reading.
 */
export function compileTrim({ label, to, order, keep }: TrimRule): Trimmer {
  const patterns = order.map(compileWildcard);
  const isKept = compileWildcards(keep);
  const placeOf = (key: TagKey): number => (isKept(key) ? -1 : patterns.findIndex((matches) => matches(key)));
  return (tags) => {
    const staying = tags.filter(({ key, said }) => said.verdict === 'keep' && !isReservedKey(key));
    const most = staying.length - to;
    const surplus = most - staying.filter(mayGoOtherwise).length;
    const queue = staying
      .filter(mayBeTaken)
      .map((tag) => ({ tag, place: placeOf(tag.key) }))
      .filter(({ place }) => place >= 0)
      .sort((a, b) => a.place - b.place || compareText(a.tag.key, b.tag.key));
    const verdicts = new Map<JudgedTag, Verdict>();
    for (const [at, { tag }] of queue.entries()) {
      if (tag.said.reason !== 'noRule') continue;
      if (at < surplus) verdicts.set(tag, { verdict: 'remove', reason: 'matched', rule: label });
      else {
        const reason = verdicts.size < most ? 'surplusUnknown' : 'noSurplus';
        verdicts.set(tag, { verdict: 'keep', reason, rule: label });
      }
    }
    return tags.map((tag) => verdicts.get(tag) ?? tag.said);
  };
}

/** Whether a tag stays for a reason that may not hold, and would then perhaps be removed by another rule. */
function mayGoOtherwise({ said, isNamed }: JudgedTag): boolean {
  return isNamed && said.reason.endsWith('Unknown');
}

/** Whether a tag is one of those to choose from, or may be. */
function mayBeTaken({ said, isNamed }: JudgedTag): boolean {
  return said.reason === 'noRule' || (said.reason === 'protectionUnknown' && !isNamed);
}
