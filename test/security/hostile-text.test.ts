import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../cli/main.ts';
import { handler } from '../../functions/cleanup/index.ts';
import { emulatorEnvironment } from '../support/cli.ts';
import { hostileText, lookTwice } from '../support/hostile-text.ts';
import { type CommandRun, inProcess } from '../support/in-process.ts';

const POLICY = `version: 1
name: strip
scope: { regions: [cn-hangzhou] }
remove: [{ key: "*x*" }]
protect: [{ resources: { tag: hold, exists: true } }]
limits: { maxPercent: 100 }
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-hostile-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Neither stream holds what a terminal would act upon. */
function expectQuiet({ out, err }: CommandRun): void {
  expect(lookTwice(`${out}\n${err}`)).toEqual([]);
}

describe('words, files and events of others', () => {
  it('are shown without what a terminal would act upon, whatever is wrong with them', async () => {
    const commands = fc.constantFrom(
      ...[
        'plan',
        'apply',
        'explain',
        'diff',
        'test',
        'validate',
        'verify',
        'undo',
        'history',
        'ram',
        'invoke',
        'emulator',
      ],
    );
    const env = emulatorEnvironment('http://127.0.0.1:9');
    const cli = (args: readonly string[]) => inProcess((io) => run(args, io), env);

    await fc.assert(
      fc.asyncProperty(commands, hostileText, hostileText, async (command, a, b) => {
        writeFileSync(join(folder, 'bad.yaml'), POLICY.replace('strip', `"${a}"`).replace('remove', b));
        writeFileSync(join(folder, 'bad.json'), JSON.stringify({ formatVersion: b, [a]: a }));
        for (const args of [
          [a],
          [command, '--help', a],
          [command, `--${a}`],
          [command, `x${a}`, `y${b}`, `--region=${b}`],
          [command, join(folder, 'bad.yaml'), 'x', '--account', b],
          [command, join(folder, 'bad.json'), '--yes', '--log-file', join(folder, 'log')],
          ['test', join(folder, 'bad.yaml')],
          ['validate', join(folder, 'bad.yaml'), '--json'],
        ]) {
          expectQuiet(await cli(args));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('come out of the function in no error either', async () => {
    const context = { credentials: { accessKeyId: 'LTAIexample', accessKeySecret: 'secret' } };
    const event = fc.oneof(
      hostileText,
      fc.record({ policy: hostileText }),
      fc.record({ mode: hostileText, regions: fc.array(hostileText, { maxLength: 2 }) }),
      fc.dictionary(hostileText, hostileText, { maxKeys: 3 }),
      fc.record({ policy: fc.dictionary(hostileText, hostileText, { maxKeys: 3 }) }),
      fc.record({ tagsweep: hostileText, policy: hostileText }),
    );

    await fc.assert(
      fc.asyncProperty(event, async (value) => {
        const thrown = await handler(Buffer.from(JSON.stringify(value)), context).then(
          () => undefined,
          (error: unknown) => error,
        );

        expect(thrown).toBeInstanceOf(Error);
        const { message, stack } = thrown as Error;
        expect(lookTwice(`${message}\n${stack}`)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
