import { describe, expect, it } from 'vitest';
import { createJudge } from '../../../lib/plan/judge.ts';
import type { Decision } from '../../../lib/plan/types.ts';
import type { Resource } from '../../../lib/resource.ts';
import { aPolicy, aResource } from '../../support/builders.ts';

const ASOF = Date.UTC(2026, 5, 1);

function decisions(policyPart: Record<string, unknown>, resource: Resource): Record<string, string> {
  const decided = createJudge(aPolicy(policyPart), ASOF).decide(resource);
  return Object.fromEntries(decided.map((one: Decision) => [one.key, `${one.verdict} ${one.reason}`]));
}

describe('createJudge', () => {
  it('removes a tag that a rule names, and says which rule', () => {
    const judge = createJudge(aPolicy({ remove: [{ key: 'tmp' }, { key: 'ci-*' }] }), ASOF);

    const decided = judge.decide(aResource({ tags: { 'ci-run': '1', env: 'dev' } }));

    expect(decided).toEqual([
      { key: 'ci-run', value: '1', verdict: 'remove', reason: 'matched', rule: 'remove[1] key "ci-*"' },
      { key: 'env', value: 'dev', verdict: 'keep', reason: 'noRule' },
    ]);
  });

  it.each([
    ['acs:tag:createdby', 'keep reservedKey'],
    ['aliyun-owner', 'keep reservedKey'],
    ['PodName', 'keep kubernetesKey'],
    ['UID', 'keep kubernetesKey'],
    ['k8s.io/app', 'keep kubernetesKey'],
    ['ack.aliyun.com', 'keep kubernetesKey'],
    ['podname', 'remove matched'],
    ['UIDs', 'remove matched'],
  ])('says of %s under a rule for every key: %s', (key, expected) => {
    expect(decisions({ remove: [{ key: '*' }] }, aResource({ tags: { [key]: 'x' } }))).toEqual({
      [key]: expected,
    });
  });

  it('removes a key of Kubernetes only where unprotect names it exactly', () => {
    const part = { remove: [{ key: '*' }], unprotect: ['PodName'] };

    expect(decisions(part, aResource({ tags: { PodName: 'x', NodeName: 'y' } }))).toEqual({
      PodName: 'remove matched',
      NodeName: 'keep kubernetesKey',
    });
  });

  it.each([
    [{ regions: ['cn-beijing'] }, {}, 'keep outOfScope'],
    [{ regions: 'all', resourceTypes: ['ImageCache'] }, {}, 'keep outOfScope'],
    [{ regions: 'all', resourceGroups: ['rg-2'] }, {}, 'keep outOfScope'],
    [{ regions: 'all', resourceGroups: ['rg-2'] }, { resourceGroupId: undefined }, 'keep selectionUnknown'],
    [{ regions: ['cn-hangzhou'], resourceGroups: ['rg-default'] }, {}, 'remove matched'],
  ])('under scope %o of a resource with %o: %s', (scope, draft, expected) => {
    const resource = aResource({ tags: { 'ci-run': '1' }, ...draft });

    expect(decisions({ scope }, resource)).toEqual({ 'ci-run': expected });
  });

  it('keeps what is protected, by key and by resource, and what may be', () => {
    const protect = [{ keys: ['ci-keep'] }, { resources: { name: 'prod-*' }, reason: 'production' }];
    const tags = { 'ci-keep': '1', 'ci-run': '1' };

    expect(decisions({ protect }, aResource({ name: 'dev', tags }))).toEqual({
      'ci-keep': 'keep protected',
      'ci-run': 'remove matched',
    });
    expect(decisions({ protect }, aResource({ name: 'prod-1', tags }))['ci-run']).toBe('keep protected');
    expect(decisions({ protect }, aResource({ name: undefined, tags }))['ci-run']).toBe(
      'keep protectionUnknown',
    );
  });

  it('protects through the last day of an exemption, and no longer', () => {
    const policy = aPolicy({ protect: [{ keys: ['ci-*'], until: '2026-06-30' }] });
    const resource = aResource({ tags: { 'ci-run': '1' } });

    const lastMoment = createJudge(policy, Date.UTC(2026, 6, 1) - 1).removals(resource);
    const after = createJudge(policy, Date.UTC(2026, 6, 1)).removals(resource);

    expect(lastMoment).toEqual([]);
    expect(after).toHaveLength(1);
  });

  it('keeps what is not selected, or may not be', () => {
    const part = { select: { tag: 'env', in: ['dev', 'test'] } };

    expect(decisions(part, aResource({ tags: { 'ci-run': '1', env: 'prod' } }))['ci-run']).toBe(
      'keep notSelected',
    );
    expect(decisions(part, aResource({ tags: { 'ci-run': '1', env: 'dev' } }))['ci-run']).toBe(
      'remove matched',
    );
    const byAge = { select: { age: { olderThan: '7d' } } };
    const ageless = aResource({ tags: { 'ci-run': '1' }, createdAtMs: undefined });
    expect(decisions(byAge, ageless)['ci-run']).toBe('keep selectionUnknown');
  });

  it('keeps a tag whose value cannot be read as the rule asks', () => {
    const part = { remove: [{ key: 'expires-at', when: { expired: 'yyyy-MM-dd' } }] };

    expect(decisions(part, aResource({ tags: { 'expires-at': 'soon' } }))).toEqual({
      'expires-at': 'keep valueUnknown',
    });
    expect(decisions(part, aResource({ tags: { 'expires-at': '2026-05-30' } }))).toEqual({
      'expires-at': 'remove matched',
    });
    expect(decisions(part, aResource({ tags: { 'expires-at': '2026-06-01' } }))).toEqual({
      'expires-at': 'keep noRule',
    });
  });

  it('lets a later rule remove what an earlier one leaves open', () => {
    const part = {
      remove: [
        { key: 'a', when: { lessThan: 5 } },
        { key: 'a', when: { equals: 'x' } },
      ],
    };

    expect(decisions(part, aResource({ tags: { a: 'x' } }))).toEqual({ a: 'remove matched' });
  });

  it('removes under an allow-list every key but those named', () => {
    const part = { remove: [{ except: ['team', 'cost-*'] }] };

    expect(decisions(part, aResource({ tags: { team: 'a', 'cost-center': '1', Team: 'b', x: '' } }))).toEqual(
      {
        team: 'keep noRule',
        'cost-center': 'keep noRule',
        Team: 'remove matched',
        x: 'remove matched',
      },
    );
  });

  it('removes spellings that differ by case, and never the key itself', () => {
    const part = { remove: [{ caseVariantsOf: ['env'] }] };

    expect(decisions(part, aResource({ tags: { env: '1', Env: '2', ENV: '3', env2: '4' } }))).toEqual({
      env: 'keep noRule',
      Env: 'remove matched',
      ENV: 'remove matched',
      env2: 'keep noRule',
    });
  });

  it('removes nothing of a resource whose tags were not seen', () => {
    const judge = createJudge(aPolicy(), ASOF);

    expect(judge.decide(aResource({ tags: undefined }))).toEqual([]);
    expect(judge.removals(aResource({ tags: undefined }))).toEqual([]);
  });
});

describe('isFree', () => {
  const free = (part: Record<string, unknown>, key: string, resource = aResource({ tags: { env: 'dev' } })) =>
    createJudge(aPolicy(part), ASOF).isFree(resource, key);

  it.each([
    ['a rule without when', { remove: [{ key: 'ci-*' }] }, true],
    ['a rule that holds for any value', { remove: [{ key: 'ci-*', when: { exists: true } }] }, true],
    ['a rule that asks for the value', { remove: [{ key: 'ci-*', when: { equals: '1' } }] }, false],
    ['no rule', { remove: [{ key: 'tmp' }] }, false],
    ['a protected key', { protect: [{ keys: ['ci-r*'] }] }, false],
    ['a protected resource', { protect: [{ resources: { tag: 'env', equals: 'dev' } }] }, false],
    ['a protection of others', { protect: [{ resources: { tag: 'env', equals: 'prod' } }] }, true],
    ['a protection that may hold', { protect: [{ resources: { tag: 'ci-run', equals: 'keep' } }] }, false],
    ['a resource not selected', { select: { tag: 'env', equals: 'prod' } }, false],
    ['a selection that the key would end', { select: { tag: 'ci-run', exists: false } }, false],
    ['a selection that the key would make', { select: { tag: 'ci-run', exists: true } }, true],
    ['a selection by few tags', { select: { tagCount: { atMost: 5 } } }, false],
    ['a selection by enough tags', { select: { tagCount: { atLeast: 2 } } }, true],
    ['another scope', { scope: { regions: ['cn-beijing'] } }, false],
  ])('under %s: %#', (_description, part, expected) => {
    expect(free(part, 'ci-run')).toBe(expected);
  });

  it('never frees a reserved key or one of Kubernetes', () => {
    expect(free({ remove: [{ key: '*' }] }, 'acs:x')).toBe(false);
    expect(free({ remove: [{ key: '*' }] }, 'PodName')).toBe(false);
    expect(free({ remove: [{ key: '*' }], unprotect: ['PodName'] }, 'PodName')).toBe(true);
  });

  it('does not mistake one resource for the one asked before', () => {
    const judge = createJudge(aPolicy({ select: { tag: 'env', equals: 'dev' } }), ASOF);

    const answers = ['dev', 'prod', 'dev'].map((env) => judge.isFree(aResource({ tags: { env } }), 'ci-run'));

    expect(answers).toEqual([true, false, true]);
  });
});
