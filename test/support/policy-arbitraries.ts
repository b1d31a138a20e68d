import fc from 'fast-check';
import type { Policy } from '../../lib/policy/policy.ts';
import { RESOURCE_TYPES, type Resource } from '../../lib/resource.ts';
import { aPolicy, tagsOf } from './builders.ts';

/** Few enough that what policies ask for and what resources carry often meet. */
export const DRAWN_KEYS = [
  'env',
  'Env',
  'ci-run',
  'ci-id',
  'until',
  'tmp_a',
  'acs:x',
  'PodName',
  'owner',
] as const;
export const DRAWN_VALUES = [
  '',
  'dev',
  'prod',
  '7',
  '-3.5',
  '2026-01-01',
  '2026-06-01',
  '2027-01-01',
  'x y',
  'nAn',
] as const;

const NAMES = ['prod-1', 'dev-1', 'api'] as const;
const key = fc.constantFrom(...DRAWN_KEYS);
const value = fc.constantFrom(...DRAWN_VALUES);
const duration = fc.constantFrom('90m', '36h', '7d', '2w');

const test = fc.oneof(
  fc.boolean().map((exists) => ({ exists })),
  value.map((equals) => ({ equals })),
  fc.array(value, { minLength: 1, maxLength: 3 }).map((items) => ({ in: items })),
  fc.constantFrom('*', 'd?v', '2026-*').map((like) => ({ like })),
  fc.constantFrom('^$', '^[a-z]+$', '6').map((matches) => ({ matches })),
  fc.constant({ expired: 'yyyy-MM-dd', grace: '1d', timeZone: 'Asia/Shanghai' }),
  fc.constantFrom({ before: '2026-06-01T12:00' }, { after: '2026-01-01' }),
  fc.constantFrom({ lessThan: 5 }, { greaterThan: -4 }),
);

const when = fc.oneof(
  { weight: 4, arbitrary: test.filter((one) => !('exists' in one && one.exists === false)) },
  { weight: 1, arbitrary: test.map((one) => ({ not: one })) },
);

const subject = fc.oneof(
  fc.tuple(key, test).map(([tag, tests]): object => ({ tag, ...tests })),
  fc.constantFrom('prod-*', 'dev-?', '*').map((name) => ({ name })),
  fc.constantFrom('Running', ['Pending', 'Run*']).map((status) => ({ status })),
  fc.constantFrom('rg-1', 'rg-*').map((resourceGroup) => ({ resourceGroup })),
  duration.map((olderThan) => ({ age: { olderThan } })),
  duration.map((newerThan) => ({ age: { newerThan } })),
  fc.nat(5).map((atLeast) => ({ tagCount: { atLeast } })),
  fc.nat(5).map((atMost) => ({ tagCount: { atMost } })),
);

/** A condition as a policy document holds it. */
export const aDrawnCondition: fc.Arbitrary<object> = fc.letrec<{ condition: object }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    subject,
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie('condition').map((not) => ({ not })),
  ),
})).condition;

const keyTest = fc.oneof(
  fc.constantFrom('*', 'ci-*', 'env', 'until', '?nv', 'tmp_a').map((one): object => ({ key: one })),
  fc.constantFrom('^ci', 'a$', '[A-Z]').map((keyMatches) => ({ keyMatches })),
  fc.subarray(['env', 'ci-*', 'owner'], { minLength: 1 }).map((except) => ({ except })),
  fc.subarray(['env', 'podname'], { minLength: 1 }).map((caseVariantsOf) => ({ caseVariantsOf })),
);

const rule = fc
  .tuple(keyTest, fc.option(when, { nil: undefined }))
  .map(([keys, tests]) => (tests === undefined ? keys : { ...keys, when: tests }));

/** A rule that makes room, as a policy document holds it. */
export const aDrawnTrim = fc.record(
  {
    to: fc.nat(4),
    order: fc.subarray(['ci-*', 'tmp_?', '*'], { minLength: 1 }),
    keep: fc.subarray(['env', 'o*'], { minLength: 1 }),
  },
  { requiredKeys: ['to', 'order'] },
);

const protection = fc.oneof(
  fc.subarray(['owner', 'ci-i*', 'PodName'], { minLength: 1 }).map((keys): object => ({ keys })),
  aDrawnCondition.map((resources) => ({ resources })),
  aDrawnCondition.map((resources) => ({ keys: ['ci-*'], resources, until: '2026-05-31' })),
);

/** A policy document without its name. */
export const aDrawnDocument = fc.record(
  {
    scope: fc.constantFrom<object>(
      { regions: 'all' },
      { regions: ['cn-hangzhou'] },
      { regions: 'all', resourceTypes: ['ContainerGroup', 'ImageCache'] },
      { regions: 'all', resourceGroups: ['rg-1'] },
    ),
    select: aDrawnCondition,
    remove: fc
      .tuple(
        fc.array(rule, { minLength: 1, maxLength: 3 }),
        fc.option(aDrawnTrim, { nil: undefined, freq: 2 }),
      )
      .map(([rules, one]) => (one === undefined ? rules : [{ trim: one }, ...rules])),
    protect: fc.array(protection, { maxLength: 2 }),
    unprotect: fc.constantFrom([], ['PodName']),
  },
  { requiredKeys: ['remove'] },
);

export const aDrawnPolicy: fc.Arbitrary<Policy> = aDrawnDocument.map((document) => aPolicy(document));

/** A resource of which anything but where it stands may not have been seen. */
export const aDrawnResource: fc.Arbitrary<Resource> = fc
  .record(
    {
      region: fc.constantFrom('cn-hangzhou', 'cn-beijing'),
      type: fc.constantFrom(...RESOURCE_TYPES),
      id: fc.constantFrom('eci-1', 'eci-2'),
      name: fc.constantFrom(...NAMES),
      status: fc.constantFrom('Running', 'Pending', 'Failed'),
      createdAtMs: fc.constantFrom(Date.UTC(2026, 0, 1), Date.UTC(2026, 4, 30), Date.UTC(2026, 4, 31, 23)),
      resourceGroupId: fc.constantFrom('rg-1', 'rg-2'),
      tags: fc.dictionary(key, value, { maxKeys: 5 }).map(tagsOf),
    },
    { requiredKeys: ['region', 'type', 'id'] },
  )
  .map((resource): Resource => resource);
