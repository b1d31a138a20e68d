import { surveyFleet } from '../../lib/fleet/findings.ts';
import { fleetFile } from '../../lib/fleet/fleet-file.ts';
import { fleetPage } from '../../lib/pages/fleet-page.ts';
import type { FleetPage } from '../../lib/pages/model.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { readFleet } from '../../lib/run/read-fleet.ts';
import { VERSION } from '../../lib/version.ts';
import { speaker } from '../../lib/words/words.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { LANGUAGE_OPTION, readLanguage } from '../language.ts';
import { isFolder, loadPolicies, policiesDir } from '../load-policy.ts';
import { count, counted } from '../numbers.ts';
import { ACCOUNT_OPTION, JSON_OPTION, READING_OPTIONS } from '../options.ts';
import { outputOf } from '../output.ts';
import { safeTextWithin } from '../safe-text.ts';
import { NARROWING_OPTIONS, openWorld, readNarrowing } from '../world.ts';
import { writeOutput } from '../write-output.ts';
import { writePage } from '../write-page.ts';

const { regions, 'resource-types': resourceTypes } = NARROWING_OPTIONS;

export const command: Command = {
  usage: 'fleet [options]',
  description:
    'Shows how tags stand today: keys by use, keys that differ by case, dates gone by, resources near their 20 tags,\nkeys that no policy of the policies folder names. Reads only, and every resource.',
  options: {
    html: {
      type: 'text',
      value: 'FILE',
      help: 'the same as one web page, each finding with the policy that would clean it up',
    },
    out: {
      type: 'text',
      short: 'o',
      value: 'FILE',
      help: 'keep the fleet, to test policies against it without an account',
    },
    'hash-values': { type: 'boolean', help: 'with --out: hashes in place of the values of tags' },
    ...(regions && { regions: { ...regions, help: 'only these regions; default all' } }),
    ...(resourceTypes && { 'resource-types': { ...resourceTypes, help: 'only these types; default all' } }),
    ...ACCOUNT_OPTION,
    ...JSON_OPTION,
    ...LANGUAGE_OPTION,
    ...READING_OPTIONS,
  },
  examples: [
    { line: 'fleet --regions cn-hangzhou --html fleet.html', says: 'what could be cleaned up?' },
    { line: 'fleet --out fleet.json --hash-values', says: 'to plan against it elsewhere' },
  ],
  words: { least: 0, most: 0 },
  run: fleet,
};

async function fleet(args: Arguments, io: Io): Promise<ExitCode> {
  const { html, out } = args.texts;
  if (out === undefined && args.flags.has('hash-values'))
    throw new UsageError('--hash-values goes with --out FILE.');
  const language = readLanguage(args, io);
  const narrowing = readNarrowing(args, io);
  const folder = policiesDir(args, io);
  const policies = await policiesOf(folder, args, io);
  const { ports, whose } = await openWorld(args, io);
  const output = outputOf(args, io);
  const progress = output.progress();
  const asOfMs = ports.clock.now();
  const inventory = await readFleet({ regions: 'all', ...narrowing }, ports, {
    onProgress: progress.show,
  }).finally(progress.end);
  if (out !== undefined) writeOutput(out, fleetFile(inventory.resources, args.flags.has('hash-values')));
  const page = fleetPage({
    inventory,
    policies,
    policiesDir: folder,
    asOfMs,
    language,
    version: VERSION,
    ...(whose.accountId !== undefined && { accountId: whose.accountId }),
  });
  if (html !== undefined) writePage(html, page);
  output.result({ ...surveyFleet(inventory.resources, policies, asOfMs), complete: inventory.complete }, () =>
    render(page, io),
  );
  for (const warning of page.warnings) io.err(`${io.errPaint.yellow('warning')} ${warning}\n`);
  if (inventory.complete) return 0;
  io.err(`${io.errPaint.red('The inventory is not complete:')} there is more than was seen.\n`);
  return 1;
}

/** The policies of the folder; none where there is no folder, and a faulty one is told as everywhere. */
async function policiesOf(folder: string, args: Arguments, io: Io): Promise<readonly Policy[]> {
  return isFolder(folder) ? (await loadPolicies([folder], args, io)).policies : [];
}

function render(page: FleetPage, { paint }: Io): string {
  // The terminal is spoken to in English; the page in the language that was asked for.
  const say = speaker('en');
  const lines = [
    `${paint.bold(counted(page.resources, 'resource'))}, ${counted(page.tags, 'tag')}, ${counted(page.keyCount, 'key')}${page.unseen > 0 ? `; ${say('unseenTags', { n: page.unseen })}` : ''}`,
    '',
  ];
  if (page.findings.length === 0) lines.push(say('noFinding'));
  for (const { kind, keys, keyCount, resources, tags } of page.findings) {
    const names = keys.slice(0, 4).map(({ key }) => paint.cyan(safeTextWithin(key, 32)));
    const more = keyCount > names.length ? ` ${say('andMore', { n: keyCount - names.length })}` : '';
    const what = `${count(tags)} on ${counted(resources, 'resource')}`;
    lines.push(`  ${say(`found_${kind}`)}: ${names.join(', ')}${more}${names.length > 0 ? ', ' : ''}${what}`);
  }
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}
