import { statSync } from 'node:fs';
import { createSystemClock } from '../../lib/cloud/clock.ts';
import { readConfig } from '../../lib/cloud/config.ts';
import { connectInvoker } from '../../lib/cloud/connect.ts';
import { encodeJson, safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { FUNCTION_OPTIONS, functionPlace } from '../function-place.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { ALL_OPTION, JSON_OPTION, pickSettings } from '../options.ts';
import { outputOf } from '../output.ts';
import { readReport } from '../read-report.ts';
import { finishWithReport } from '../report-exit.ts';
import { credentialsOf, effectiveEnvironment, newRunId } from '../world.ts';
import { readInput } from '../write-output.ts';

export const command: Command = {
  usage: 'invoke [REQUEST] --account ID [options]',
  description:
    'Calls the deployed function, waits, and prints its report. REQUEST is JSON, or a file that holds it; without one\nthe function makes a dry run of its default policy. A function that fails is a failure here too.',
  options: {
    ...FUNCTION_OPTIONS,
    async: { type: 'boolean', help: 'ask for it, and do not wait' },
    'task-id': { type: 'text', value: 'ID', help: 'with --async: the same id twice starts it once' },
    ...ALL_OPTION,
    ...JSON_OPTION,
    ...pickSettings('env', 'profile', 'fc-endpoint'),
  },
  examples: [
    { line: 'invoke --account 1234567890123456 --region cn-hangzhou', says: 'a dry run' },
    { line: `invoke '{"policy":"strip-ci-markers","mode":"apply"}' --account …`, says: 'act, there' },
  ],
  words: { least: 0, most: 1 },
  run: invoke,
};

async function invoke(args: Arguments, io: Io): Promise<ExitCode> {
  const request = readRequest(args.positionals[0]);
  const { 'task-id': givenTaskId } = args.texts;
  const place = functionPlace(args, io, 'invoke');
  const waits = !args.flags.has('async');
  if (waits && givenTaskId !== undefined) throw new UsageError('--task-id goes with --async only.');
  const env = effectiveEnvironment(args, io);
  const config = readConfig(env);
  const credentials = credentialsOf(args, io);
  await credentials();
  const clock = createSystemClock();
  const invoker = connectInvoker(config, credentials, place, { clock });
  if (waits) return printAnswer(await invoker.call(request), args, io);
  const taskId = givenTaskId ?? newRunId(clock.now());
  const result = await invoker.submit(request, taskId);
  const told = result === 'accepted' ? 'Asked for' : 'Asked for before, and not started twice';
  outputOf(args, io).result({ taskId, result }, () => `${told}: task ${safeText(taskId)}\n`);
  return 0;
}

/** JSON is sent as it was meant, not as it was typed; anything else is refused here rather than there. */
function readRequest(word: string | undefined): unknown {
  if (word === undefined) return undefined;
  // A long request is no file name, and the system would say so of it.
  const isFile = !/^\s*[{[]/.test(word) && statSync(word, { throwIfNoEntry: false })?.isFile() === true;
  const text = isFile || /^[^{[]*\.json$/.test(word) ? readInput(word) : word;
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(
      `The request ${isFile ? `in ${safeText(word)} ` : ''}is not JSON: write {"policy": "NAME"}, or name a file.`,
    );
  }
}

/** An ignored event is answered without a report. */
function printAnswer(answer: unknown, args: Arguments, io: Io): ExitCode {
  const report = readReport(answer);
  if (report !== undefined) return finishWithReport(report, args, io);
  io.out(`${encodeJson(answer, 2)}\n`);
  return 0;
}
