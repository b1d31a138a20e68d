import { describe, expect, it } from 'vitest';
import { PolicyError, type PolicyIssue } from '../../../lib/errors.ts';
import { parsePolicy, parsePolicyDocument } from '../../../lib/policy/parse.ts';

const HEAD = 'version: 1\nname: a\nscope: { regions: all }\n';
const RULE = 'remove: [{ key: x }]\n';

function errorOf(parse: () => unknown): PolicyError {
  try {
    parse();
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
  throw new Error('expected a PolicyError');
}

const issuesOf = (text: string): readonly PolicyIssue[] => errorOf(() => parsePolicy(text, 'p.yaml')).issues;

describe('parsePolicy', () => {
  it('fills in every default', () => {
    const policy = parsePolicy(HEAD + RULE, 'p.yaml');

    expect(policy).toMatchObject({
      mode: 'dry-run',
      scope: { regions: 'all', resourceTypes: ['ContainerGroup', 'ImageCache', 'DataCache', 'VirtualNode'] },
      protect: [],
      unprotect: [],
      limits: {
        maxResources: 1000,
        maxTags: 20_000,
        maxPercent: 50,
        maxFailures: 10,
        canary: 20,
        confirmAbove: 1000,
        readingAgeMs: 10_000,
        planAgeMs: 24 * 3_600_000,
        requireUndo: true,
      },
      pace: { share: 0.5, concurrency: 8 },
      batch: { resources: 50, keys: 20 },
      journal: 'values',
      verify: 'all',
    });
    expect(policy.select).toBeUndefined();
    expect(policy.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('reckons maxTags from maxResources, and takes 0 for a limit', () => {
    const limits = (text: string) => parsePolicy(`${HEAD}${RULE}limits: ${text}\n`, 'p.yaml').limits;

    expect(limits('{ maxResources: 7 }').maxTags).toBe(140);
    expect(limits('{ maxResources: 0, maxPercent: 0, maxFailures: 0, canary: 0, perDay: 0 }')).toMatchObject({
      maxResources: 0,
      maxTags: 0,
      maxPercent: 0,
      maxFailures: 0,
      canary: 0,
      perDay: 0,
    });
  });

  it('reads ages, days and buckets', () => {
    const { limits, scope } = parsePolicy(
      `version: 1\nname: a\nscope: { regions: all, buckets: [default, models] }\n${RULE}limits: { readingAge: 90s, planAge: 2h, perDay: 500, confirmAbove: 0, requireUndo: false }\n`,
      'p.yaml',
    );

    expect(limits).toMatchObject({
      readingAgeMs: 90_000,
      planAgeMs: 7_200_000,
      perDay: 500,
      confirmAbove: 0,
      requireUndo: false,
    });
    expect(scope.buckets).toEqual(['default', 'models']);
  });

  it('reads JSON, with tabs and all', () => {
    const json = JSON.stringify(
      { version: 1, name: 'a', scope: { regions: 'all' }, remove: [{ key: 'x' }] },
      null,
      '\t',
    );

    expect(parsePolicy(json, 'p.json')).toEqual(parsePolicy(HEAD + RULE, 'p.yaml'));
  });

  it('names rules and protections so that reports can', () => {
    const policy = parsePolicy(
      `${HEAD}remove: [{ key: "ci-*" }, { except: [a, b, c, d] }, { caseVariantsOf: [env] }, { keyMatches: ^x }]
protect: [{ keys: [owner] }, { resources: { tag: a, exists: true }, reason: under legal hold }]`,
      'p.yaml',
    );

    expect(policy.remove.map(({ label }) => label)).toEqual([
      'remove[0] key "ci-*"',
      'remove[1] except "a", "b", "c" and 1 more',
      'remove[2] caseVariantsOf "env"',
      'remove[3] keyMatches "^x"',
    ]);
    expect(policy.protect.map(({ label }) => label)).toEqual([
      'protect[0] keys "owner"',
      'protect[1] under legal hold',
    ]);
  });

  it('tells every fault at once, in the order of the lines, with place and frame', () => {
    const text = `${HEAD}mod: apply\nremove:\n  - kye: "ci-*"\n  - keyMatches: "(?=a)"\nlimits: { maxPercent: 150 }\n`;

    const error = errorOf(() => parsePolicy(text, 'policies/p.yaml'));

    expect(error.code).toBe('INVALID_POLICY');
    expect(error.file).toBe('policies/p.yaml');
    expect(error.issues).toEqual([
      { path: 'mod', message: 'is not a known key', line: 4, column: 1, suggestion: 'mode' },
      { path: 'remove[0].kye', message: 'is not a known key', line: 6, column: 5, suggestion: 'key' },
      {
        path: 'remove[1].keyMatches',
        message: expect.stringMatching(/^is no RE2 pattern: .*\(\?=/),
        line: 7,
        column: 17,
      },
      { path: 'limits.maxPercent', message: 'must be a number from 0 to 100', line: 8, column: 23 },
    ]);
    expect(error.message).toContain('policies/p.yaml: the policy has 4 faults');
    expect(error.message).toContain(`policies/p.yaml:6:5: remove[0].kye is not a known key; did you mean key?
  4 | mod: apply
  5 | remove:
> 6 |   - kye: "ci-*"
    |     ^
  7 |   - keyMatches: "(?=a)"`);
  });

  it.each([
    ['nothing', '', '', /is empty/],
    ['a list', '[]', '', /must be a mapping/],
    ['no rule', `${HEAD}remove: []\n`, 'remove', /at least one rule/],
    ['no remove', HEAD, 'remove', /is missing: at least one rule/],
    ['another version', `${HEAD.replace('1', '2')}${RULE}`, 'version', /must be 1/],
    ['a name with capitals', HEAD.replace('name: a', 'name: Abc') + RULE, 'name', /lower-case/],
    ['a key twice', `${HEAD}${RULE}name: b\n`, '', /holds this key twice/],
    ['a tab', `${HEAD}remove:\n\t- key: x\n`, '', /cannot be read/],
    ['two documents', `${HEAD}${RULE}---\na: 1\n`, '', /more than one document/],
    ['an unknown tag of YAML', `${HEAD}${RULE}description: !secret x\n`, '', /cannot be read/],
    ['a merge key', `${HEAD}remove: [{ <<: { key: x } }]\n`, 'remove[0]."<<"', /not a known key/],
    ['YAML 1.1', `%YAML 1.1\n---\n${HEAD}${RULE}`, '', /YAML 1.2 only/],
    ['__proto__', `${HEAD}${RULE}__proto__: { mode: apply }\n`, '__proto__', /not a key of a policy/],
    [
      'a constructor',
      `${HEAD}remove: [{ key: x, constructor: y }]\n`,
      'remove[0].constructor',
      /not a key of a policy/,
    ],
    [
      'an unquoted number as a value',
      `${HEAD}${RULE}select: { tag: a, equals: 81 }\n`,
      'select.equals',
      /put it in quotes/,
    ],
    [
      'an unquoted number in a list',
      `${HEAD}${RULE}select: { name: [a, 3] }\n`,
      'select.name[1]',
      /put it in quotes/,
    ],
    ['no region', `${HEAD.replace('all', '[]')}${RULE}`, 'scope.regions', /at least one/],
    [
      'one region without a list',
      `${HEAD.replace('all', 'cn-hangzhou')}${RULE}`,
      'scope.regions',
      /must be a list of region ids, or: all/,
    ],
    ['a rule of two kinds', `${HEAD}remove: [{ key: a, except: [b] }]\n`, 'remove[0]', /in 2 ways/],
    [
      'a rule of no kind',
      `${HEAD}remove: [{ when: { exists: true } }]\n`,
      'remove[0]',
      /does not say which keys/,
    ],
    ['a rule for reserved keys', `${HEAD}remove: [{ key: "acs:*" }]\n`, 'remove[0].key', /never removed/],
    ['a rule for aliyun keys', `${HEAD}remove: [{ key: aliyun-x }]\n`, 'remove[0].key', /never removed/],
    ['a rule for a key of Kubernetes', `${HEAD}remove: [{ key: PodName }]\n`, 'remove[0].key', /unprotect/],
    ['a rule for keys of Kubernetes', `${HEAD}remove: [{ key: "k8s.io/*" }]\n`, 'remove[0].key', /unprotect/],
    ['a reserved key under unprotect', `${HEAD}${RULE}unprotect: ["acs:x"]\n`, 'unprotect[0]', /reserved/],
    [
      'a free key under unprotect',
      `${HEAD}${RULE}unprotect: [env]\n`,
      'unprotect[0]',
      /no key of Kubernetes/,
    ],
    ['a wildcard under unprotect', `${HEAD}${RULE}unprotect: ["Pod*"]\n`, 'unprotect[0]', /exact key/],
    ['when that tests nothing', `${HEAD}remove: [{ key: a, when: {} }]\n`, 'remove[0].when', /tests nothing/],
    [
      'when the tag is absent',
      `${HEAD}remove: [{ key: a, when: { exists: false } }]\n`,
      'remove[0].when.exists',
      /never be true/,
    ],
    [
      'a grace without its unit',
      `${HEAD}remove: [{ key: a, when: { expired: yyyy-MM-dd, grace: 3 } }]\n`,
      'remove[0].when.grace',
      /has no unit: write 3d for days, or m, h or w in place of d$/,
    ],
    [
      'grace without expired',
      `${HEAD}remove: [{ key: a, when: { exists: true, grace: 3d } }]\n`,
      'remove[0].when.grace',
      /belongs to expired/,
    ],
    [
      'a zone without a date',
      `${HEAD}remove: [{ key: a, when: { equals: a, timeZone: UTC } }]\n`,
      'remove[0].when.timeZone',
      /belongs to/,
    ],
    [
      'a date format of another library',
      `${HEAD}remove: [{ key: a, when: { expired: YYYY-MM-DD } }]\n`,
      'remove[0].when.expired',
      /write yyyy in place of YYYY/,
    ],
    [
      'a date format without a year',
      `${HEAD}remove: [{ key: a, when: { expired: MM-dd } }]\n`,
      'remove[0].when.expired',
      /leaves open which day/,
    ],
    [
      'a year of two digits',
      `${HEAD}remove: [{ key: a, when: { expired: yy-MM-dd } }]\n`,
      'remove[0].when.expired',
      /leaves open which day/,
    ],
    [
      'a date format of half a day',
      `${HEAD}remove: [{ key: a, when: { expired: "yyyy-MM-dd hh:mm" } }]\n`,
      'remove[0].when.expired',
      /leaves open/,
    ],
    [
      'an unknown zone',
      `${HEAD}remove: [{ key: a, when: { expired: yyyy-MM-dd, timeZone: Mars/Crater } }]\n`,
      'remove[0].when.timeZone',
      /no time zone/,
    ],
    [
      'a duration in words',
      `${HEAD}${RULE}select: { age: { olderThan: 3 days } }\n`,
      'select.age.olderThan',
      /no duration/,
    ],
    [
      'an impossible age',
      `${HEAD}${RULE}select: { age: { olderThan: 7d, newerThan: 3d } }\n`,
      'select.age',
      /never be true/,
    ],
    [
      'an impossible count',
      `${HEAD}${RULE}select: { tagCount: { atLeast: 5, atMost: 4 } }\n`,
      'select.tagCount',
      /never be true/,
    ],
    [
      'impossible numbers',
      `${HEAD}${RULE}select: { tag: a, lessThan: 5, greaterThan: 5 }\n`,
      'select',
      /never be true/,
    ],
    [
      'impossible dates',
      `${HEAD}${RULE}select: { tag: a, before: 2026-01-01, after: 2026-01-01 }\n`,
      'select',
      /never be true/,
    ],
    [
      'an hour that the zone skips',
      `${HEAD}${RULE}select: { tag: a, before: "2026-03-08T02:30", timeZone: America/New_York }\n`,
      'select.before',
      /skip that time/,
    ],
    ['two subjects', `${HEAD}${RULE}select: { name: a, status: b }\n`, 'select', /2 subjects/],
    ['no subject', `${HEAD}${RULE}select: {}\n`, 'select', /says nothing/],
    ['a test without a tag', `${HEAD}${RULE}select: { equals: a }\n`, 'select', /without naming it/],
    ['a tag without a test', `${HEAD}${RULE}select: { tag: a }\n`, 'select', /tests nothing/],
    ['an empty all', `${HEAD}${RULE}select: { all: [] }\n`, 'select.all', /at least one/],
    ['a protection of nothing', `${HEAD}${RULE}protect: [{ reason: x }]\n`, 'protect[0]', /protects nothing/],
    [
      'a day that does not exist',
      `${HEAD}${RULE}protect: [{ keys: [a], until: 2027-02-30 }]\n`,
      'protect[0].until',
      /no date/,
    ],
    [
      'a negative limit',
      `${HEAD}${RULE}limits: { maxResources: -1 }\n`,
      'limits.maxResources',
      /whole number from 0/,
    ],
    [
      'a reading older than an hour',
      `${HEAD}${RULE}limits: { readingAge: 2h }\n`,
      'limits.readingAge',
      /from 0s to 1h/,
    ],
    ['a plan that never ages', `${HEAD}${RULE}limits: { planAge: 0s }\n`, 'limits.planAge', /from 1m to 30d/],
    ['an age in words', `${HEAD}${RULE}limits: { planAge: tomorrow }\n`, 'limits.planAge', /no duration/],
    [
      'a need of yes',
      `${HEAD}${RULE}limits: { requireUndo: "yes" }\n`,
      'limits.requireUndo',
      /true or false/,
    ],
    ['a day of less than nothing', `${HEAD}${RULE}limits: { perDay: -1 }\n`, 'limits.perDay', /from 0/],
    [
      'no buckets',
      `version: 1\nname: a\nscope: { regions: all, buckets: [] }\n${RULE}`,
      'scope.buckets',
      /at least one/,
    ],
    ['an empty batch', `${HEAD}${RULE}batch: { keys: 0 }\n`, 'batch.keys', /whole number from 1 to 20/],
    ['no pace at all', `${HEAD}${RULE}pace: { share: 0 }\n`, 'pace.share', /above 0/],
    [
      'a pattern without bounds',
      `${HEAD}remove: [{ key: "${'*a'.repeat(501)}" }]\n`,
      'remove[0].key',
      /longer than 1000/,
    ],
  ])('refuses %s', (_description, text, path, message) => {
    const issues = issuesOf(text);

    expect(issues.map((issue) => ({ path: issue.path, message: issue.message }))).toContainEqual({
      path,
      message: expect.stringMatching(message),
    });
    for (const issue of issues) expect(issue.line).toBeGreaterThanOrEqual(1);
  });

  it.each([
    ['scop', 'scope', `${HEAD}${RULE}scop: {}\n`],
    ['limit', 'limits', `${HEAD}${RULE}limit: {}\n`],
    ['max_resources', 'maxResources', `${HEAD}${RULE}limits: { max_resources: 5 }\n`],
    ['olderthan', 'olderThan', `${HEAD}${RULE}select: { age: { olderthan: 7d } }\n`],
    ['nmae', 'name', `${HEAD}${RULE}select: { any: [{ nmae: x }] }\n`],
    ['expird', 'expired', `${HEAD}remove: [{ key: a, when: { not: { expird: yyyy } } }]\n`],
    ['containergroup', 'ContainerGroup', HEAD.replace('all', 'all, resourceTypes: [containergroup]') + RULE],
    ['aply', 'apply', `${HEAD}${RULE}mode: aply\n`],
  ])('for %s suggests %s', (_word, expected, text) => {
    expect(issuesOf(text).map(({ suggestion }) => suggestion)).toContain(expected);
  });

  it('suggests nothing where nothing is near', () => {
    expect(issuesOf(`${HEAD}${RULE}webhook: x\n`)[0]).not.toHaveProperty('suggestion');
  });

  it('accepts a rule for a key of Kubernetes that unprotect names', () => {
    const policy = parsePolicy(`${HEAD}remove: [{ key: PodName }]\nunprotect: [PodName]\n`, 'p.yaml');

    expect(policy.unprotect).toEqual(['PodName']);
  });

  it('refuses what is too large, too deep, or would be too large once its aliases are followed', () => {
    const rules = Array.from({ length: 501 }, () => '- key: x').join('\n');
    const nested = (depth: number) =>
      `${HEAD}${RULE}select: ${'{ not: '.repeat(depth)}{ name: a }${' }'.repeat(depth)}\n`;
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((c, i) => `${c}: &${c} [${`*${'abcdefg'[i]},`.repeat(9)}]`).join('\n')}`;

    expect(issuesOf(`${HEAD}${RULE}# ${'x'.repeat(256 * 1024)}`)[0]?.message).toMatch(/larger than 256 KiB/);
    expect(issuesOf(`${HEAD}remove:\n${rules}\n`)[0]?.message).toMatch(/more than 500 rules/);
    expect(parsePolicy(nested(31), 'p.yaml').name).toBe('a');
    expect(issuesOf(nested(32))[0]?.message).toMatch(/deeper than 32/);
    expect(issuesOf(nested(20_000))[0]?.message).toMatch(/too deep/);
    expect(issuesOf(`${'- '.repeat(50_000)}x`)).toHaveLength(1);
    expect(issuesOf(bomb)[0]?.message).toMatch(/aliases/);
    expect(issuesOf('a: &a [*a]')[0]?.message).toMatch(/too deep/);
  });

  it('shows a hostile line without its control characters, and a long one in part', () => {
    const error = errorOf(() =>
      parsePolicy(`${HEAD}${RULE}"\\e[31m\u202e${'x'.repeat(500)}": 1 # \u001b[2J\n`, 'p.yaml'),
    );

    for (const hostile of ['\u001b', '\u202e']) expect(error.message).not.toContain(hostile);
    for (const line of error.message.split('\n').filter((one) => one.includes(' | '))) {
      expect(line.length).toBeLessThan(200);
    }
  });

  it('cuts the message, never the issues', () => {
    const keys = Array.from({ length: 60 }, (_, index) => `unknown${index}x: 1`).join('\n');

    const error = errorOf(() => parsePolicy(`${HEAD}${RULE}${keys}\n`, 'p.yaml'));

    expect(error.issues).toHaveLength(60);
    expect(error.message).toContain('and 40 more');
  });
});

describe('parsePolicyDocument', () => {
  const document = { version: 1, name: 'a', scope: { regions: 'all' }, remove: [{ key: 'x' }] };

  it('reads an object as the text of it would be', () => {
    expect(parsePolicyDocument(document, 'request')).toEqual(parsePolicy(JSON.stringify(document), 'p.json'));
  });

  it('gives paths in place of lines', () => {
    const error = errorOf(() => parsePolicyDocument({ ...document, remove: [{ kye: 'x' }] }, 'the request'));

    expect(error.issues).toEqual([
      { path: 'remove[0].kye', message: 'is not a known key', suggestion: 'key' },
    ]);
    expect(error.message).toContain('the request: remove[0].kye is not a known key; did you mean key?');
  });

  it.each([
    ['null', null],
    ['a text', 'version: 1'],
    ['a list', [document]],
    [
      '__proto__',
      JSON.parse('{"version":1,"name":"a","scope":{"regions":"all"},"remove":[{"key":"x"}],"__proto__":{}}'),
    ],
    ['a date', { ...document, description: new Date(0) }],
    ['not a number', { ...document, limits: { maxPercent: Number.NaN } }],
  ])('refuses %s', (_description, value) => {
    expect(errorOf(() => parsePolicyDocument(value, 'request')).issues.length).toBeGreaterThan(0);
  });

  it('refuses an object that holds itself', () => {
    const circle: Record<string, unknown> = { ...document };
    circle.select = { not: circle };

    expect(errorOf(() => parsePolicyDocument(circle, 'request')).issues[0]?.message).toMatch(/too deep/);
  });
});
