import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainResource } from '../../../lib/plan/explain.ts';
import { createJudge } from '../../../lib/plan/judge.ts';
import type { Decision } from '../../../lib/plan/types.ts';
import type { Policy } from '../../../lib/policy/policy.ts';
import { isKubernetesKey, isReservedKey } from '../../../lib/policy/reserved.ts';
import { compareText, type Resource } from '../../../lib/resource.ts';
import { aPolicy } from '../../support/builders.ts';
import {
  aDrawnCondition,
  aDrawnPolicy,
  aDrawnResource,
  DRAWN_KEYS,
  DRAWN_VALUES,
} from '../../support/policy-arbitraries.ts';

const ASOF = Date.UTC(2026, 5, 1);
const RUNS = { numRuns: 200 };

const decide = (policy: Policy, resource: Resource) => createJudge(policy, ASOF).decide(resource);

describe('createJudge, for any policy and resource', () => {
  it('never removes a reserved key, nor one of Kubernetes that is not unprotected', () => {
    fc.assert(
      fc.property(aDrawnPolicy, aDrawnResource, (policy, resource) => {
        for (const { key } of createJudge(policy, ASOF).removals(resource)) {
          expect(isReservedKey(key)).toBe(false);
          if (isKubernetesKey(key)) expect(policy.unprotect).toContain(key);
        }
      }),
      RUNS,
    );
  });

  it('never removes what a protection covers, and only what is in scope', () => {
    fc.assert(
      fc.property(aDrawnPolicy, aDrawnResource, fc.constantFrom(...DRAWN_KEYS), (policy, resource, key) => {
        const document = policy.document as { protect: unknown[] };
        const stricter = aPolicy({ ...document, protect: [...document.protect, { keys: [key] }] });

        const going = createJudge(stricter, ASOF).removals(resource);

        expect(going.map((tag) => tag.key)).not.toContain(key);
        const { regions, resourceTypes } = policy.scope;
        if (going.length > 0) {
          expect(resourceTypes).toContain(resource.type);
          if (regions !== 'all') expect(regions).toContain(resource.region);
        }
      }),
      RUNS,
    );
  });

  it('lets more knowledge settle what was open, and never turns what was decided', () => {
    const settled = (decision: Decision) => !/Unknown$/.test(decision.reason);
    fc.assert(
      fc.property(
        aDrawnPolicy,
        aDrawnResource,
        aDrawnResource,
        fc.subarray(['name', 'status', 'createdAtMs', 'resourceGroupId'] as const),
        (policy, full, other, hidden) => {
          const whole: Resource = { ...other, ...full };
          const less = Object.fromEntries(
            Object.entries(whole).filter(([field]) => !(hidden as readonly string[]).includes(field)),
          ) as unknown as Resource;

          const before = decide(policy, less);
          const after = decide(policy, whole);

          for (const [index, decision] of before.entries()) {
            if (decision.verdict === 'remove') expect(after[index]?.verdict).toBe('remove');
            if (settled(decision)) expect(after[index]?.verdict).toBe(decision.verdict);
            else expect(decision.verdict).toBe('keep');
          }
        },
      ),
      RUNS,
    );
  });

  it('answers removals as it decides', () => {
    fc.assert(
      fc.property(aDrawnPolicy, fc.array(aDrawnResource, { maxLength: 5 }), (policy, resources) => {
        const judge = createJudge(policy, ASOF);
        for (const resource of resources) {
          const decided = judge.decide(resource).filter((one) => one.verdict === 'remove');
          expect(judge.removals(resource)).toEqual(
            decided.map(({ key, value, rule }) => ({ key, value, rule })),
          );
          if (decided.length > 0) expect(judge.selects(resource)).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('frees a key only if it would go with any value, whatever came beside it', () => {
    let freed = 0;
    fc.assert(
      fc.property(
        aDrawnPolicy,
        aDrawnResource,
        fc.constantFrom(...DRAWN_KEYS),
        fc.boolean(),
        (policy, resource, key, crowd) => {
          fc.pre(resource.tags?.every((tag) => tag.key !== key) === true);
          const judge = createJudge(policy, ASOF);
          if (!judge.isFree(resource, key)) return;
          freed++;
          for (const value of DRAWN_VALUES) {
            const beside = crowd ? [{ key: 'zz-unheard-of', value }] : [];
            const tags = [...(resource.tags ?? []), { key, value }, ...beside].sort((a, b) =>
              compareText(a.key, b.key),
            );
            const going = judge.removals({ ...resource, tags });
            expect(going.map((tag) => tag.key)).toContain(key);
          }
        },
      ),
      { numRuns: 3000, seed: 7 },
    );
    expect(freed).toBeGreaterThan(20);
  });

  it('explains each tag as it judges it', () => {
    fc.assert(
      fc.property(aDrawnPolicy, aDrawnResource, (policy, resource) => {
        const { tags, selection, scope } = explainResource(policy, resource, ASOF);
        const judge = createJudge(policy, ASOF);

        expect(
          tags.map(({ asked: _asked, turns: _turns, change: _change, ...decision }) => decision),
        ).toEqual(judge.decide(resource));
        for (const tag of tags) expect(tag.change).toMatch(/^[A-Z].*\.$/);
        if (scope === true && selection) expect(selection.truth).toBe(judge.selects(resource));
      }),
      RUNS,
    );
  });

  it('says the opposite under not, and nothing more of what is unknown', () => {
    fc.assert(
      fc.property(aDrawnCondition, aDrawnResource, (condition, resource) => {
        const plain = createJudge(aPolicy({ select: condition }), ASOF).selects(resource);
        const negated = createJudge(aPolicy({ select: { not: condition } }), ASOF).selects(resource);

        expect(negated).toBe(plain === 'unknown' ? 'unknown' : !plain);
      }),
      RUNS,
    );
  });
});
