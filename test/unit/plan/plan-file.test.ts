import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planDigest } from '../../../lib/plan/digest.ts';
import { createJudge } from '../../../lib/plan/judge.ts';
import { buildPlan } from '../../../lib/plan/plan.ts';
import { formatPlanFile, readPlanFile } from '../../../lib/plan/plan-file.ts';
import type { Plan } from '../../../lib/plan/types.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { anInventory, aPlan, PLANNED_AT_MS } from '../../support/planned.ts';

const PLAN = aPlan([
  aResource({ id: 'eci-1', tags: { 'ci-a': '1', 'ci-b': '2' } }),
  aResource({ id: 'eci-2', tags: { 'ci-a': '1' } }),
]);

// biome-ignore lint/suspicious/noExplicitAny: a plan file is edited at will, as a text editor does.
function edited(change: (plan: any) => void, plan = PLAN): string {
  const copy = JSON.parse([...formatPlanFile(plan)].join(''));
  change(copy);
  return JSON.stringify(copy);
}

/** One resource of four loses a tag. */
function aPlanOfMany(): Plan {
  const policy = aPolicy();
  return buildPlan({
    policy,
    judge: createJudge(policy, PLANNED_AT_MS),
    inventory: anInventory([aResource({ tags: { 'ci-a': '1' } })], { resourcesSeen: 4 }),
    createdAt: '2026-06-01T00:00:00.000Z',
  });
}

describe('formatPlanFile and readPlanFile', () => {
  it('give back any plan as it was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string({ unit: 'binary', minLength: 1, maxLength: 9 }), fc.string()), {
          maxLength: 8,
        }),
        fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
        (all, accountId) => {
          const policy = aPolicy({ remove: [{ except: ['keep'] }] });
          const plan: Plan = buildPlan({
            policy,
            judge: createJudge(policy, PLANNED_AT_MS),
            inventory: anInventory(all.map((tags, at) => aResource({ id: `eci-${at}`, tags }))),
            createdAt: '2026-06-01T00:00:00.000Z',
            ...(accountId === undefined ? {} : { accountId }),
          });

          expect(readPlanFile([...formatPlanFile(plan)].join(''), 'plan.json')).toEqual(plan);
        },
      ),
    );
  });

  it.each([
    {
      description: 'smaller than the policy lets them be',
      batch: { resources: 7, keys: 3 },
      formBody: false,
    },
    { description: 'that travel in a body', batch: { resources: 50, keys: 20 }, formBody: true },
  ])('keep requests $description', ({ batch, formBody }) => {
    const policy = aPolicy();
    const plan = buildPlan({
      policy: { ...policy, batch },
      judge: createJudge(policy, PLANNED_AT_MS),
      inventory: anInventory([aResource({ tags: { 'ci-a': '1' } })]),
      createdAt: '2026-06-01T00:00:00.000Z',
      formBody,
    });

    expect(readPlanFile([...formatPlanFile(plan)].join(''), 'plan.json')).toEqual(plan);
  });

  it('pass a large plan in pieces, whole', () => {
    const resources = Array.from({ length: 3000 }, (_, n) =>
      aResource({ id: `eci-${String(n).padStart(4, '0')}`, tags: { [`ci-${n}`]: 'x'.repeat(900) } }),
    );
    const plan = aPlan(resources);

    const pieces = [...formatPlanFile(plan)];

    const longest = pieces.reduce((most, piece) => Math.max(most, piece.length), 0);
    expect(pieces.join('').length).toBeGreaterThan(2.5 * 2 ** 20);
    expect(longest).toBeLessThan(2 ** 20 + 10_000);
    expect(readPlanFile(pieces.join(''), 'plan.json')).toEqual(plan);
  });

  it('name resources as people do, where the name was seen, and leave the digest as it is', () => {
    const tags = { 'ci-a': '1' };
    const named = aPlan([aResource({ id: 'eci-1', name: 'job "7"', tags })]);
    const { name: _, ...bare } = aResource({ id: 'eci-1', tags });
    const unnamed = aPlan([bare]);

    const text = [...formatPlanFile(named)].join('');

    expect(JSON.parse(text).removals[0]).toMatchObject({ resourceId: 'eci-1', resourceName: 'job "7"' });
    expect(readPlanFile(text, 'plan.json')).toEqual(named);
    expect([...formatPlanFile(unnamed)].join('')).not.toContain('resourceName');
    expect(named.digest).toBe(unnamed.digest);
    expect(named.fileDigest).not.toBe(unnamed.fileDigest);
  });

  it('write one removal and one batch a line', () => {
    const lines = [...formatPlanFile(PLAN)].join('').split('\n');

    expect(lines.filter((line) => line.includes('"resourceId":'))).toHaveLength(2);
    expect(lines.filter((line) => line.includes('"tagKeys":'))).toHaveLength(PLAN.batches.length);
  });
});

describe('readPlanFile', () => {
  it.each([
    {
      description: 'what is not JSON',
      text: [...formatPlanFile(PLAN)].join('').slice(0, 200),
      message: 'not JSON, or cut off',
    },
    { description: 'another document', text: '{"a":1}', message: 'it has no formatVersion' },
    { description: 'nothing', text: 'null', message: 'it has no formatVersion' },
    {
      description: 'a later format',
      text: edited((plan) => {
        plan.formatVersion = 2;
      }),
      message: 'format version 2, and this program reads version 1',
    },
    {
      description: 'a key it does not know',
      text: edited((plan) => {
        plan.extra = 1;
      }),
      message: 'Unrecognized key',
    },
    {
      description: 'a removal without tags',
      text: edited((plan) => {
        plan.removals[0].tags = [];
      }),
      message: 'removals.0.tags',
    },
    {
      description: 'a batch without keys',
      text: edited((plan) => {
        plan.batches[0].tagKeys = [];
      }),
      message: 'batches.0.tagKeys',
    },
    {
      description: 'a resource type that ECI does not know',
      text: edited((plan) => {
        plan.removals[0].resourceType = 'Pod';
      }),
      message: 'removals.0.resourceType',
    },
    {
      description: 'a changed value',
      text: edited((plan) => {
        plan.removals[0].tags[0].value = 'x';
      }),
      message: 'The file was changed after it was written',
    },
    {
      description: 'a removal taken out',
      text: edited((plan) => {
        plan.removals.pop();
      }),
      message: 'its digest is',
    },
    {
      description: 'another account',
      text: edited((plan) => {
        plan.accountId = '1';
      }),
      message: 'its digest is',
    },
    {
      description: 'more resources seen, so that a percentage fits',
      text: edited((plan) => {
        plan.inventory.resourcesSeen = 1_000_000;
      }),
      message: 'its digest is',
    },
    {
      description: 'an incomplete inventory called complete, or the other way round',
      text: edited((plan) => {
        plan.inventory.complete = !plan.inventory.complete;
      }),
      message: 'its digest is',
    },
    {
      description: 'larger requests',
      text: edited((plan) => {
        plan.requests.bytes = null;
      }),
      message: 'its digest is',
    },
    {
      description: 'requests that its policy does not allow, whatever the digest says',
      text: edited((plan) => {
        plan.requests = { ...plan.requests, resources: 100 };
        const { accountId, policy, inventory, requests } = plan;
        plan.digest = planDigest(
          { accountId, policyDigest: policy.digest, inventory, maxPercent: 50, requests },
          PLAN.removals,
        );
      }),
      message: 'its requests are larger than its policy lets them be',
    },
    {
      description: 'another number of resources seen, where a percentage fits either way',
      text: edited((plan) => {
        plan.inventory.resourcesSeen = 5;
      }, aPlanOfMany()),
      message: 'its fileDigest is',
    },
    {
      description: 'a later end',
      text: edited((plan) => {
        plan.expiresAt = '2099-01-01T00:00:00.000Z';
      }),
      message: 'its fileDigest is',
    },
    {
      description: 'a later beginning',
      text: edited((plan) => {
        plan.createdAt = '2099-01-01T00:00:00.000Z';
      }),
      message: 'its fileDigest is',
    },
    {
      description: 'another name beside an id, by which a reviewer knows the resource',
      text: edited((plan) => {
        plan.removals[0].resourceName = 'not-prod';
      }),
      message: 'its fileDigest is',
    },
    {
      description: 'removals in another order',
      text: edited((plan) => {
        plan.removals.reverse();
      }),
      message: 'removals[1] is twice there or out of order',
    },
    {
      description: 'a removal twice',
      text: edited((plan) => {
        plan.removals.push(plan.removals[1]);
      }),
      message: 'removals[2] is twice there',
    },
    {
      description: 'tags in another order',
      text: edited((plan) => {
        plan.removals[0].tags.reverse();
      }),
      message: 'removals[0].tags are twice there or out of order',
    },
    {
      description: 'a wider policy beside the same digest',
      text: edited((plan) => {
        plan.policy.document.remove = [{ key: '*' }];
      }),
      message: 'its policy says digest',
    },
    {
      description: 'another policy name',
      text: edited((plan) => {
        plan.policy.name = 'other';
      }),
      message: 'its policy says digest',
    },
    {
      description: 'a policy that is none',
      text: edited((plan) => {
        plan.policy.document = { version: 1 };
      }),
      message: 'its policy cannot be read',
    },
    {
      description: 'batches that leave a tag out',
      text: edited((plan) => {
        plan.batches = [plan.batches[0]];
        plan.batches[0].resourceIds = ['eci-1'];
        plan.calls = { untag: 1, lowerBound: 1 };
      }),
      message: 'no batch removes "ci-a" from',
    },
    {
      description: 'a count that is not that of its batches',
      text: edited((plan) => {
        plan.calls.untag = 7;
      }),
      message: 'calls do not fit',
    },
    {
      description: 'a bound above the count',
      text: edited((plan) => {
        plan.calls.lowerBound = 7;
      }),
      message: 'calls do not fit',
    },
  ])('refuses $description', ({ text, message }) => {
    expect(() => readPlanFile(text, 'plan.json')).toThrow(
      expect.objectContaining({ code: 'INVALID_PLAN_FILE', message: expect.stringMatching(/^plan\.json: /) }),
    );
    expect(() => readPlanFile(text, 'plan.json')).toThrow(message);
  });
});
