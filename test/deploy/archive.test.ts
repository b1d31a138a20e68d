import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asciiOnly } from '../../scripts/bundle-options.mjs';
import { ROOT } from '../support/cli.ts';
import { readArchive } from '../support/unzip.ts';

/** What a build reads. */
const SOURCES = [
  'functions',
  'lib',
  'cli',
  'emulator',
  'pages',
  'policies',
  'deploy',
  'scripts',
  'package.json',
  'tsconfig.json',
  'LICENSE',
];

/** The archive may hold this, and nothing else: what runs, the policies, and what licenses ask for. Digests and versions are left out. */
const LISTING = [
  'LICENSE',
  'THIRD-PARTY-NOTICES.txt',
  'code-DIGEST.js',
  'code-DIGEST.js.NODE.cache',
  'index.js',
  'package.json',
  'policies/allow-list.yaml',
  'policies/decommissioned-scheme.yaml',
  'policies/expired-tags.yaml',
  'policies/make-room.yaml',
  'policies/misspelt-keys.yaml',
  'policies/orphaned-owners.yaml',
  'policies/strip-ci-markers.yaml',
  'sbom.cdx.json',
];

/** Room to grow by a few per cent; more than that is a dependency that nobody meant to ship. */
const MOST_BYTES = 2_450_000;

let home: string;

/** Builds from a copy of the sources elsewhere, as somebody else's machine would. */
function buildElsewhere(folder: string, touchedAt: Date, environment: Record<string, string>): string {
  const root = join(home, folder);
  mkdirSync(root, { recursive: true });
  for (const source of SOURCES) cpSync(join(ROOT, source), join(root, source), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  for (const name of readdirSync(root, { recursive: true }).map(String)) {
    if (!name.startsWith('node_modules')) utimesSync(join(root, name), touchedAt, touchedAt);
  }
  const { UMASK = '022', ...env } = environment;
  const script = `umask ${UMASK}; exec "${process.execPath}" "${join(root, 'scripts/build.mjs')}"`;
  execFileSync('/bin/sh', ['-c', script], { cwd: home, env: { PATH: process.env.PATH ?? '', ...env } });
  return join(root, 'dist');
}

function plainName(name: string): string {
  return name.replace(/^code-[0-9a-f]{12}/, 'code-DIGEST').replace(/js\.v[\w.-]+\.cache$/, 'js.NODE.cache');
}

function hashesOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true }).map(String).sort();
  return Object.fromEntries(
    files
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  );
}

describe('the archive that is uploaded', () => {
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'tagsweep-builds-'));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('is the same, byte for byte, wherever, whenever and by whomever it is built', () => {
    const first = buildElsewhere('one', new Date('2020-01-01T00:00:00Z'), { TZ: 'UTC', LANG: 'C' });
    const second = buildElsewhere('somewhere/else entirely', new Date('2026-06-01T12:34:56Z'), {
      TZ: 'Asia/Shanghai',
      LANG: 'de_DE.UTF-8',
      UMASK: '077',
    });

    const hashes = hashesOf(first);
    expect(Object.keys(hashes)).toContain('cleanup.zip');
    expect(hashesOf(second)).toEqual(hashes);
  }, 120_000);

  it('holds what runs, what licenses ask for, and nothing else', () => {
    const entries = readArchive(join(ROOT, 'dist/cleanup.zip'));

    expect(entries.map(({ name }) => plainName(name))).toEqual(LISTING);
    for (const { name, content, mode } of entries) {
      expect(content.equals(readFileSync(join(ROOT, 'dist/cleanup', name)))).toBe(true);
      expect({ name, mode: mode.toString(8) }).toEqual({ name, mode: '100644' });
    }
    expect(new Set(entries.map(({ stamp }) => stamp)).size).toBe(1);
  });

  it.each([
    { name: 'code-DIGEST.js', title: 'the function' },
    { name: 'index.js', title: 'what starts it' },
  ])('holds $title in ASCII alone, so that a byte is a character', ({ name }) => {
    const entry = readArchive(join(ROOT, 'dist/cleanup.zip')).find((one) => plainName(one.name) === name);

    expect(entry?.content.findIndex((byte) => byte > 0x7f)).toBe(-1);
  });

  it('stays small', () => {
    expect(statSync(join(ROOT, 'dist/cleanup.zip')).size).toBeLessThan(MOST_BYTES);
  });

  it('holds no way to credentials but those of the context', () => {
    const { components } = JSON.parse(readFileSync(join(ROOT, 'dist/cleanup/sbom.cdx.json'), 'utf8'));

    expect(components.map(({ name }: { readonly name: string }) => name)).not.toContain(
      '@alicloud/credentials',
    );
  });

  it('names every package that is bundled, with its license', () => {
    const [sbom, notices] = ['sbom.cdx.json', 'THIRD-PARTY-NOTICES.txt'].map((name) =>
      readFileSync(join(ROOT, 'dist/cleanup', name), 'utf8'),
    ) as [string, string];
    const { components } = JSON.parse(sbom);

    expect(components.length).toBeGreaterThan(5);
    for (const { name, version, licenses } of components) {
      expect(notices).toContain(`${name} ${version}`);
      expect({ name, licenses }).toEqual({ name, licenses: [{ license: { id: expect.any(String) } }] });
    }
  });
});

describe('asciiOnly', () => {
  it('means the same in texts and in regular expressions, beyond the first plane too', () => {
    const code = '[/[…é]$/.test("ab…"), /^[😀-😂]$/u.test("😁"), "日本 😀".length]';

    const ascii = asciiOnly(code);

    expect(ascii.every((byte) => byte < 0x80)).toBe(true);
    expect(runInNewContext(ascii.toString('latin1'))).toEqual([true, true, 5]);
  });
});
