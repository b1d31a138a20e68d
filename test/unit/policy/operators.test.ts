import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { touchFilters } from '../../../lib/inventory/needs/touch-filters.ts';
import { explainResource } from '../../../lib/plan/explain.ts';
import { createJudge } from '../../../lib/plan/judge.ts';
import { compilePolicy } from '../../../lib/policy/compile.ts';
import { describeTest } from '../../../lib/policy/describe.ts';
import { compileTests } from '../../../lib/policy/evaluate.ts';
import { policyJsonSchema } from '../../../lib/policy/json-schema.ts';
import { OPERATOR_NAMES, operatorOf } from '../../../lib/policy/operators.ts';
import type { ValueTest } from '../../../lib/policy/policy.ts';
import type { PolicyDocument } from '../../../lib/policy/schema.ts';
import { withOperatorTable } from '../../../scripts/operator-table.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aDrawnDocument } from '../../support/policy-arbitraries.ts';

/** The one row that a new operator takes; nothing else of this test's subject is told of it. */
vi.mock('../../../lib/policy/operators.ts', async (importOriginal) => {
  const table = await importOriginal<typeof import('../../../lib/policy/operators.ts')>();
  const { nonEmpty } = await import('../../../lib/policy/fields.ts');
  const startsWith = {
    schema: nonEmpty(128, 'a text'),
    meaning: 'The value begins with this text.',
    modifiers: [],
    read: (start: string) => ({ start }),
    ask:
      ({ start }: { start: string }) =>
      (value: string) =>
        value.startsWith(start),
    describe: ({ start }: { start: string }) => `starts with ${JSON.stringify(start)}`,
    onlyValue: () => undefined,
  };
  Object.assign(table.OPERATORS, { startsWith });
  return { ...table, OPERATOR_NAMES: Object.keys(table.OPERATORS) };
});

const ASOF = Date.UTC(2026, 5, 1);
const when = { startsWith: 'zzz' };
const policy = aPolicy({ remove: [{ key: 'ci-*', when }] });
const kept = aResource({ id: 'eci-1', tags: { 'ci-run': 'abc' } });
const removed = aResource({ id: 'eci-2', tags: { 'ci-run': 'zzz-1' } });

describe('a new operator, which is a row in the table of operators', () => {
  it('is asked, and removes only what passes it', () => {
    const judge = createJudge(policy, ASOF);

    expect(judge.removals(kept)).toEqual([]);
    expect(judge.removals(removed)).toMatchObject([{ key: 'ci-run', value: 'zzz-1' }]);
  });

  it('may stand in a condition and under not, and what it is given is checked', () => {
    const select = { tag: 'env', not: undefined, startsWith: 'dev' };
    const { select: condition } = aPolicy({ select: { tag: 'env', startsWith: 'dev' } });

    expect(condition).toEqual({ kind: 'tag', key: 'env', tests: [{ op: 'startsWith', start: 'dev' }] });
    expect(() => aPolicy({ remove: [{ key: 'a', when: { not: when } }] })).not.toThrow();
    expect(() => aPolicy({ select: { ...select, startsWith: '' } })).toThrow('must not be empty');
    expect(() => aPolicy({ remove: [{ key: 'a', when: { startWith: 'x' } }] })).toThrow(
      'did you mean startsWith?',
    );
    expect(() => aPolicy({ select: { startsWith: 'x' } })).toThrow('without naming it');
  });

  it('is explained in its own words, with what was seen', () => {
    expect(JSON.stringify(explainResource(policy, kept, ASOF))).toContain('starts with');
    expect(describeTest(policy.remove[0]!.when![0]!)).toBe('starts with "zzz"');
  });

  it('narrows what is read to the resources with its key', () => {
    const place = { region: 'cn-hangzhou', type: 'ContainerGroup' } as const;

    expect(touchFilters(aPolicy({ remove: [{ key: 'ci-run', when }] }), place)).toEqual([
      { tags: [{ key: 'ci-run' }] },
    ]);
  });

  it('is in the JSON Schema, for conditions and for when, and on the page', () => {
    const schema = JSON.stringify(policyJsonSchema());
    const page = readFileSync('policies/README.md', 'utf8');

    expect(schema.split('The value begins with this text.')).toHaveLength(3);
    expect(withOperatorTable(page)).toContain('| `startsWith` | The value begins with this text. |');
  });
});

describe('a condition that holds no test', () => {
  const document = (part: object): PolicyDocument => ({ ...(policy.document as PolicyDocument), ...part });
  const remove = (when: object) => document({ remove: [{ key: 'a', when }] });

  it.each<[string, PolicyDocument]>([
    ['an empty when', remove({})],
    ['a when with a modifier alone', remove({ timeZone: 'UTC' })],
    ['an empty not', remove({ not: {} })],
    ['a tag without a test', document({ select: { tag: 'a' } })],
    ['a condition without a subject', document({ select: {} })],
    ['an empty all', document({ select: { all: [] } })],
    ['an empty any', document({ select: { any: [] } })],
    ['an empty age', document({ select: { age: {} } })],
    ['an empty tagCount', document({ select: { tagCount: {} } })],
    ['an empty list of names', document({ select: { name: [] } })],
    ['a protection with an empty condition', document({ protect: [{ resources: {} }] })],
  ])('is refused where policies are compiled, too: %s', (_, broken) => {
    expect(() => compilePolicy(broken)).toThrow('asks for nothing, and would hold of everything');
  });

  it('is refused where it is asked', () => {
    expect(() => compileTests([], ASOF)).toThrow('holds no test');
    expect(() => compileTests([{ op: 'not', tests: [] }], ASOF)).toThrow('holds no test');
  });

  it('is not what an operator becomes that nobody knows', () => {
    const unknown = { op: 'endsWith', end: 'x' } as unknown as ValueTest;

    expect(() => compilePolicy(remove({ endsWith: 'x' }))).toThrow('There is no operator endsWith');
    expect(() => compileTests([unknown], ASOF)).toThrow('There is no operator endsWith');
    expect(() => operatorOf('toString')).toThrow('There is no operator toString');
  });
});

describe('the table of operators', () => {
  it('is what policies are drawn from in the tests', () => {
    const drawn = JSON.stringify(fc.sample(aDrawnDocument, { numRuns: 500, seed: 1 }));

    const missing = OPERATOR_NAMES.filter((name) => !drawn.includes(`"${name}":`));

    expect(missing).toEqual(['startsWith']);
  });
});
