import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fleetJsonSchema } from '../../../emulator/fleet.ts';
import { policyTestJsonSchema } from '../../../lib/plan/policy-test-schema.ts';
import { policyJsonSchema } from '../../../lib/policy/json-schema.ts';
import { withOperatorTable } from '../../../scripts/operator-table.ts';

type Node = Readonly<Record<string, unknown>>;

/** Every key that a policy may hold, with its schema. */
function keysOf(node: unknown, path: string): [string, Node][] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]): [string, Node][] => {
    if (key !== 'properties') return keysOf(value, `${path}/${key}`);
    return Object.entries(value as Node).flatMap(([name, schema]): [string, Node][] => [
      [`${path}/${name}`, schema as Node],
      ...keysOf(schema, `${path}/${name}`),
    ]);
  });
}

describe('policyJsonSchema', () => {
  it('is what policies/schema.json holds: run npm run schema when it is not', () => {
    const file = readFileSync(new URL('../../../policies/schema.json', import.meta.url), 'utf8');

    expect(JSON.parse(file)).toEqual(policyJsonSchema());
  });

  it('has its operators on the page on policies: run npm run schema when it has not', () => {
    const page = readFileSync('policies/README.md', 'utf8');

    expect(page).toBe(withOperatorTable(page));
  });

  it('completes regions, and shows what durations, zones and dates look like', () => {
    const { scope } = policyJsonSchema().properties as Record<string, Node>;

    expect(JSON.stringify(scope)).toContain('"examples":["cn-qingdao","cn-beijing"');
    for (const example of ['"7d"', '"Asia/Shanghai"', '"yyyy-MM-dd"', '"ci-*"']) {
      expect(JSON.stringify(policyJsonSchema())).toContain(example);
    }
  });

  it('has a text for every key', () => {
    const keys = keysOf(policyJsonSchema(), '');

    expect(keys.length).toBeGreaterThan(60);
    expect(keys.filter(([, schema]) => typeof schema.description !== 'string').map(([path]) => path)).toEqual(
      [],
    );
  });

  it('asks for no key that has a default', () => {
    expect(policyJsonSchema().required).toEqual(['version', 'name', 'scope', 'remove']);
  });
});

describe.each([
  ['policies/test.schema.json', policyTestJsonSchema],
  ['emulator/fleet.schema.json', fleetJsonSchema],
])('the schema in %s', (name, make) => {
  it('is what the code says: run npm run schema when it is not', () => {
    const file = readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');

    expect(JSON.parse(file)).toEqual(make());
  });

  it('has a text for every key, and completes regions', () => {
    const bare = keysOf(make(), '').filter(([, schema]) => typeof schema.description !== 'string');

    expect(bare.map(([path]) => path)).toEqual([]);
    expect(JSON.stringify(make())).toContain('"cn-hangzhou"');
  });
});
