import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../cli/main.ts';
import { inProcess } from '../support/in-process.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-build-'));
  mkdirSync(join(folder, 'good'));
  write(
    'good/a.yaml',
    'version: 1\nname: a\nscope: { regions: all }\nremove: [{ key: "ci-*" }, { key: x, when: { in: [y, z] } }]\n',
  );
  write(
    'good/a.test.yaml',
    [
      'policy: a',
      'asOf: 2026-06-01T00:00:00Z',
      'tests:',
      '  - name: "marks & \\"such\\" <go>"',
      '    resource: { tags: { ci-run: "1", x: y } }',
      '    removes: [ci-run, x]',
      '',
    ].join('\n'),
  );
  write('bad,1.yaml', 'version: 1\nname: bad\nscope: { regions: all }\nremove:\n  - kye: "100%"\n');
  write(
    'a-fail.test.yaml',
    'policy: a\nasOf: 2026-06-01T00:00:00Z\ntests:\n  - { name: one, resource: { tags: { q: "]]>" } }, removes: [q] }\n',
  );
  write('a.yaml', 'version: 1\nname: a\nscope: { regions: all }\nremove: [{ key: "ci-*" }]\n');
});

afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const tagsweep = (...words: string[]) => inProcess((io) => run(words, io), {});

describe('validate --format', () => {
  it('github: one command for each fault, with its place, and nothing else', async () => {
    const file = join(folder, 'bad,1.yaml');

    const { code, out, err } = await tagsweep('validate', file, '--format', 'github');

    expect(code).toBe(2);
    expect(err).toBe('');
    expect(out.split('\n')[0]).toBe(
      `::error file=${file.replace(',', '%2C')},line=5,col=5::remove[0].kye is not a known key; did you mean key?`,
    );
  });

  it('sarif: a log with the same faults', async () => {
    const { code, out } = await tagsweep('validate', join(folder, 'bad,1.yaml'), '--format', 'sarif');

    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'tagsweep', rules: [{ id: 'INVALID_POLICY' }] } },
          results: expect.arrayContaining([
            {
              ruleId: 'INVALID_POLICY',
              level: 'error',
              message: { text: expect.stringContaining('is not a known key') },
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: expect.stringContaining('bad,1.yaml') },
                    region: { startLine: 5, startColumn: 5 },
                  },
                },
              ],
            },
          ]),
        },
      ],
    });
  });

  it('says nothing where all is well, and ends with 0', async () => {
    expect(await tagsweep('validate', join(folder, 'good'), '--format', 'github')).toMatchObject({
      code: 0,
      out: '',
    });
  });

  it.each([
    { words: ['--format', 'xml'], says: '--format xml: it can be github or sarif.' },
    { words: ['--format', 'sarif', '--json'], says: '--json and --format sarif exclude each other.' },
  ])('refuses $words', async ({ words, says }) => {
    const { code, err } = await tagsweep('validate', join(folder, 'good'), ...words);

    expect(code).toBe(2);
    expect(err).toContain(says);
  });
});

describe('test --format junit', () => {
  it('tells each test, and escapes what people wrote', async () => {
    const { code, out } = await tagsweep('test', join(folder, 'good'), '--format', 'junit');

    expect(code).toBe(0);
    expect(out).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites>\n {2}<testsuite name="[^"]+" tests="1" failures="0">/,
    );
    expect(out).toContain('name="marks &amp; &quot;such&quot; &lt;go&gt;"');
  });

  it('tells why a test failed, and ends with 1', async () => {
    const { code, out } = await tagsweep('test', join(folder, 'a-fail.test.yaml'), '--format', 'junit');

    expect(code).toBe(1);
    expect(out).toContain('failures="1"');
    expect(out).toContain(
      '<failure message="q stays (noRule), and should go">q stays (noRule), and should go</failure>',
    );
  });
});

describe('test --mutants', () => {
  it('names the mistakes that no test notices', async () => {
    const { code, out } = await tagsweep('test', join(folder, 'good'), '--mutants', '--json');

    expect(code).toBe(0);
    expect(JSON.parse(out).mutants).toEqual([
      {
        policy: 'a',
        tried: expect.any(Number),
        unnoticed: expect.arrayContaining([
          'remove[0].key "ci-*" widened to "ci*"',
          'remove[1].when dropped',
          'remove[1].when.in[1] dropped ("z")',
        ]),
      },
    ]);
  });

  it('tries none where a test fails', async () => {
    const { code, err } = await tagsweep('test', join(folder, 'a-fail.test.yaml'), '--mutants');

    expect(code).toBe(1);
    expect(err).toContain('the tests have to pass first');
  });

  it('finds none among the policies here that goes unnoticed', async () => {
    const { out } = await tagsweep('test', 'policies', '--mutants', '--json');

    const { mutants } = JSON.parse(out) as { mutants: { tried: number; unnoticed: string[] }[] };
    expect(mutants.flatMap(({ unnoticed }) => unnoticed)).toEqual([]);
    expect(mutants.reduce((sum, { tried }) => sum + tried, 0)).toBeGreaterThan(100);
  });
});
