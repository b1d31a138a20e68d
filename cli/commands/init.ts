import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, surveyFleet } from '../../lib/fleet/findings.ts';
import { type FirstPolicy, firstPolicy, policyOfFinding } from '../../lib/fleet/first-policy.ts';
import { MOST_FLEET_BYTES, readFleet } from '../../lib/fleet/fleet-file.ts';
import type { Resource } from '../../lib/resource.ts';
import { safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import { askLine } from '../ask.ts';
import type { Command } from '../command.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { policiesDir, readRegion } from '../load-policy.ts';
import { counted } from '../numbers.ts';
import { pickSettings } from '../options.ts';
import { safeTextWithin } from '../safe-text.ts';
import { readInput, writeOutput } from '../write-output.ts';

export const command: Command = {
  usage: 'init [NAME] [options]',
  description:
    'Writes a first policy and its tests: from answers, or for something that a fleet file shows, such as keys that\ndiffer by case or dates gone by. Always a dry run with narrow limits. Overwrites nothing; needs no account and no network.',
  options: {
    keys: {
      type: 'list',
      value: 'A,B',
      help: 'the keys that go, wildcards allowed; "*": all but those of --keep',
    },
    keep: { type: 'list', value: 'A,B', help: 'the keys that stay, wildcards allowed' },
    regions: { type: 'list', value: 'A,B', help: 'the regions it looks at; default all' },
    'older-than': { type: 'text', value: 'DURATION', help: 'only resources older than this, such as 7d' },
    fleet: { type: 'text', value: 'FILE', help: 'look through this fleet file for what could be cleaned up' },
    finding: { type: 'text', value: 'N', help: 'write the policy for the finding of this number' },
    ...pickSettings('policies-dir', 'offline-regions'),
  },
  examples: [
    { line: 'init', says: 'asks what should go' },
    { line: 'init no-ci --keys "ci-*,build-id" --keep team,env --older-than 7d', says: 'asks nothing' },
    { line: 'init --fleet fleet.json', says: 'what could be cleaned up?' },
    { line: 'init case-variants --fleet fleet.json --finding 1', says: 'write a policy for the first of it' },
  ],
  words: { least: 0, most: 1 },
  run: init,
};

async function init(args: Arguments, io: Io): Promise<ExitCode> {
  const { fleet } = args.texts;
  const made = fleet === undefined ? await fromAnswers(args, io) : await fromFleet(fleet, args, io);
  if (made === undefined) return 0;
  const folder = policiesDir(args, io);
  const files = { policy: join(folder, `${made.name}.yaml`), tests: join(folder, `${made.name}.test.yaml`) };
  const there = Object.values(files).find((file) => existsSync(file));
  if (there !== undefined) {
    throw new UsageError(
      `${safeText(there)} is there already, and stays as it is. Choose another name, or edit it. Nothing was written.`,
    );
  }
  mkdirSync(folder, { recursive: true });
  writeOutput(files.policy, [made.first.policy]);
  writeOutput(files.tests, [made.first.tests]);
  io.out(
    [
      `${io.paint.green('✔')} ${safeText(files.policy)}, a dry run, and ${safeText(files.tests)}`,
      'Next:',
      `  tagsweep test ${safeText(files.tests)}`,
      `  tagsweep plan ${safeText(made.name)}`,
      '',
    ].join('\n'),
  );
  return 0;
}

interface Made {
  readonly name: string;
  readonly first: FirstPolicy;
}

async function fromAnswers(args: Arguments, io: Io): Promise<Made> {
  if (args.texts.finding !== undefined) throw new UsageError('--finding goes with --fleet FILE.');
  const name = await nameOf(args, 'first-cleanup', io);
  const keys =
    args.lists.keys ??
    words(await askLine('Which keys should go? Wildcards, between commas:', '', '--keys A,B', io));
  if (keys.length === 0)
    throw new UsageError('No key was named: a policy says which keys go. Nothing was written.');
  const isAsked = args.lists.keys === undefined;
  const keep =
    args.lists.keep ??
    (isAsked || keys.includes('*')
      ? words(
          await askLine(
            'Which keys stay, whatever happens?',
            keys.includes('*') ? '' : 'none',
            '--keep A,B',
            io,
          ),
        )
      : []);
  const age =
    args.texts['older-than'] ??
    (isAsked
      ? await askLine('Only on resources older than (such as 7d)?', 'any', '--older-than 7d', io)
      : 'any');
  const first = firstPolicy({
    name,
    keys,
    keep,
    regions: regionsOf(args, io),
    ...(age !== 'any' && { olderThan: age }),
  });
  return { name, first };
}

async function nameOf(args: Arguments, fallback: string, io: Io): Promise<string> {
  const [word] = args.positionals;
  const name = word ?? (await askLine('What is the policy called?', fallback, 'NAME', io));
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return name;
  throw new UsageError(
    `${safeText(name)} is no name of a policy: 1 to 63 small letters, digits and "-", not "-" first. Nothing was written.`,
  );
}

function regionsOf(args: Arguments, io: Io): readonly string[] | 'all' {
  const regions = args.lists.regions ?? ['all'];
  if (regions.length === 1 && regions[0] === 'all') return 'all';
  return regions.map((region) => readRegion(region, '--regions ', args, io));
}

function words(line: string): readonly string[] {
  return line === 'none'
    ? []
    : line
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== '');
}

/** @returns nothing where it only told what there is. */
async function fromFleet(file: string, args: Arguments, io: Io): Promise<Made | undefined> {
  const given = ['keys', 'keep', 'regions'].find((flag) => args.lists[flag] !== undefined);
  if (given !== undefined)
    throw new UsageError(`--${given} does not go with --fleet, whose findings say what goes.`);
  const fleet = readFleet(readInput(file, MOST_FLEET_BYTES), file);
  const asOfMs = Date.now();
  const { findings, resources, tags } = surveyFleet(fleet, [], asOfMs);
  const offers = findings.filter(isOffer);
  io.err(
    `${counted(resources, 'resource')} with ${counted(tags, 'tag')}; ${counted(offers.length, 'finding')}\n`,
  );
  for (const [at, finding] of offers.entries()) io.err(`  ${at + 1}  ${findingText(finding)}\n`);
  if (offers.length === 0) {
    io.err('Nothing here asks for a policy by itself; without --fleet, init asks what should go.\n');
    return undefined;
  }
  if (args.texts.finding === undefined && !io.canAsk) {
    io.err('Choose one: --finding N, and a NAME for its policy. Nothing was written.\n');
    return undefined;
  }
  const word =
    args.texts.finding ?? (await askLine('For which one shall a policy be written?', '', '--finding N', io));
  const chosen = /^\d{1,4}$/.test(word) ? offers[Number(word) - 1] : undefined;
  if (chosen === undefined)
    throw new UsageError(
      `--finding ${safeText(word)}: give a number from 1 to ${offers.length}. Nothing was written.`,
    );
  const name = await nameOf(args, NAMES[chosen.kind], io);
  return { name, first: policyOfFinding(name, chosen, inQuestion(fleet), asOfMs) };
}

/** Resources whose tags were seen make better examples. */
function inQuestion(fleet: readonly Resource[]): readonly Resource[] {
  return fleet.filter(({ tags }) => tags !== undefined);
}

type Offer = Finding & { readonly policy: NonNullable<Finding['policy']> };

function isOffer(finding: Finding): finding is Offer {
  return finding.policy !== undefined;
}

const NAMES: Readonly<Record<Finding['kind'], string>> = {
  caseVariants: 'case-variants',
  pastDates: 'dates-gone-by',
  families: 'family-of-keys',
  rareKeys: 'rare-keys',
  nearlyFull: 'make-room',
  unnamed: 'unnamed-keys',
};

function findingText({ kind, keys, resources, tags }: Finding): string {
  const named = keys.slice(0, 4).map(({ key }) => safeTextWithin(key, 40));
  const list = `${named.join(', ')}${keys.length > named.length ? `, … (${keys.length})` : ''}`;
  const size = `${counted(tags, 'tag')} on ${counted(resources, 'resource')}`;
  switch (kind) {
    case 'caseVariants':
      return `keys that differ by case only: ${list}; ${size}`;
    case 'pastDates':
      return `dates gone by in ${list}; ${size}`;
    case 'families':
      return `keys that begin alike: ${list}; ${size}`;
    case 'rareKeys':
      return `keys on very few resources: ${list}; ${size}`;
    case 'nearlyFull':
      return `resources with little room for tags: ${counted(resources, 'resource')}`;
    case 'unnamed':
      return `keys that no policy names: ${list}; ${size}`;
  }
}
