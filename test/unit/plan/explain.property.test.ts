import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainResource } from '../../../lib/plan/explain.ts';
import { createJudge } from '../../../lib/plan/judge.ts';
import type { Change, Turn } from '../../../lib/plan/turn.ts';
import type { Policy } from '../../../lib/policy/policy.ts';
import { isReservedKey } from '../../../lib/policy/reserved.ts';
import type { Resource } from '../../../lib/resource.ts';
import { aPolicy } from '../../support/builders.ts';
import { aDrawnPolicy, aDrawnResource } from '../../support/policy-arbitraries.ts';

const ASOF = Date.UTC(2026, 4, 20);

interface Draft {
  scope: Record<string, unknown>;
  select?: unknown;
  remove: Record<string, unknown>[];
  protect: Record<string, unknown>[];
  unprotect: string[];
}

/** Rules and protections are taken out by their place in the document, so the rest keeps its place, too. */
const NOTHING = { key: 'no-such-key-at-all' };
const placeOf = (label: string): number => Number(/\[(\d+)]/.exec(label)?.[1]);

/** One change, made to the document by a hand of its own. */
function change(draft: Draft, one: Change): Draft {
  switch (one.kind) {
    case 'protectKey':
      return { ...draft, protect: [...draft.protect, { keys: [one.key] }] };
    case 'notSelected':
      return { ...draft, select: { id: 'no such resource' } };
    case 'withoutRules':
      return without(draft, one.rules);
    case 'hasRoom':
      return { ...draft, remove: draft.remove.map((rule) => (rule.trim ? NOTHING : rule)) };
    case 'valuePassesNone':
      return without(draft, one.rules);
    case 'unprotect':
      return { ...draft, unprotect: [...draft.unprotect, one.key] };
    case 'scope': {
      const { [one.part]: _, ...scope } = draft.scope;
      return { ...draft, scope: { regions: 'all', ...scope } };
    }
    case 'withoutProtection': {
      const protect = [...draft.protect];
      protect[placeOf(one.protection)] = { keys: ['no-such-key-at-all'] };
      return { ...draft, protect };
    }
    case 'after':
      return draft;
    case 'selected': {
      const { select: _, ...rest } = draft;
      return rest;
    }
    case 'removeKey':
      // Not by its name: to name a key of Kubernetes alone is a fault of the policy.
      return { ...draft, remove: [...draft.remove, { keyMatches: `^${one.key}$` }] };
    case 'valuePasses':
    case 'withoutWhen': {
      const remove = [...draft.remove];
      const { when: _, ...rule } = remove[placeOf(one.rule)]!;
      remove[placeOf(one.rule)] = rule;
      return { ...draft, remove };
    }
  }
}

function without(draft: Draft, labels: readonly string[]): Draft {
  const places = labels.map(placeOf);
  return { ...draft, remove: draft.remove.map((rule, at) => (places.includes(at) ? NOTHING : rule)) };
}

function verdictsAfter(policy: Policy, resource: Resource, turn: Turn): readonly string[] {
  const changed = aPolicy({ ...turn.reduce(change, policy.document as Draft) });
  const after = turn.find((one) => one.kind === 'after');
  return createJudge(changed, after?.atMs ?? ASOF)
    .decide(resource)
    .map(({ verdict }) => verdict);
}

function labelsOf(turn: Turn): readonly string[] {
  return turn.flatMap((one) => {
    if ('protection' in one) return one.protection;
    return 'rule' in one ? one.rule : [];
  });
}

function count(met: Map<string, number>, words: readonly string[]): void {
  for (const word of words) met.set(word, (met.get(word) ?? 0) + 1);
}

describe('explainResource, for any policy and resource', () => {
  it('names only changes that turn the verdict, all of them needed, and says them', () => {
    const met = new Map<string, number>();
    fc.assert(
      fc.property(aDrawnPolicy, aDrawnResource, (policy, resource) => {
        for (const [index, tag] of explainResource(policy, resource, ASOF).tags.entries()) {
          expect(tag.turns.length > 0).toBe(!isReservedKey(tag.key));
          const verdictAfter = (turn: Turn) => verdictsAfter(policy, resource, turn)[index];
          for (const turn of tag.turns) {
            expect(verdictAfter(turn)).not.toBe(tag.verdict);
            for (const spared of turn) {
              expect(verdictAfter(turn.filter((one) => one !== spared))).toBe(tag.verdict);
            }
            count(met, [...turn.map(({ kind }) => kind), `of ${turn.length}`]);
          }
          for (const label of labelsOf(tag.turns[0] ?? [])) expect(tag.change).toContain(label);
        }
      }),
      { numRuns: 500, seed: 11 },
    );
    for (const kind of [
      'protectKey',
      'notSelected',
      'hasRoom',
      'withoutRules',
      'valuePassesNone',
      'unprotect',
      'scope',
      'withoutProtection',
      'after',
      'selected',
      'removeKey',
      'valuePasses',
      'withoutWhen',
      'of 1',
      'of 2',
      'of 3',
    ]) {
      expect(met.get(kind) ?? 0, kind).toBeGreaterThan(2);
    }
  });
});
