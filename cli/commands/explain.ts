import { meterEci } from '../../lib/pace/meter.ts';
import { type Explanation, explainResource, type TagExplanation } from '../../lib/plan/explain.ts';
import { createJudge } from '../../lib/plan/judge.ts';
import { stepsText, type Trace } from '../../lib/plan/trace.ts';
import { RESOURCE_TYPES } from '../../lib/resource.ts';
import { findResource, type ResourceName } from '../../lib/run/find-resource.ts';
import { knowNotices } from '../../lib/run/notice.ts';
import { safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { loadPolicy, readRegion } from '../load-policy.ts';
import { JSON_OPTION, pickSettings, READING_OPTIONS } from '../options.ts';
import { outputOf } from '../output.ts';
import { quoted } from '../safe-text.ts';
import { openWorld } from '../world.ts';

export const command: Command = {
  usage: 'explain POLICY RESOURCE [options]',
  description:
    'Tells of each tag of one resource whether it goes or stays, by which rule, and what would turn that.\nRESOURCE is an id, or REGION/TYPE/ID where the id alone is not found. Reads only.',
  options: {
    ...JSON_OPTION,
    ...READING_OPTIONS,
    ...pickSettings('log-file', 'log-project', 'log-store', 'log-region', 'sls-endpoint'),
  },
  examples: [
    { line: 'explain strip-ci-markers eci-2ze81zoc3yl7a3we0000', says: 'why does this tag stay?' },
    {
      line: 'explain strip-ci-markers cn-hangzhou/ContainerGroup/eci-2ze81zoc3yl7a3we0000',
      says: 'in one place',
    },
  ],
  words: { least: 2, most: 2 },
  run: explain,
};

async function explain(args: Arguments, io: Io): Promise<ExitCode> {
  const [word = '', name = ''] = args.positionals;
  const policy = await loadPolicy(word, args, io);
  const wanted = parseResourceName(name, args, io);
  const { ports, whose } = await openWorld(args, io);
  const eci = meterEci(ports.eci, { pace: policy.pace, clock: ports.clock, chance: ports.chance });
  const resource = await findResource(eci, wanted, policy);
  if (resource === undefined) {
    const where =
      wanted.region === undefined ? "in the policy's regions and types" : `in ${safeText(wanted.region)}`;
    throw new UsageError(
      `There is no resource ${safeText(wanted.id)} ${where}. Elsewhere? Name it as REGION/TYPE/ID.`,
    );
  }
  const asOfMs = ports.clock.now();
  const now = { asOfMs, accountId: whose.accountId };
  const warn = (text: string) => io.err(`${io.errPaint.yellow('warning')} ${safeText(text)}\n`);
  const known = await knowNotices(ports, policy, createJudge(policy, asOfMs), now, warn);
  const explanation = explainResource(policy, resource, asOfMs, known?.judge);
  outputOf(args, io).result(explanation, () => renderExplanation(explanation, io));
  return 0;
}

function parseResourceName(word: string, args: Arguments, io: Io): ResourceName {
  const parts = word.split('/');
  const id = parts.at(-1) ?? '';
  if (parts.length > 3 || parts.includes('')) {
    throw new UsageError(`${safeText(word)} is no resource: an id, or REGION/TYPE/ID.`);
  }
  const [region, typeWord] = parts.length === 1 ? [] : parts;
  if (region !== undefined) readRegion(region, '', args, io);
  const type = parts.length < 3 ? undefined : RESOURCE_TYPES.find((one) => one === typeWord);
  if (parts.length === 3 && type === undefined) {
    throw new UsageError(
      `${safeText(typeWord ?? '')} is no resource type: one of ${RESOURCE_TYPES.join(', ')}.`,
    );
  }
  return { id, ...(region !== undefined && { region }), ...(type !== undefined && { type }) };
}

function renderExplanation(explanation: Explanation, io: Io): string {
  const { paint } = io;
  const { resource, scope, selection, tags, unseen } = explanation;
  const name = resource.name === undefined ? '' : ` ${quoted(resource.name)}`;
  const lines = [
    `${paint.bold(safeText(resource.id))}${name}  ${safeText(resource.region)} ${resource.type}`,
    `  in scope: ${SCOPE_WORDS[String(scope)]}`,
  ];
  if (selection !== undefined)
    lines.push(`  selected: ${SCOPE_WORDS[String(selection.truth)]}, by ${safeText(stepsText(selection))}`);
  if (unseen.length > 0) lines.push(`  not seen: ${unseen.join(', ')}`);
  for (const [label, trace] of ofResource(tags)) {
    lines.push(`  ${safeText(label)}: ${HOLDS_WORDS[String(trace.truth)]}, by ${safeText(stepsText(trace))}`);
  }
  lines.push('');
  if (tags.length === 0) lines.push('  It has no tags.');
  for (const alike of groupAlike(tags)) lines.push(...tagLines(alike, io));
  return `${lines.join('\n')}\n`;
}

const SCOPE_WORDS: Readonly<Record<string, string>> = { true: 'yes', false: 'no', unknown: 'cannot be told' };

const HOLDS_WORDS: Readonly<Record<string, string>> = {
  true: 'holds',
  false: 'does not hold',
  unknown: 'cannot be told',
};

/** What was asked of the resource, and not of one tag's value: it is told once, above the tags. */
function ofResource(tags: Explanation['tags']): ReadonlyMap<string, Trace> {
  const asked = tags.flatMap((tag) => tag.asked.filter(({ label }) => isProtection(label)));
  return new Map(asked.map(({ label, trace }) => [label, trace]));
}

function isProtection(label: string): boolean {
  return label.startsWith('protect[');
}

/** Tags of which the same is said, so that it is said once; in the order of the first of each. */
function groupAlike(tags: Explanation['tags']): readonly (readonly TagExplanation[])[] {
  const groups = new Map<string, TagExplanation[]>();
  for (const tag of tags) {
    const said = [tag.verdict, tag.reason, tag.rule, tag.change, ...askedLines(tag)].join('\n');
    groups.set(said, [...(groups.get(said) ?? []), tag]);
  }
  return [...groups.values()];
}

function tagLines(alike: readonly TagExplanation[], { paint }: Io): readonly string[] {
  const [first] = alike;
  if (first === undefined) return [];
  return [
    ...alike.map(({ key, value, verdict, reason, rule }) => {
      const mark = verdict === 'remove' ? paint.red('goes ') : paint.green('stays');
      const by = rule === undefined ? REASON_WORDS[reason] : `${REASON_WORDS[reason]}: ${safeText(rule)}`;
      return `  ${mark}  ${paint.cyan(safeText(key))} = ${quoted(value)}  ${by}`;
    }),
    ...[...askedLines(first), first.change].map((line) => paint.dim(`         ${safeText(line)}`)),
  ];
}

/** What the rules asked of the value, as far as the sentence below does not say it. */
function askedLines({ asked, change }: TagExplanation): readonly string[] {
  return asked
    .filter(({ label, trace }) => !isProtection(label) && !change.includes(stepsText(trace)))
    .map(({ label, trace }) => `${label} asks: ${stepsText(trace)}`);
}

const REASON_WORDS: Readonly<Record<TagExplanation['reason'], string>> = {
  matched: 'matched',
  noRule: 'no rule asks for it',
  notSelected: 'the resource is not selected',
  selectionUnknown: 'whether the resource is selected cannot be told',
  valueUnknown: 'its value cannot be read as the rule asks',
  protected: 'protected',
  protectionUnknown: 'whether it is protected cannot be told',
  reservedKey: 'a key of the cloud itself',
  kubernetesKey: 'a key of Kubernetes',
  outOfScope: 'the resource is out of scope',
  unnoticed: 'it would go, and was not announced yet',
  noticed: 'it was announced, and its grace is not over',
  seenTwice: 'the resource was seen with different tags, and not all of them let it go',
  noSurplus: 'the resource has room enough without it',
  surplusUnknown: 'whether it is one too many cannot be told',
};
