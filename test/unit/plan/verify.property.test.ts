import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIsFree } from '../../../lib/plan/free-pairs.ts';
import { createJudge } from '../../../lib/plan/judge.ts';
import { requestLimits } from '../../../lib/plan/request-limits.ts';
import { verifyBatches } from '../../../lib/plan/verify.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aPlan, PLANNED_AT_MS } from '../../support/planned.ts';

describe('verifyBatches', () => {
  it('accepts every plan that is made, and refuses it once a pair is added or taken away', () => {
    const policy = aPolicy({
      remove: [{ key: 'a' }, { key: 'b', when: { equals: '1' } }, { key: 'c' }, { key: 'long*' }],
      protect: [{ keys: ['c'], resources: { tag: 'hold', exists: true } }],
      batch: { resources: 3, keys: 2 },
    });
    const judge = createJudge(policy, PLANNED_AT_MS);
    const tags = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'hold', 'long1', 'long2'),
      fc.constantFrom('1', '2'),
    );
    fc.assert(
      fc.property(fc.array(tags, { minLength: 1, maxLength: 20 }), fc.nat(), (all, pick) => {
        const resources = all.map((one, at) =>
          aResource({ id: `eci-${String(at).padStart(2, '0')}`, tags: one }),
        );
        const plan = aPlan(resources, policy);
        const proof = {
          removals: plan.removals,
          isFree: createIsFree(judge, resources),
          limits: requestLimits(policy.batch),
        };

        expect(() => verifyBatches({ ...proof, batches: plan.batches })).not.toThrow();

        fc.pre(plan.batches.length > 0);
        const at = pick % plan.batches.length;
        const one = plan.batches[at]!;
        const hits = plan.removals.filter(
          (removal) => one.ids.includes(removal.id) && removal.tags.some((tag) => one.keys.includes(tag.key)),
        );
        expect(hits.length).toBeGreaterThan(0);
        expect(() =>
          verifyBatches({
            ...proof,
            batches: plan.batches.map((batch) => (batch === one ? { ...one, keys: ['hold'] } : batch)),
          }),
        ).toThrow();
      }),
    );
  });
});
