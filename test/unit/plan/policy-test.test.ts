import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../../lib/errors.ts';
import { runPolicyTests } from '../../../lib/plan/policy-test.ts';
import { aPolicy } from '../../support/builders.ts';

const HEAD = 'policy: p\nasOf: 2026-06-01T00:00:00Z\ntests:\n';

const run = (tests: string, part: Record<string, unknown> = {}) =>
  runPolicyTests(HEAD + tests, 'p.test.yaml', () => aPolicy({ name: 'p', ...part }));

describe('runPolicyTests', () => {
  it('passes where the policy does what is expected', async () => {
    const report = await run(
      '  - { name: one, resource: { tags: { ci-run: "1", env: dev } }, removes: [ci-run] }\n',
    );

    expect(report).toEqual({
      file: 'p.test.yaml',
      policy: 'p',
      passed: true,
      results: [{ name: 'one', line: 4, passed: true, expected: ['ci-run'], actual: ['ci-run'], faults: [] }],
      unreached: [],
    });
  });

  it('says of each tag what differs', async () => {
    const report = await run(
      '  - name: one\n    resource: { tags: { ci-run: "1", env: dev } }\n    removes: [env]\n    because: { ci-run: protected }\n',
    );

    expect(report.passed).toBe(false);
    expect(report.results[0]?.faults).toEqual([
      'ci-run is removed by remove[0] key "ci-*", and should stay',
      'env stays (noRule), and should go',
      'ci-run is matched, and should be protected',
    ]);
  });

  it.each(['toString', 'hasOwnProperty', 'valueOf', 'constructor', 'prototype', '__defineGetter__'])(
    'takes a tag named %s as any other',
    async (key) => {
      const kept = await run(`  - { name: one, resource: { tags: { ${key}: "1" } }, removes: [] }\n`);
      const gone = await run(
        `  - { name: one, resource: { tags: { ${key}: "1" } }, removes: [${key}], because: { ${key}: noRule } }\n`,
        { remove: [{ key }] },
      );

      expect(kept.results[0]?.faults).toEqual([]);
      expect(gone.results[0]?.faults).toEqual([`${key} is matched, and should be noRule`]);
    },
  );

  it('names the rules and protections that no test reaches', async () => {
    const report = await run('  - { name: one, resource: { tags: { a: "" } }, removes: [a] }\n', {
      remove: [{ key: 'a' }, { key: 'a*' }, { key: 'b' }],
      protect: [{ keys: ['c'] }, { keys: ['d'], until: '2026-01-01' }],
    });

    expect(report.unreached).toEqual(['remove[1] key "a*"', 'remove[2] key "b"', 'protect[0] keys "c"']);
  });

  it('takes what a resource leaves out for not seen', async () => {
    const report = await run(
      '  - { name: one, resource: { tags: { ci-run: "" } }, removes: [], because: { ci-run: selectionUnknown } }\n',
      { select: { name: 'a*' } },
    );

    expect(report.passed).toBe(true);
  });

  it('puts a resource where the policy looks, unless it says where', async () => {
    const report = await run(
      '  - { name: in, resource: { tags: { ci-run: "" } }, removes: [ci-run] }\n  - { name: out, resource: { region: cn-hangzhou, tags: { ci-run: "" } }, removes: [] }\n',
      { scope: { regions: ['cn-beijing'] } },
    );

    expect(report.passed).toBe(true);
  });

  it.each([
    [
      'an unknown key',
      '  - { name: a, resource: { nmae: x }, removes: [] }\n',
      'tests[0].resource.nmae',
      'name',
    ],
    [
      'an unknown type',
      '  - { name: a, resource: { type: Pod }, removes: [] }\n',
      'tests[0].resource.type',
      undefined,
    ],
    [
      'a number as a value',
      '  - { name: a, resource: { tags: { a: 1 } }, removes: [] }\n',
      'tests[0].resource.tags.a',
      undefined,
    ],
    [
      'a tag that is not there',
      '  - { name: a, resource: { tags: {} }, removes: [a] }\n',
      'tests[0].removes[0]',
      undefined,
    ],
    [
      'a reason of no tag',
      '  - { name: a, resource: {}, removes: [], because: { a: noRule } }\n',
      'tests[0].because.a',
      undefined,
    ],
    [
      'an unknown reason',
      '  - { name: a, resource: { tags: { a: "" } }, removes: [], because: { a: norule } }\n',
      'tests[0].because.a',
      'noRule',
    ],
    [
      'both created and age',
      '  - { name: a, resource: { created: "2026-01-01", age: 1d }, removes: [] }\n',
      'tests[0].resource.age',
      undefined,
    ],
    ['nothing to remove or not', '  - { name: a, resource: {} }\n', 'tests[0].removes', undefined],
  ])('refuses %s, with its place', async (_description, tests, path, suggestion) => {
    const error: unknown = await run(tests).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(PolicyError);
    const [issue] = (error as PolicyError).issues;
    expect(issue).toMatchObject({ path, line: 4 });
    expect(issue?.suggestion).toBe(suggestion);
    expect((error as PolicyError).message).toContain('the policy test has 1 fault');
  });

  it('refuses an empty file', async () => {
    await expect(runPolicyTests('', 'e.yaml', () => aPolicy())).rejects.toThrow(/policy is missing/);
  });

  it.each([
    { tests: '  - { name: one, resource: x, removes: [] }\n', fault: 'must be a mapping of keys to values' },
    { tests: '  - { name: one, removes: [] }\n', fault: 'tests[0].resource is missing' },
    { tests: '  - { name: one, resource: {}, removes: x }\n', fault: 'tests[0].removes must be a list' },
    { tests: '  - { name: one, resource: {} }\n', fault: 'tests[0].removes is missing' },
    {
      tests: '  - { name: [x], resource: {}, removes: [] }\n',
      fault: 'must be a sentence that says what is tested',
    },
    { tests: '  - { name: 7, resource: {}, removes: [] }\n', fault: 'put it in quotes' },
    { tests: '  - { name: true, resource: {}, removes: [] }\n', fault: 'put it in quotes' },
    {
      tests: '  - { name: one, resource: {}, remove: [] }\n',
      fault: 'is not a known key; did you mean removes?',
    },
    {
      tests: '  - { name: one, resource: { type: Disk }, removes: [] }\n',
      fault: 'must be one of ContainerGroup',
    },
    { tests: '  - { name: [one\n', fault: 'the policy test cannot be read' },
  ])('refuses a file in which something is wrong: $fault', async ({ tests, fault }) => {
    await expect(run(tests)).rejects.toThrow(fault);
  });

  it('judges by creation time and resource group, and says which rule kept a tag', async () => {
    const report = await run(
      '  - { name: one, resource: { created: 2026-05-01T00:00:00Z, group: rg-1, tags: { ci-run: "", ci-x: "" } }, removes: [ci-run, ci-x] }\n',
      {
        scope: { regions: 'all', resourceGroups: ['rg-1'] },
        select: { age: { olderThan: '7d' } },
        protect: [{ keys: ['ci-x'] }],
      },
    );

    expect(report.results[0]?.faults).toEqual([
      'ci-x stays (protected by protect[0] keys "ci-x"), and should go',
    ]);
  });
});
