import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runPolicyTests } from '../../../lib/plan/policy-test.ts';
import { parsePolicy } from '../../../lib/policy/parse.ts';

const folder = new URL('../../../policies/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml') && !file.endsWith('.test.yaml'))
  .map((file) => file.replace(/\.yaml$/, ''));

const read = (file: string) => readFileSync(new URL(file, folder), 'utf8');
const load = (name: string) => parsePolicy(read(`${name}.yaml`), `policies/${name}.yaml`);

describe('the policies in policies/', () => {
  it('are at least five', () => {
    expect(names.length).toBeGreaterThanOrEqual(5);
  });

  it.each(names)('%s is called as its file, and is a dry run as it comes', (name) => {
    expect(load(name)).toMatchObject({ name, mode: 'dry-run' });
  });

  it.each(names)('%s does what its tests say, and they reach every rule', async (name) => {
    const report = await runPolicyTests(read(`${name}.test.yaml`), `policies/${name}.test.yaml`, load);

    expect(
      report.results.flatMap(({ name: test, faults }) => faults.map((fault) => `${test}: ${fault}`)),
    ).toEqual([]);
    expect(report).toMatchObject({ policy: name, passed: true, unreached: [] });
  });
});

describe('policies/README.md', () => {
  const readme = read('README.md');
  const blocks = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

  it('shows only policies that can be read', () => {
    const policies = blocks.filter((block) => block.includes('version:'));

    expect(policies.length).toBeGreaterThanOrEqual(1);
    for (const [index, block] of policies.entries())
      parsePolicy(block, `policies/README.md, block ${index + 1}`);
  });

  it('shows only parts that a policy can hold', () => {
    const parts = blocks.filter(
      (block) => /^(select|remove|protect|unprotect|limits):/m.test(block) && !block.includes('version:'),
    );

    expect(parts.length).toBeGreaterThanOrEqual(5);
    for (const [index, part] of parts.entries()) {
      const remove = /^remove:/m.test(part) ? '' : 'remove: [{ key: x }]\n';
      parsePolicy(`version: 1\nname: part\nscope: { regions: all }\n${remove}${part}`, `part ${index + 1}`);
    }
  });

  it('shows only tests that pass', async () => {
    const tests = blocks.filter((block) => block.startsWith('policy:'));

    expect(tests.length).toBeGreaterThanOrEqual(1);
    for (const block of tests) {
      expect(await runPolicyTests(block, 'policies/README.md', load)).toMatchObject({ passed: true });
    }
  });
});
