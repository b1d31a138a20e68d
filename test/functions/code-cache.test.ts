import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'tagsweep-cache-')), 'code');
  cpSync(join(ROOT, 'dist/cleanup'), folder, { recursive: true });
});

afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

const named = (ending: string) => readdirSync(folder).filter((name) => name.endsWith(ending));
const cacheFile = () => join(folder, named('.cache')[0] ?? 'no cache was built');

/** What a fresh process prints, with the folder as its first argument. */
function run(script: string, ...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [...args, '-e', script, folder], {
    env: {},
    encoding: 'utf8',
  });
  return { stdout, stderr, status };
}

/** Answers an event that starts no run, through everything that is loaded. */
const ANSWER = `
  require(process.argv[1] + '/index.js')
    .handler(Buffer.from('[]'), { requestId: '1' })
    .then(({ outcome }) => console.log(outcome));`;

const REJECTED = `
  const fs = require('node:fs');
  const [name] = fs.readdirSync(process.argv[1]).filter((file) => /^code-.*[.]js$/.test(file));
  const [cache] = fs.readdirSync(process.argv[1]).filter((file) => file.endsWith('.cache'));
  const script = new (require('node:vm').Script)(fs.readFileSync(process.argv[1] + '/' + name, 'latin1'), {
    filename: name,
    cachedData: fs.readFileSync(process.argv[1] + '/' + cache).subarray(0, -32),
  });
  console.log(script.cachedDataRejected);`;

describe('the code cache of the function', () => {
  it('fits the Node that built it, and names it', () => {
    expect(named('.cache')).toEqual([
      `${named('.js').find((name) => name.startsWith('code-'))}.${process.version}-${process.platform}-${process.arch}.cache`,
    ]);
    expect(run(REJECTED)).toEqual({ stdout: 'false\n', stderr: '', status: 0 });
  });

  it('holds the code of a whole dry run, so that its first request has nothing left to compile', () => {
    const cache = readFileSync(cacheFile());

    // Bytecode of the ECI client, which is loaded at the first request.
    expect(cache.includes('DescribeContainerGroups')).toBe(true);
    expect(cache.length).toBeGreaterThan(800_000);
  });

  it.each([
    { description: 'is there', change: () => {} },
    { description: 'is missing', change: () => rmSync(cacheFile()) },
    { description: 'is empty', change: () => writeFileSync(cacheFile(), '') },
    { description: 'is none', change: () => writeFileSync(cacheFile(), 'no cache'.repeat(1000)) },
    {
      description: 'is cut short',
      change: () => writeFileSync(cacheFile(), readFileSync(cacheFile()).subarray(0, 400_000)),
    },
    ...[0.1, 0.3, 0.5, 0.7, 0.9, 0.99].map((part) => ({
      description: `has one bit turned at ${part} of it`,
      change: () => {
        const cache = readFileSync(cacheFile());
        const at = Math.floor(cache.length * part);
        cache[at] = cache[at]! ^ 0x40;
        writeFileSync(cacheFile(), cache);
      },
    })),
    {
      description: 'is of another V8',
      change: () => {
        const cache = readFileSync(cacheFile());
        cache.writeUInt32LE(cache.readUInt32LE(4) ^ 1, 4);
        writeFileSync(cacheFile(), cache);
      },
    },
  ])('lets the function start, without a word, when it $description', ({ change }) => {
    change();

    expect(run(ANSWER)).toEqual({ stdout: 'ignored\n', stderr: '', status: 0 });
  });

  it('lets the function start under flags that it was not made for', () => {
    expect(run(REJECTED, '--no-lazy').stdout).toBe('true\n');
    expect(run(ANSWER, '--no-lazy')).toEqual({ stdout: 'ignored\n', stderr: '', status: 0 });
  });

  it('has the same bytes wherever it is made', () => {
    const built = readFileSync(cacheFile());
    const [code = ''] = named('.js').filter((name) => name.startsWith('code-'));
    rmSync(cacheFile());

    const { status } = spawnSync(
      process.execPath,
      ['--hash-seed=1', join(ROOT, 'scripts/code-cache.mjs'), folder, code],
      { env: {} },
    );

    expect(status).toBe(0);
    expect(readFileSync(cacheFile()).equals(built)).toBe(true);
  });
});
