import { readIsoPeriod } from '../policy/date.ts';
import { parseDuration } from '../policy/duration.ts';
import type { Fault } from '../policy/issue.ts';
import type { Policy } from '../policy/policy.ts';
import { policyError } from '../policy/policy-error.ts';
import { schemaFaults } from '../policy/schema-faults.ts';
import { readSource, type Source } from '../policy/source.ts';
import { compareText, type Resource, type TagKey } from '../resource.ts';
import { createJudge, protectionsAt } from './judge.ts';
import { mutatePolicy } from './policy-mutants.ts';
import { type PolicyTestDocument, policyTestSchema } from './policy-test-schema.ts';
import type { Decision, Judge } from './types.ts';

/** What came of one file of policy tests. */
export interface PolicyTestReport {
  readonly file: string;
  /** The policy that was tested, by its name. */
  readonly policy: string;
  readonly passed: boolean;
  readonly results: readonly PolicyTestResult[];
  /** The labels of rules and protections that no test reaches: what is not tested. */
  readonly unreached: readonly string[];
}

export interface PolicyTestResult {
  readonly name: string;
  /** Where the test stands in its file; counts from 1. */
  readonly line: number;
  readonly passed: boolean;
  readonly expected: readonly TagKey[];
  readonly actual: readonly TagKey[];
  /** One sentence per difference; empty where it passed. */
  readonly faults: readonly string[];
}

type TestDocument = PolicyTestDocument['tests'][number];

/**
 * Runs a file of policy tests: each gives a resource, and the keys of the tags that the policy removes from
 * it. What a resource leaves out was not seen.
 *
 * @param loadPolicy Finds a policy by the name that the file gives.
 * @throws {PolicyError} with every fault of the file, or of the policy.
 *
 * @example
 * policy: strip-ci-markers
 * asOf: 2026-06-01T00:00:00Z
 * tests:
 *   - name: a dev instance loses its CI markers
 *     resource: { name: api-7f, tags: { ci-run: "81", env: dev } }
 *     removes: [ci-run]
 *     because: { env: noRule }
 */
export async function runPolicyTests(
  text: string,
  file: string,
  loadPolicy: (name: string) => Policy | Promise<Policy>,
): Promise<PolicyTestReport> {
  const { document, source } = readPolicyTest(text, file);
  const policy = await loadPolicy(document.policy);
  const reached = new Set<string | undefined>();
  const results = judgeTests(document, policy).map(({ test, decisions }, index) => {
    for (const { rule, reason } of decisions) {
      if (reason === 'matched' || reason === 'protected') reached.add(rule);
    }
    return { ...compare(test, decisions), line: source.locate(['tests', index]).line };
  });
  const rules = [...policy.remove, ...(policy.trim ? [policy.trim] : [])];
  const protections = protectionsAt(policy, instantMs(document.asOf));
  const labels = [...rules, ...protections.values()].map(({ label }) => label);
  return {
    file,
    policy: policy.name,
    passed: results.every(({ passed }) => passed),
    results,
    unreached: labels.filter((label) => !reached.has(label)),
  };
}

/** What came of the mistakes that were tried on a policy. */
export interface MutationReport {
  readonly policy: string;
  readonly tried: number;
  /** The mistakes that no test notices. */
  readonly unnoticed: readonly string[];
}

/**
 * Makes one small mistake after the other in a policy, and says which of them none of its tests notices: what a test
 * would have to ask for.
 *
 * @param documents the tests of this policy; they pass.
 */
export function findUnnoticed(policy: Policy, documents: readonly PolicyTestDocument[]): MutationReport {
  const unnoticed: string[] = [];
  let tried = 0;
  for (const mutant of mutatePolicy(policy)) {
    tried += 1;
    const isNoticed = documents.some((document) =>
      judgeTests(document, mutant.policy).some(({ test, decisions }) => !compare(test, decisions).passed),
    );
    if (!isNoticed) unnoticed.push(mutant.says);
  }
  return { policy: policy.name, tried, unnoticed };
}

function judgeTests(
  { tests, asOf }: PolicyTestDocument,
  policy: Policy,
): readonly { readonly test: TestDocument; readonly decisions: readonly Decision[] }[] {
  const judges = new Map<number, Judge>();
  return tests.map((test, index) => {
    const asOfMs = instantMs(test.asOf ?? asOf);
    const judge = judges.get(asOfMs) ?? createJudge(policy, asOfMs);
    judges.set(asOfMs, judge);
    return { test, decisions: judge.decide(resourceOf(test, index, policy, asOfMs)) };
  });
}

/** Whether a file holds tests of a policy, by its name. */
export function isPolicyTest(file: string): boolean {
  return /\.test\.ya?ml$/.test(file);
}

/**
 * Reads a file of policy tests without running it.
 *
 * @throws {PolicyError} with every fault of the file.
 */
export function readPolicyTest(
  text: string,
  file: string,
): { readonly document: PolicyTestDocument; readonly source: Source } {
  const source = readSource(text);
  const what = 'the policy test';
  if (source.faults.length > 0) throw policyError(file, source.faults, { source, text }, what);
  const parsed = policyTestSchema.safeParse(source.value ?? {});
  const faults = [
    ...(parsed.success ? [] : schemaFaults(parsed.error, source.value, policyTestSchema)),
    ...unknownKeyFaults(source.value),
  ];
  if (!parsed.success || faults.length > 0) throw policyError(file, faults, { source, text }, what);
  return { document: parsed.data, source };
}

function compare(test: TestDocument, decisions: readonly Decision[]): Omit<PolicyTestResult, 'line'> {
  const expected = [...new Set(test.removes)].sort(compareText);
  const removed = decisions.filter(({ verdict }) => verdict === 'remove');
  const actual = removed.map(({ key }) => key);
  const because = new Map(Object.entries(test.because ?? {}));
  const faults = [
    ...removed
      .filter(({ key }) => !expected.includes(key))
      .map(({ key, rule }) => `${key} is removed by ${rule}, and should stay`),
    ...decisions
      .filter(({ key, verdict }) => verdict === 'keep' && expected.includes(key))
      .map(
        ({ key, reason, rule }) =>
          `${key} stays (${reason}${rule === undefined ? '' : ` by ${rule}`}), and should go`,
      ),
    ...decisions
      .filter(({ key, reason }) => (because.get(key) ?? reason) !== reason)
      .map(({ key, reason }) => `${key} is ${reason}, and should be ${because.get(key)}`),
  ];
  return { name: test.name, passed: faults.length === 0, expected, actual, faults };
}

/** A key that the resource does not carry can neither go nor stay: it is a slip of the pen. */
function unknownKeyFaults(document: unknown): readonly Fault[] {
  const parsed = policyTestSchema.safeParse(document);
  if (!parsed.success) return [];
  return parsed.data.tests.flatMap(({ resource, removes, because }, index) => {
    const tags = new Set(Object.keys(resource.tags ?? {}));
    const named: Fault[] = removes.map((key, at) => ({
      path: ['tests', index, 'removes', at],
      message: key,
    }));
    const explained: Fault[] = Object.keys(because ?? {}).map((key) => ({
      path: ['tests', index, 'because', key],
      message: key,
      atKey: true,
    }));
    const both = resource.created !== undefined && resource.age !== undefined;
    const age: Fault = {
      path: ['tests', index, 'resource', 'age'],
      message: 'stands beside created: give one of them',
    };
    return [
      ...[...named, ...explained]
        .filter(({ message }) => !tags.has(message))
        .map((fault) => ({ ...fault, message: 'is no tag of the resource' })),
      ...(both ? [age] : []),
    ];
  });
}

function resourceOf({ resource }: TestDocument, index: number, policy: Policy, asOfMs: number): Resource {
  const { id, type, region, name, status, created, age, group, tags } = resource;
  const { regions } = policy.scope;
  const createdAtMs = age === undefined ? undefined : asOfMs - parseDuration(age)!;
  return {
    id: id ?? `test-${index + 1}`,
    type,
    region: region ?? (regions === 'all' ? 'cn-hangzhou' : regions[0]!),
    ...(name !== undefined && { name }),
    ...(status !== undefined && { status }),
    ...(created !== undefined && { createdAtMs: instantMs(created) }),
    ...(createdAtMs !== undefined && { createdAtMs }),
    ...(group !== undefined && { resourceGroupId: group }),
    ...(tags !== undefined && {
      tags: Object.entries(tags)
        .map(([key, value]) => ({ key, value }))
        .sort((a, b) => compareText(a.key, b.key)),
    }),
  };
}

function instantMs(text: string): number {
  return readIsoPeriod(text, 'UTC')!.fromMs;
}
