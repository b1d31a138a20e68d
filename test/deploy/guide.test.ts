import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands.ts';
import { ROOT } from '../support/cli.ts';

const guide = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');

/** Every word in backticks that looks like a RAM action, of the table under a heading. */
function actionsOfTable(firstCell: string): readonly string[] {
  const table = guide.slice(guide.indexOf(`| ${firstCell} |`)).split('\n\n')[0] ?? '';
  return [...new Set(table.match(/`(?:eci|log|fc|mns|oss|ram):\w+`/g) ?? [])]
    .map((action) => action.slice(1, -1))
    .sort();
}

function actionsOf(...names: readonly string[]): readonly string[] {
  const actions = names.flatMap((name) =>
    JSON.parse(readFileSync(join(ROOT, `policies/ram/${name}.json`), 'utf8')).Statement.flatMap(
      (statement: { Action: readonly string[] }) => statement.Action,
    ),
  );
  return [...new Set(actions)].sort();
}

describe('docs/deploy.md', () => {
  it('gives a reason for every action that the function and the people may do, and for no other', () => {
    expect(actionsOfTable('who | may | because')).toEqual(
      actionsOf('function-changes', 'function-dry-run', 'operator', 'reader', 'policies-bucket'),
    );
  });

  it('gives a reason for every action that the deployer may do, and for no other', () => {
    expect(actionsOfTable('deployer may | because')).toEqual(actionsOf('deployer'));
  });

  it('sends every sample event, and names no file that is not there', () => {
    const files = [...new Set(guide.match(/(?:functions|policies|deploy|test|lib)\/[\w/.-]+\.\w+/g) ?? [])];

    // The user writes this one.
    const missing = files.filter((file) => !existsSync(join(ROOT, file)));
    expect(missing).toEqual(['deploy/terraform.tfvars']);
    for (const name of readdirSync(join(ROOT, 'functions/cleanup/events')))
      expect(files.join()).toContain(name);
  });

  it('uses commands that there are', () => {
    const used = [...guide.matchAll(/npx tagsweep (\w+)/g)].map(([, name = '']) => name);

    expect(used.length).toBeGreaterThan(3);
    expect(used.filter((name) => !Object.keys(COMMANDS).includes(name))).toEqual([]);
  });

  it('tells of every variable that s.yaml reads', () => {
    const yaml = readFileSync(join(ROOT, 's.yaml'), 'utf8');
    const read = [...yaml.matchAll(/env\('TAGSWEEP_DEPLOY_(\w+)'/g)].map(([, name = '']) => name);

    expect(read.length).toBeGreaterThan(5);
    expect(read.filter((name) => !guide.includes(`_${name}\``))).toEqual([]);
  });
});
