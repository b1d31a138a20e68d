import type { Notify, Policy } from '../policy/policy.ts';
import type { Message } from '../ports.ts';
import { compareText, type Resource, type Tag } from '../resource.ts';
import { counted, safeText } from '../text.ts';

/** A resource and tags of it that somebody is told of. */
export interface Told {
  readonly resource: Resource;
  readonly tags: readonly (Tag & { readonly rule?: string })[];
}

/** One message, to whom it goes, and what it tells of. */
export interface Letter<T extends Told = Told> {
  readonly channels: readonly string[];
  readonly message: Message;
  readonly told: readonly T[];
}

export interface LetterOptions {
  readonly kind: 'notice' | 'removed';
  readonly policy: Policy;
  readonly runId: string;
  /** Who hears of it where the policy does not say otherwise. */
  readonly channels: readonly string[];
  readonly notify?: Notify;
  /** The tag whose value says whose a resource is; left out: all is told in one message. */
  readonly groupBy?: string;
  /** When what is announced goes at the earliest; epoch milliseconds. */
  readonly dueAtMs?: number;
  readonly link?: string;
}

/**
 * Most messages that one run sends to one channel: robots of DingTalk and WeCom take 20 a minute, and the message of
 * the run is one of them. What there is beyond comes together in one.
 */
export const MOST_LETTERS = 12;

/** Lines of one message that are made at all; no channel has room for more. */
const MOST_ITEMS = 400;

/** Longest text of a key, a value or a name in a line. */
const LONGEST = 64;

/**
 * Writes what owners are told: a message per value of the tag by which they are told apart, to the channels that hear
 * of that value. Largest first; where one channel would get too many, the smallest come in one message together.
 */
export function writeLetters<T extends Told>(
  told: readonly T[],
  options: LetterOptions,
): readonly Letter<T>[] {
  const byChannels = new Map<string, { readonly channels: readonly string[]; readonly groups: Group<T>[] }>();
  for (const group of groupTold(told, options.groupBy)) {
    const channels = channelsOf(group.value, options);
    const name = channels.join();
    const known = byChannels.get(name);
    if (known === undefined) byChannels.set(name, { channels, groups: [group] });
    else known.groups.push(group);
  }
  return [...byChannels.values()].flatMap(({ channels, groups }) => {
    const own = groups.length > MOST_LETTERS ? groups.slice(0, MOST_LETTERS - 1) : groups;
    const rest = groups.slice(own.length);
    return [
      ...own.map((group) => letterOf(channels, [group], options)),
      ...(rest.length > 0 ? [letterOf(channels, rest, options)] : []),
    ];
  });
}

interface Group<T> {
  /** Left out: the resource has no such tag, or nobody asked for one. */
  readonly value?: string;
  readonly told: T[];
  tags: number;
}

function groupTold<T extends Told>(told: readonly T[], groupBy: string | undefined): readonly Group<T>[] {
  const groups = new Map<string | undefined, Group<T>>();
  for (const one of told) {
    const value =
      groupBy === undefined ? undefined : one.resource.tags?.find(({ key }) => key === groupBy)?.value;
    const group = groups.get(value) ?? { ...(value !== undefined && { value }), told: [], tags: 0 };
    groups.set(value, group);
    group.told.push(one);
    group.tags += one.tags.length;
  }
  return [...groups.values()].sort((a, b) => b.tags - a.tags || compareText(a.value ?? '', b.value ?? ''));
}

function channelsOf(value: string | undefined, { notify, channels }: LetterOptions): readonly string[] {
  return (value === undefined ? undefined : notify?.routes.get(value)) ?? channels;
}

function letterOf<T extends Told>(
  channels: readonly string[],
  groups: readonly Group<T>[],
  options: LetterOptions,
): Letter<T> {
  const { kind, policy, runId, groupBy, link } = options;
  const told = groups.flatMap((group) => group.told);
  const tags = groups.reduce((sum, group) => sum + group.tags, 0);
  const resources = told.length;
  const only = groups.length === 1 ? groups[0]?.value : undefined;
  const whose = groupBy === undefined ? '' : `${whoseText(groupBy, groups)}: `;
  const what = `${counted(tags, 'tag')} of ${counted(resources, 'resource')}`;
  const { items, cut } = itemsOf(
    groups,
    policy.journal === 'values',
    groups.length > 1 ? groupBy : undefined,
  );
  return {
    channels,
    told,
    message: {
      title: `tagsweep: ${whose}${what} ${kind === 'notice' ? 'will be removed' : 'removed'}`,
      about: { kind, runId, policy: policy.name, ...(only !== undefined && { group: only }) },
      lines: [
        ...(kind === 'notice'
          ? [`Policy ${policy.name} will remove ${what} from ${dayOf(options.dueAtMs)} on.`]
          : [`Policy ${policy.name} removed ${what}.`]),
        ...(policy.description === undefined ? [] : [`Why: ${short(policy.description, 300)}`]),
      ],
      items,
      itemsCut: cut,
      closing: kind === 'notice' ? howToKeep(policy, runId) : howToUndo(runId),
      ...(link !== undefined && { link }),
    },
  };
}

function whoseText(groupBy: string, groups: readonly Group<unknown>[]): string {
  if (groups.length > 1) return `${groups.length} values of ${short(groupBy)}`;
  const value = groups[0]?.value;
  return value === undefined ? `no ${short(groupBy)}` : `${short(groupBy)} ${short(value)}`;
}

function dayOf(atMs = Number.NaN): string {
  return Number.isNaN(atMs) ? 'the end of its grace' : new Date(atMs).toISOString();
}

function howToKeep(policy: Policy, runId: string): readonly string[] {
  return [
    `To keep a tag: change its value, or have it put under protect in policy ${policy.name}. Then its notice ends, and it stays.`,
    `Each tag with its reason: tagsweep explain ${policy.name} RESOURCE. Run ${runId}.`,
  ];
}

function howToUndo(runId: string): readonly string[] {
  return [`To put them back: tagsweep undo ${runId}.`];
}

function itemsOf(
  groups: readonly Group<Told>[],
  withValues: boolean,
  groupBy: string | undefined,
): { readonly items: readonly string[]; readonly cut: number } {
  const items: string[] = [];
  let total = 0;
  for (const { value, told } of groups) {
    const owner = groupBy === undefined ? '' : `${short(groupBy)}=${short(value ?? '')}, `;
    for (const { resource, tags } of told) {
      total += 1;
      if (items.length >= MOST_ITEMS) continue;
      const { id, name, region, type } = resource;
      const place = [name, type, region].filter((part) => part !== undefined).map((part) => short(part));
      const list = tags.map((tag) => (withValues ? `${short(tag.key)}=${short(tag.value)}` : short(tag.key)));
      const rules = [...new Set(tags.flatMap(({ rule }) => rule ?? []))].map((rule) => short(rule));
      const why = rules.length === 0 ? '' : ` (${rules.join('; ')})`;
      items.push(`${owner}${short(id)} (${place.join(', ')}): ${list.join(', ')}${why}`);
    }
  }
  return { items, cut: total - items.length };
}

/** On one line, without what a reader's program would act upon, and not longer than a line can be. */
function short(text: string, longest = LONGEST): string {
  const safe = safeText(text);
  const characters = [...safe];
  return characters.length <= longest ? safe : `${characters.slice(0, longest - 1).join('')}…`;
}
