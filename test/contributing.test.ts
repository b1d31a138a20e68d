import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };

/** What a page names in backticks and is a path of this repository by its form. */
function pathsIn(page: string): readonly string[] {
  const words = [...readFileSync(page, 'utf8').matchAll(/`([\w./-]+)`/g)].map((match) => match[1] ?? '');
  return words.filter((word) => /^(\w[\w-]*\/|[A-Z]+\.md$|s\.yaml$)/.test(word) && !word.startsWith('acs'));
}

function commandsIn(page: string): readonly string[] {
  return [...readFileSync(page, 'utf8').matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1] ?? '');
}

describe('CONTRIBUTING.md', () => {
  it('names files that are there', () => {
    const paths = pathsIn('CONTRIBUTING.md');

    expect(paths.length).toBeGreaterThan(25);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('names commands that are there, as README.md and docs/testing.md do', () => {
    const commands = ['CONTRIBUTING.md', 'README.md', 'docs/testing.md'].flatMap(commandsIn);

    expect(commands).toContain('quick');
    expect(commands.filter((command) => !Object.hasOwn(packageJson.scripts, command))).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  const page = readFileSync('docs/architecture.md', 'utf8');
  const entries = readdirSync('lib', { withFileTypes: true });

  it('shows every room of lib, and no other', () => {
    const shown = [...page.matchAll(/^ {2}(\w+)\/ /gm)].map((match) => match[1] ?? '');

    const rooms = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);

    expect([...shown].sort()).toEqual(rooms.sort());
  });

  it('shows a room after those that it may import', () => {
    const order = [...page.matchAll(/^ {2}(\w+)\/ /gm)].map((match) => match[1] ?? '');
    const walls = readFileSync('.dependency-cruiser.cjs', 'utf8').split('\n};\n')[0] ?? '';
    const rules = [...walls.matchAll(/^ {2}(\w+): \[([^\]]*)\]/gm)];

    for (const [, room = '', allowed = ''] of rules) {
      const before = [...allowed.matchAll(/'(\w+)'/g)].map((match) => match[1] ?? '');
      expect(order.slice(0, order.indexOf(room))).toEqual(expect.arrayContaining(before));
    }
    expect(rules.length).toBe(order.length);
  });

  it('names every shared word', () => {
    const words = entries.filter((entry) => entry.isFile()).map(({ name }) => name);

    expect(words.filter((word) => !page.includes(word))).toEqual([]);
  });
});

describe('the gate', () => {
  it('runs what README.md says it runs', () => {
    expect(readFileSync('README.md', 'utf8')).toContain('`npm run check` is what the gate runs');
    expect(readFileSync('.ci/run', 'utf8')).toMatch(/\nnpm run --silent check\n$/);
  });
});
