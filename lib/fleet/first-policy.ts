import { stringify } from 'yaml';
import { createJudge } from '../plan/judge.ts';
import { parseDuration } from '../policy/duration.ts';
import { parsePolicyDocument } from '../policy/parse.ts';
import { compileWildcards } from '../policy/wildcard.ts';
import type { Region, Resource } from '../resource.ts';
import type { Finding } from './findings.ts';
import { toFleetResource } from './fleet-file.ts';

/** What a person answers who has no policy yet. */
export interface Answers {
  readonly name: string;
  /** Wildcards of the keys that go; `*` alone: all but those that stay. */
  readonly keys: readonly string[];
  /** Wildcards of the keys that stay. */
  readonly keep: readonly string[];
  readonly regions: readonly Region[] | 'all';
  /** Only resources older than this lose tags; left out: any. */
  readonly olderThan?: string;
}

/** A policy and its tests, as they are written. */
export interface FirstPolicy {
  readonly policy: string;
  readonly tests: string;
}

type Document = Readonly<Record<string, unknown>>;

interface Test {
  readonly name: string;
  readonly resource: Document;
  readonly removes: readonly string[];
}

/** Narrow on purpose: whoever knows better widens them. */
const LIMITS = { maxResources: 100, maxPercent: 20, canary: 5 };

/** The instant that the tests of a first policy are about. */
const ASOF = '2026-06-01T00:00:00Z';

/**
 * Writes a first policy from a person's answers: a dry run with narrow limits, and tests that notice each small mistake
 * in it.
 *
 * @throws {PolicyError} when the answers make no policy: a name or key that cannot be one, a region that is none.
 */
export function firstPolicy(answers: Answers): FirstPolicy {
  const { name, keys, keep, regions, olderThan } = answers;
  const isAllowList = keys.includes('*');
  const rules = isAllowList ? [{ except: keep }] : keys.map((key) => ({ key }));
  const document = {
    version: 1,
    name,
    description: isAllowList ? 'Removes every tag that is not listed.' : `Removes ${keys.join(', ')}.`,
    scope: { regions },
    ...(olderThan !== undefined && { select: { age: { olderThan } } }),
    remove: rules,
    ...(keep.length > 0 && !isAllowList && { protect: [{ keys: keep, reason: 'to be kept' }] }),
    limits: LIMITS,
  };
  parsePolicyDocument(document, `${name}.yaml`);
  return { policy: policyText(document), tests: testText(name, ASOF, testsOf(answers)) };
}

/**
 * Writes the policy that a finding asks for: a dry run with narrow limits, and tests made of resources of the fleet.
 *
 * @param asOfMs when the fleet was looked at, epoch milliseconds.
 * @throws {PolicyError} when the name cannot be one.
 */
export function policyOfFinding(
  name: string,
  finding: Finding & { readonly policy: Document },
  fleet: readonly Resource[],
  asOfMs: number,
): FirstPolicy {
  const document = { version: 1, name, ...finding.policy, limits: LIMITS };
  const judge = createJudge(parsePolicyDocument(document, `${name}.yaml`), asOfMs);
  const examples = fleet.map((resource) => ({
    resource,
    goes: judge.removals(resource).map(({ key }) => key),
  }));
  const going = examples.filter(({ goes }) => goes.length > 0).slice(0, 3);
  const staying = examples
    .filter(({ goes, resource }) => goes.length === 0 && resource.tags !== undefined)
    .slice(0, 1);
  const tests = [...going, ...staying].map(({ resource, goes }) => ({
    name: `${resource.name ?? resource.id} ${goes.length > 0 ? `loses ${goes.join(', ')}` : 'keeps all that it has'}`,
    resource: toFleetResource(resource),
    removes: goes,
  }));
  return { policy: policyText(document), tests: testText(name, new Date(asOfMs).toISOString(), tests) };
}

function testsOf({ keys, keep, olderThan }: Answers): readonly Test[] {
  const isAllowList = keys.includes('*');
  const isKept = compileWildcards(keep);
  const goes = compileWildcards(keys);
  const going = [...new Set(isAllowList ? ['not-listed'] : keys.map(exampleOf))].filter(
    (key) => !isKept(key),
  );
  const staying = [...new Set([...keep.map(exampleOf), ...(isAllowList ? [] : keys.flatMap(nearMissesOf))])];
  const kept = staying.filter((key) => isKept(key) || (!isAllowList && !goes(key)));
  const tags = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 'x']));
  const aged = (age: string | undefined) =>
    olderThan === undefined ? {} : { ...(age !== undefined && { age }) };
  return [
    {
      name: 'what is named goes, and nothing else',
      resource: { ...aged(olderThan && aBitMoreThan(olderThan)), tags: tags([...going, ...kept]) },
      removes: going,
    },
    ...(olderThan === undefined
      ? []
      : [
          {
            name: `what is no older than ${olderThan} keeps its tags`,
            resource: { ...aged(olderThan), tags: tags(going) },
            removes: [],
          },
          { name: 'what may be younger keeps them, too', resource: { tags: tags(going) }, removes: [] },
        ]),
    {
      name: 'a resource whose tags were not seen keeps all that it has',
      resource: { name: 'a' },
      removes: [],
    },
  ];
}

function exampleOf(pattern: string): string {
  return pattern.replaceAll('*', 'x').replaceAll('?', 'x');
}

/** Keys that a wildcard which is a bit too wide would mean as well. */
function nearMissesOf(pattern: string): readonly string[] {
  const at = pattern.indexOf('*');
  if (at < 0) return [`${exampleOf(pattern)}x`];
  return at < 2 ? [] : [exampleOf(`${pattern.slice(0, at - 1)}${pattern.slice(at)}`)];
}

/** A minute more, which every duration can be written with. */
function aBitMoreThan(duration: string): string {
  const ms = parseDuration(duration) ?? 0;
  const minutes = Math.floor(ms / 60_000) + 1;
  return minutes < 1_000_000 ? `${minutes}m` : `${Math.floor(ms / 86_400_000) + 1}d`;
}

function policyText(document: Document): string {
  const { version, name, description, ...rest } = document;
  const head = { version, name, ...(description !== undefined && { description }) };
  return [
    '# yaml-language-server: $schema=./schema.json',
    yaml(head),
    '# dry-run only plans. Once a plan has been reviewed: apply.',
    yaml({ mode: 'dry-run' }),
    ...Object.entries(rest).map(([part, value]) => `\n${yaml({ [part]: value })}`),
  ]
    .map((part) => part.replace(/\n$/, ''))
    .join('\n')
    .concat('\n');
}

function testText(policy: string, asOf: string, tests: readonly Test[]): string {
  const parts = tests.map((test) => yaml([test]).replace(/^/gm, '  ').trimEnd());
  return `# yaml-language-server: $schema=./test.schema.json\npolicy: ${policy}\nasOf: ${asOf}\n\ntests:\n${parts.join('\n\n')}\n`;
}

function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 120, defaultStringType: 'PLAIN', flowCollectionPadding: true });
}
