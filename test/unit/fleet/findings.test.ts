import { describe, expect, it } from 'vitest';
import { surveyFleet } from '../../../lib/fleet/findings.ts';
import type { Resource } from '../../../lib/resource.ts';
import { aPolicy, aResource } from '../../support/builders.ts';

const ASOF = Date.UTC(2026, 5, 1);

const many = (count: number, tags: (at: number) => Record<string, string>): readonly Resource[] =>
  Array.from({ length: count }, (_, at) => aResource({ id: `eci-${at}`, tags: tags(at) }));

const found = (fleet: readonly Resource[]) =>
  surveyFleet(fleet, [], ASOF).findings.map(({ kind, keys, resources, tags }) => ({
    kind,
    keys: keys.map(({ key }) => key),
    resources,
    tags,
  }));

describe('surveyFleet', () => {
  it('counts keys by use, their values, and how full resources are', () => {
    const fleet = [
      ...many(2, (at) => ({ env: `e${at}`, team: 'core', 'acs:x': '1' })),
      aResource({ id: 'eci-9', tags: { env: 'e0' } }),
      aResource({ id: 'eci-8', tags: undefined }),
    ];

    const survey = surveyFleet(fleet, [], ASOF);

    expect(survey).toMatchObject({ resources: 4, tags: 7, unseen: 1 });
    expect(survey.byTagCount.slice(0, 3)).toEqual([0, 1, 2]);
    expect(survey.keys[0]).toEqual({ key: 'env', resources: 3, values: 2, examples: ['e0', 'e1'] });
  });

  it('finds keys that differ by case, dates gone by, families, and resources that are nearly full', () => {
    const full = Object.fromEntries(Array.from({ length: 18 }, (_, at) => [`k${at}`, 'x']));
    const fleet = [
      ...many(3, () => ({ env: 'dev', 'expires-at': '2026-05-01', created: '2025-01-01' })),
      aResource({ id: 'eci-7', tags: { Env: 'dev', 'expires-at': '2026-06-02' } }),
      aResource({ id: 'eci-8', tags: { 'ci-a': '', 'ci-b': '', 'ci-c': '' } }),
      aResource({ id: 'eci-9', tags: full }),
    ];

    expect(found(fleet)).toEqual([
      { kind: 'caseVariants', keys: ['env', 'Env'], resources: 1, tags: 1 },
      { kind: 'pastDates', keys: ['expires-at'], resources: 3, tags: 3 },
      { kind: 'families', keys: ['ci-a', 'ci-b', 'ci-c'], resources: 1, tags: 3 },
      { kind: 'nearlyFull', keys: [], resources: 1, tags: 3 },
    ]);
  });

  it('calls a key rare only in a fleet that is large enough', () => {
    const tags = (at: number) => (at === 0 ? { env: 'dev', oops: '' } : { env: 'dev' });

    expect(found(many(199, tags))).toEqual([]);
    expect(found(many(250, tags))).toEqual([{ kind: 'rareKeys', keys: ['oops'], resources: 1, tags: 1 }]);
  });

  it('offers nothing for keys of the cloud and of Kubernetes', () => {
    const fleet = many(5, (at) => ({
      PodName: `p${at}`,
      podname: 'x',
      'acs:a': '',
      'acs:b': '',
      'acs:c': '',
    }));

    expect(found(fleet)).toEqual([]);
  });

  it('tells which keys no policy names; an allow-list names what it keeps', () => {
    const fleet = many(2, () => ({ env: '', team: '', owner: '', note: '' }));
    const policies = [
      aPolicy({ remove: [{ except: ['env'] }] }),
      aPolicy({ remove: [{ key: 'team' }], protect: [{ keys: ['own*'] }] }),
    ];

    const { findings } = surveyFleet(fleet, policies, ASOF);

    expect(findings).toMatchObject([{ kind: 'unnamed', keys: [{ key: 'note' }], tags: 2 }]);
    expect(findings[0]).not.toHaveProperty('policy');
  });
});
