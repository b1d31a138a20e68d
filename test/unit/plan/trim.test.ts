import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJudge } from '../../../lib/plan/judge.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aDrawnTrim, DRAWN_KEYS } from '../../support/policy-arbitraries.ts';

const ASOF = Date.UTC(2026, 5, 1);

type Draft = Parameters<typeof aResource>[0];

function going(policy: Record<string, unknown>, draft: Draft): readonly string[] {
  return createJudge(aPolicy(policy), ASOF)
    .removals(aResource(draft))
    .map(({ key }) => key);
}

function reasons(policy: Record<string, unknown>, draft: Draft): Record<string, string> {
  const decided = createJudge(aPolicy(policy), ASOF).decide(aResource(draft));
  return Object.fromEntries(decided.map(({ key, reason }) => [key, reason]));
}

const TO_TWO = { trim: { to: 2, order: ['tmp-*', 'ci-*', '*'], keep: ['team'] } };
const FOUR = { 'ci-run': '1', 'tmp-b': '2', 'tmp-a': '3', team: 'core' };

describe('a rule that makes room', () => {
  it('takes the surplus: by the first pattern that matches, then by key', () => {
    const judge = createJudge(aPolicy({ remove: [{ key: 'none' }, TO_TWO] }), ASOF);

    expect(judge.removals(aResource({ tags: FOUR }))).toEqual([
      { key: 'tmp-a', value: '3', rule: 'remove[1] trim to 2' },
      { key: 'tmp-b', value: '2', rule: 'remove[1] trim to 2' },
    ]);
  });

  it.each([
    {
      description: 'nothing where there is room',
      remove: [TO_TWO],
      tags: { 'tmp-a': '1', team: 'core' },
      goes: [],
    },
    {
      description: 'nothing that no pattern matches',
      remove: [{ trim: { to: 0, order: ['tmp-*'] } }],
      tags: { 'ci-run': '1', 'tmp-a': '1' },
      goes: ['tmp-a'],
    },
    {
      description: 'nothing that is to be kept, however many tags there are',
      remove: [{ trim: { to: 0, order: ['*'], keep: ['t*'] } }],
      tags: { team: '1', tmp: '2', env: '3' },
      goes: ['env'],
    },
    {
      description: 'no key of Kubernetes, which counts all the same',
      remove: [{ trim: { to: 1, order: ['*'] } }],
      tags: { PodName: 'p', env: 'dev' },
      goes: ['env'],
    },
    {
      description: 'nothing in the place of a key of the cloud, which does not count',
      remove: [{ trim: { to: 1, order: ['*'] } }],
      tags: { 'acs:x': '1', env: 'dev' },
      goes: [],
    },
    {
      description: 'no more than is left over by the other rules',
      remove: [TO_TWO, { key: 'ci-*' }],
      tags: FOUR,
      goes: ['ci-run', 'tmp-a'],
    },
    {
      description: 'nothing in the place of a tag that another rule may remove',
      remove: [TO_TWO, { key: 'ci-*', when: { lessThan: 5 } }],
      tags: { ...FOUR, 'ci-run': 'no number' },
      goes: ['tmp-a'],
    },
  ])('takes $description', ({ remove, tags, goes }) => {
    expect(going({ remove }, { tags })).toEqual(goes);
  });

  it('takes nothing where the resource may not be selected, and nothing that is protected', () => {
    expect(going({ remove: [TO_TWO], select: { name: 'dev-*' } }, { name: undefined, tags: FOUR })).toEqual(
      [],
    );
    expect(going({ remove: [TO_TWO], protect: [{ keys: ['tmp-*'] }] }, { tags: FOUR })).toEqual(['ci-run']);
  });

  it('keeps what may be protected, and takes nothing in its place', () => {
    const policy = {
      remove: [TO_TWO],
      protect: [{ keys: ['tmp-a'], resources: { name: 'prod-*' } }],
    };

    expect(reasons(policy, { name: undefined, tags: FOUR })).toEqual({
      'tmp-a': 'protectionUnknown',
      'tmp-b': 'matched',
      'ci-run': 'surplusUnknown',
      team: 'noRule',
    });
    expect(going(policy, { name: 'prod-1', tags: FOUR })).toEqual(['ci-run', 'tmp-b']);
  });

  it('frees no key that a resource lacks', () => {
    const judge = createJudge(aPolicy({ remove: [{ trim: { to: 0, order: ['*'] } }] }), ASOF);

    expect(judge.isFree(aResource({ tags: FOUR }), 'env')).toBe(false);
  });

  it('goes on where it stopped: what is left of it is what it would take now', () => {
    const tags = fc.dictionary(fc.constantFrom(...DRAWN_KEYS), fc.constantFrom('1', '7'), { maxKeys: 8 });
    const rules = fc.record({
      remove: fc
        .tuple(aDrawnTrim, fc.constantFrom({ key: 'ci-*', when: { equals: '7' } }, { key: 'until' }))
        .map(([trim, rule]) => [{ trim }, rule]),
      protect: fc.constantFrom([], [{ keys: ['ci-run'] }], [{ keys: ['e*'], resources: { name: 'dev-*' } }]),
    });
    let cut = 0;
    fc.assert(
      fc.property(
        rules,
        tags,
        fc.constantFrom('dev-1', 'x', undefined),
        fc.nat(),
        (part, all, name, choice) => {
          const judge = createJudge(aPolicy(part), ASOF);
          const resource = aResource({ name, tags: all });
          const planned = judge.removals(resource).map(({ key }) => key);
          const done = planned.filter((_, at) => ((choice >> at) & 1) === 1);
          if (done.length > 0 && done.length < planned.length) cut += 1;

          const rest = judge.removals({
            ...resource,
            tags: resource.tags!.filter(({ key }) => !done.includes(key)),
          });

          expect([...done, ...rest.map(({ key }) => key)].sort()).toEqual([...planned].sort());
        },
      ),
      { numRuns: 400, seed: 3 },
    );
    expect(cut).toBeGreaterThan(50);
  });
});
