import { type RunVerification, verifyRun } from '../../lib/run/verify-run.ts';
import { safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import type { ExitCode, Io } from '../io.ts';
import { count, counted } from '../numbers.ts';
import { ATTEMPT_OPTION, JSON_OPTION, SETTING_OPTIONS } from '../options.ts';
import { outputOf } from '../output.ts';
import { noRecords, openWorld, readAttempts } from '../world.ts';

export const command: Command = {
  usage: 'verify RUN [options]',
  description:
    'Reads again every resource that a run announced to change, and accounts for each of its tags: gone, changed by\nothers since, or there although it was removed. Reads only.',
  options: { ...ATTEMPT_OPTION, ...JSON_OPTION, ...SETTING_OPTIONS },
  examples: [
    { line: 'verify cli-20260101T020000Z-ab12cd34 --log-file tagsweep.jsonl', says: 'is it still so?' },
  ],
  words: { least: 1, most: 1 },
  run: verify,
};

async function verify(args: Arguments, io: Io): Promise<ExitCode> {
  const { ports } = await openWorld(args, io);
  if (ports.audit === null) throw noRecords('verify');
  const output = outputOf(args, io);
  const progress = output.progress();
  const verification = await verifyRun(
    args.positionals[0] ?? '',
    ports,
    { onProgress: progress.show },
    readAttempts(args),
  ).finally(progress.end);
  output.result(verification, () => render(verification, io));
  return verification.proof.verified ? 0 : 1;
}

function render({ runId, tags, proof, warnings }: RunVerification, { paint }: Io): string {
  const mark = proof.verified ? paint.green('✔') : paint.red('✘');
  const lines = [
    `${mark} ${paint.bold(`Run ${safeText(runId)}`)}: ${counted(tags.announced, 'tag')} announced`,
    '',
    `  ${count(tags.gone)} gone, ${count(tags.vanished)} of resources that are gone, ${count(tags.restored)} put back by an undo,`,
    `  ${count(tags.changed)} there again with another value, ${count(tags.there)} there with the old value, ${count(tags.unread)} could not be read`,
  ];
  if (proof.unexplained > 0) {
    lines.push('', paint.red(`${counted(proof.unexplained, 'tag')} removed and yet there:`));
    lines.push(...(proof.differences ?? []).map((difference) => `  ${safeText(difference)}`));
  }
  if (warnings.length > 0) lines.push('', ...warnings.map((warning) => paint.yellow(safeText(warning))));
  return `${lines.join('\n')}\n`;
}
