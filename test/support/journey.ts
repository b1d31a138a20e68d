import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../cli/main.ts';
import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import { emulatorEnvironment } from './cli.ts';
import type { Deployed } from './deployed.ts';
import { deployedLog } from './deployed-log.ts';
import { inProcess } from './in-process.ts';

/** Something that left the program: a stream, a file, a log, the records. */
export interface Told {
  readonly where: string;
  readonly text: string;
}

export interface JourneyOptions {
  readonly folder: string;
  /** A policy that removes something from each of the resources. */
  readonly policy: Readonly<Record<string, unknown>>;
  /** Tests of that policy, as the document of a test file. */
  readonly tests: Readonly<Record<string, unknown>>;
  /** How its file begins. */
  readonly fileName: string;
  readonly resourceIds: readonly string[];
  /** Sent to the function beside what is right. */
  readonly events: readonly unknown[];
  /** Called when the command line is done, and before the function is invoked. */
  readonly beforeFunction?: () => void;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Goes through every command of the command line and through the function, on one account, and collects all
 * that left the program on the way.
 */
export async function goThroughAll(fn: Deployed, options: JourneyOptions): Promise<readonly Told[]> {
  const { folder, policy } = options;
  const told: Told[] = [];
  const env = {
    ...emulatorEnvironment(fn.emulator.url),
    TAGSWEEP_FC_ENDPOINT: fn.emulator.url,
    TAGSWEEP_LOG_PROJECT: DEFAULT_LOGSTORE.project,
    TAGSWEEP_LOG_STORE: DEFAULT_LOGSTORE.logstore,
    ...options.env,
  };
  const cli = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await inProcess((io) => run(args, io), env);
    told.push(
      { where: `${args[0]} (${code})`, text: out },
      { where: `${args[0]} stderr (${code})`, text: err },
    );
    return out;
  };
  const write = (name: string, document: unknown): string => {
    writeFileSync(join(folder, name), JSON.stringify(document));
    return join(folder, name);
  };
  const file = write(`${options.fileName}.json`, policy);
  const other = write('other.json', { ...policy, remove: [{ key: 'team' }] });
  const saved = join(folder, 'saved-plan.json');
  const page = join(folder, 'plan.html');
  const tests = write(`${options.fileName}.test.yaml`, options.tests);

  await cli('validate', file);
  await cli('validate', folder, '--json');
  await cli('plan', file, '--all', '--out', saved, '--html', page);
  await cli('plan', file, '--json');
  for (const id of options.resourceIds) {
    await cli('explain', file, id);
    await cli('explain', file, id, '--json');
  }
  await cli('diff', file, other);
  await cli('diff', file, other, '--json');
  await cli('test', tests);
  await cli('test', tests, '--json');
  await cli('ram', file);
  await cli('schema');
  const { runId } = JSON.parse(await cli('apply', saved, '--yes', '--json')) as { runId: string };
  await cli('apply', file, '--yes');
  for (const command of ['verify', 'undo']) {
    await cli(command, runId);
    await cli(command, runId, '--json');
  }
  await cli('undo', runId, '--yes');
  await cli('history');
  await cli('history', '--json');
  options.beforeFunction?.();
  const account = ['--account', DEFAULT_IDENTITY.accountId];
  await cli('invoke', JSON.stringify({ policy }), ...account);
  for (const event of [{ policy }, { policy, mode: 'apply' }, ...options.events]) {
    await cli('invoke', JSON.stringify(event), '--json', ...account);
    const { stdout, stderr, result, error } = await fn.invoke(event);
    const answer = JSON.stringify(result ?? error);
    told.push(
      { where: 'the log of the function', text: stdout + stderr },
      { where: 'its answer', text: answer },
    );
  }
  await fn.settled();

  for (const name of [saved, page]) told.push({ where: name, text: readFileSync(name, 'utf8') });
  told.push({ where: 'what the functions printed', text: fn.fc.platform.output });
  const records = await deployedLog(fn).read({});
  told.push(
    ...records.map((record) => ({
      where: `record ${record.event_name}`,
      text: Object.values(record).join('\n'),
    })),
  );
  return told;
}
