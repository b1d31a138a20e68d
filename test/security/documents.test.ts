import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeEvent } from '../../functions/cleanup/event.ts';
import { MAX_EVENT_BYTES, MAX_EVENT_DEPTH } from '../../functions/cleanup/json.ts';
import { createReadBudget } from '../../lib/audit/query.ts';
import { MAX_RECORD_BYTES } from '../../lib/audit/record.ts';
import { FileTooLargeError, readTextFile } from '../../lib/cloud/bounded-file.ts';
import { createFileLog } from '../../lib/cloud/log/file-log.ts';
import { readPolicyByName } from '../../lib/cloud/policy-folder.ts';
import { readPlanFile } from '../../lib/plan/plan-file.ts';
import { POLICY_BOUNDS } from '../../lib/policy/fields.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';

const HEAD = 'version: 1\nname: a\nscope: { regions: all }\n';
const RULE = 'remove: [{ key: "ci-*" }]\n';

const policy = (text: string) => parsePolicy(text, 'a.yaml');
const nested = (levels: number) =>
  `${'{ not: '.repeat(levels)}{ tag: a, exists: true }${' }'.repeat(levels)}`;

describe('a policy', () => {
  const { documentBytes, rules, listItems, patternLength, conditionDepth } = POLICY_BOUNDS;
  const list = (item: string, times: number) => `[${Array(times).fill(item).join(', ')}]`;

  it.each([
    ['bytes', `${HEAD}${RULE}# ${'x'.repeat(documentBytes)}`, `larger than ${documentBytes / 1024} KiB`],
    ['rules', `${HEAD}remove: ${list('{ key: a }', rules + 1)}`, `more than ${rules} rules`],
    [
      'protections',
      `${HEAD}${RULE}protect: ${list('{ keys: [a] }', rules + 1)}`,
      `more than ${rules} protections`,
    ],
    ['patterns', `${HEAD}remove: [{ except: ${list('a', listItems + 1)} }]`, `more than ${listItems} items`],
    [
      'characters of a wildcard',
      `${HEAD}remove: [{ key: ${'a'.repeat(patternLength + 1)} }]`,
      `longer than ${patternLength} characters`,
    ],
    [
      'characters of an expression',
      `${HEAD}remove: [{ keyMatches: ${'a'.repeat(patternLength + 1)} }]`,
      `longer than ${patternLength} characters`,
    ],
    ['characters of a key', `${HEAD}${RULE}unprotect: [${'a'.repeat(129)}]`, 'longer than 128 characters'],
    [
      'conditions in one another',
      `${HEAD}${RULE}select: ${nested(conditionDepth)}`,
      `deeper than ${conditionDepth}`,
    ],
    ['levels', `${HEAD}${RULE}x: ${'['.repeat(300)}${']'.repeat(300)}`, 'nested too deep'],
    ['levels than the stack holds', `${HEAD}${RULE}x: ${'['.repeat(100_000)}`, 'nested too deep'],
  ])('of more %s than any needs is refused, and told so', (_, text, message) => {
    expect(() => policy(text)).toThrow(message);
  });

  it.each([
    ['a bound of bytes', `${HEAD}${RULE}# ${'x'.repeat(documentBytes - HEAD.length - RULE.length - 2)}`],
    ['a bound of rules', `${HEAD}remove: ${list('{ key: a }', rules)}`],
    ['a bound of depth', `${HEAD}${RULE}select: ${nested(conditionDepth - 1)}`],
    ['a wildcard as long as may be', `${HEAD}remove: [{ key: ${'a'.repeat(patternLength)} }]`],
  ])('at %s is taken', (_, text) => {
    expect(policy(text).name).toBe('a');
  });

  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    .concat(
      Array.from(
        { length: 8 },
        (_, at) => `a${at + 1}: &a${at + 1} [${Array(10).fill(`*a${at}`).join(', ')}]`,
      ),
    )
    .join('\n');

  it.each([
    ['aliases that explode', bomb, 'repeats too much through aliases'],
    ['a merge key', `${HEAD}base: &b { key: a }\nremove: [{ <<: *b }]`, 'is not a known key'],
    ['a tag of JavaScript', `${HEAD}${RULE}description: !!js/function 'function () {}'`, 'cannot be read'],
    ['a tag of its own', `${HEAD}${RULE}description: !include /etc/passwd`, 'cannot be read'],
    ['a binary', `${HEAD}${RULE}description: !!binary aGVsbG8=`, 'cannot be read'],
    ['the same key twice', `${HEAD}${RULE}mode: dry-run\nmode: apply\n`, 'holds this key twice'],
    ['two documents', `${HEAD}${RULE}---\n${HEAD}${RULE}`, 'one policy a file'],
    ['a key that is a mapping', `${HEAD}${RULE}? { a: 1 }\n: x\n`, 'cannot be read'],
    ['an alias of nothing', `${HEAD}remove: *nothing`, 'cannot be read'],
    ['an alias of itself', `${HEAD}${RULE}x: &x [*x]`, /nested too deep|aliases|cannot be read/],
    ['another version of YAML', `%YAML 1.1\n---\n${HEAD}${RULE}`, 'YAML 1.2 only'],
    ['__proto__', `${HEAD}${RULE}__proto__: { mode: apply }`, 'is not a key of a policy'],
    ['__proto__ within', `${HEAD}remove: [{ key: a, __proto__: { when: {} } }]`, 'is not a key of a policy'],
    ['constructor', `${HEAD}${RULE}constructor: { prototype: { mode: apply } }`, 'is not a key of a policy'],
  ])('with %s is refused, and told so', (_, text, message) => {
    expect(() => policy(text)).toThrow(message);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('an event', () => {
  const decode = (text: string) => decodeEvent(Buffer.from(text));

  it.each([
    ['bytes', `"${'x'.repeat(MAX_EVENT_BYTES)}"`, `at most ${MAX_EVENT_BYTES}`],
    ['levels', `{"policy":${'['.repeat(MAX_EVENT_DEPTH)}`, `deeper than ${MAX_EVENT_DEPTH}`],
    ['ids', JSON.stringify({ resourceIds: Array(10_001).fill('eci-1') }), 'resourceIds'],
    ['events', JSON.stringify(Array(10_001).fill({})), 'at most 10000'],
  ])('of more %s than any needs is refused, and told so', (_, text, message) => {
    expect(() => decode(text)).toThrow(message);
  });

  it.each([
    '{"__proto__":{"mode":"apply"}}',
    '{"constructor":{"prototype":{}}}',
    '{"limits":{"maxResources":1000000}}',
    '{"policy":"../secret"}',
    '{"policy":"/etc/passwd"}',
    '{"policy":"a\\u0000"}',
    '{"policy":{"__proto__":{"limits":{}}},"mode":"apply","limits":{}}',
    '{"mode":"apply","All":true}',
    '{"undo":"run-1","policy":"a"}',
    '{"undo":"../run"}',
  ])('that asks for what no request can is refused: %s', (text) => {
    expect(() => decode(text)).toThrow('nothing was done');
  });
});

describe('a file', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tagsweep-documents-'));
    mkdirSync(join(folder, 'policies'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is never read further than its bound, although it has no end', () => {
    expect(() => readTextFile('/dev/zero', 1000)).toThrow(FileTooLargeError);
    writeFileSync(join(folder, 'large'), 'x'.repeat(1001));
    expect(() => readTextFile(join(folder, 'large'), 1000)).toThrow('larger than 1000 bytes');
  });

  it('of a policies folder may link to its neighbor, and not out of the folder', async () => {
    const inside = join(folder, 'policies');
    mkdirSync(join(inside, '..data'));
    writeFileSync(join(inside, '..data', 'a.yaml'), HEAD + RULE);
    writeFileSync(join(folder, 'secret.yaml'), 'TOKEN=top-secret-value');
    symlinkSync('..data/a.yaml', join(inside, 'a.yaml'));
    symlinkSync(join(folder, 'secret.yaml'), join(inside, 'c.yaml'));

    expect((await readPolicyByName(inside, 'a')).name).toBe('a');
    const outside = readPolicyByName(inside, 'c');
    await expect(outside).rejects.toThrow('leads out of its folder');
    await expect(outside).rejects.not.toThrow('top-secret-value');
  });

  it('of a policy says the policy’s own name, and there is one of each name', async () => {
    const inside = join(folder, 'policies');
    writeFileSync(join(inside, 'b.yaml'), HEAD + RULE);
    writeFileSync(join(inside, 'a.yaml'), HEAD + RULE);
    writeFileSync(join(inside, 'a.yml'), HEAD + RULE);

    await expect(readPolicyByName(inside, 'b')).rejects.toThrow('name is "a", but its file is called "b"');
    await expect(readPolicyByName(inside, 'a')).rejects.toThrow('There are two policies a');
  });

  it('of records passes over a line that is longer than any record, and reads what follows', async () => {
    const record = {
      event_name: 'run_started',
      event_id: 'run-1:start',
      event_time: '2026-01-01T00:00:00.000Z',
      run_id: 'run-1',
    };
    const long = JSON.stringify({ ...record, message: 'x'.repeat(7 * MAX_RECORD_BYTES) });
    writeFileSync(join(folder, 'log'), `${long}\n${JSON.stringify(record)}\n`);

    expect(await createFileLog(join(folder, 'log')).read({ runId: 'run-1' })).toEqual([record]);
  });

  it('of records without an end stops a reading, which says what to do', () => {
    const spend = createReadBudget(100);

    spend(100);
    expect(() => spend(1)).toThrow('more than 100 bytes');
  });
});

describe('a plan file', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const plan = {
    formatVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-02T00:00:00.000Z',
    policy: { name: 'a', digest, document: {} },
    inventory: { complete: true, regions: ['cn-hangzhou'], resourcesSeen: 1 },
    removals: [] as unknown[],
    batches: [] as unknown[],
    calls: { untag: 0, lowerBound: 0 },
    digest,
    fileDigest: digest,
  };
  const removal = (part: Record<string, unknown>) => ({
    region: 'cn-hangzhou',
    resourceType: 'ContainerGroup',
    resourceId: 'eci-1',
    tags: [{ key: 'a', value: '', rule: 'r' }],
    ...part,
  });

  it.each([
    ['a region that is a host', removal({ region: 'evil.example/' }), 'no region id'],
    ['an id of a million characters', removal({ resourceId: 'x'.repeat(1_000_000) }), 'resourceId'],
    [
      'a key of a million characters',
      removal({ tags: [{ key: 'x'.repeat(1_000_000), value: '', rule: '' }] }),
      'key',
    ],
    ['an unknown field', removal({ all: true }), 'all'],
  ])('with %s is refused', (_, one, message) => {
    const text = JSON.stringify({ ...plan, removals: [one] });

    expect(() => readPlanFile(text, 'plan.json')).toThrow(message);
  });

  it('of a million levels is refused', () => {
    const text = JSON.stringify(plan).replace(
      '"document":{}',
      `"document":${'['.repeat(1e6)}${']'.repeat(1e6)}`,
    );

    expect(() => readPlanFile(text, 'plan.json')).toThrow('plan.json');
  });
});
