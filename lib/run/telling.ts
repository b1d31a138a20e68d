import type { Book } from '../change/book.ts';
import type { TimeLeft } from '../clock.ts';
import { readerOf } from '../lazy-list.ts';
import { type Letter, type Told, writeLetters } from '../notice/messages.ts';
import { isWorthTelling, writeRunMessage } from '../notice/run-message.ts';
import type { Policy } from '../policy/policy.ts';
import type { Message } from '../ports.ts';
import { describeError } from '../redact.ts';
import { createRefIndex } from '../ref-index.ts';
import type { Report } from '../report/report.ts';
import type { Resource } from '../resource.ts';
import { counted } from '../text.ts';
import type { CleanupRequest, RunPorts } from './request.ts';

/** What is needed of a run to tell of it. */
interface Teller {
  readonly runId: string;
  readonly ports: Pick<RunPorts, 'notifier' | 'clock'>;
  readonly time: TimeLeft;
  readonly warnings: string[];
}

/** Whom a run tells; what a policy of a request says of that is not heard. */
export interface Telling {
  readonly notify?: Policy['notify'];
  /** Whether it is a part of another run, or answers one event: then it is told only where it did not end well. */
  readonly isPart: boolean;
}

/** What telling people of a run may take at the most: its last record waits for it. */
const LONGEST_MS = 20_000;
const PART_OF_TIME = 0.2;

/**
 * What a request says of whom to tell. A policy that came with a request names no channels: what it would tell are the
 * tags of an account, and where they are sent is not for an event to say.
 */
export function tellingOf(
  request: Pick<CleanupRequest, 'policy' | 'policyIsInline' | 'chain' | 'trigger'>,
): Telling {
  const { policy, policyIsInline, chain, trigger } = request;
  return {
    ...(policy.notify !== undefined && policyIsInline !== true && { notify: policy.notify }),
    isPart: chain !== undefined || trigger.type === 'event',
  };
}

/** The channels that hear of a policy. */
export function channelsFor({ ports }: Pick<Teller, 'ports'>, { notify }: Telling): readonly string[] {
  return notify?.channels ?? ports.notifier?.usual ?? [];
}

/** Tells of a run before its last record is written, so that what could not be told stands in it. */
export async function tellRun(session: Teller, report: Report, telling: Telling): Promise<void> {
  const channels = channelsFor(session, telling);
  if (channels.length === 0 || !isWorthTelling(report, telling.isPart)) return;
  const message = writeRunMessage(report, session.ports.notifier?.linkTo(report.runId));
  await send(session, [{ channels, message, told: [] }], (why) => `The run could not be told: ${why}`);
}

/** Tells owners what a run removed; what fails is a warning. */
export async function tellRemovedBy(
  session: Teller,
  policy: Policy,
  telling: Telling,
  { book, seen }: { readonly book: Book; readonly seen: readonly Resource[] },
): Promise<void> {
  const options = lettersFor(session, policy, telling, 'removed');
  if (options.groupBy === undefined || options.channels.length === 0) return;
  const letters = writeLetters(removedOf(book, seen), options);
  await send(session, letters, (why) => `Owners could not be told what was removed: ${why}`);
}

function removedOf(book: Book, seen: readonly Resource[]): readonly Told[] {
  const index = createRefIndex(seen);
  const at = readerOf(seen);
  const removed: Told[] = [];
  for (const [row, { region, type, id, tags }] of book.table.rows.entries()) {
    const first = book.table.firstSlot(row);
    const gone = tags.filter((_, place) => book.endOf(first + place) === 'removed');
    const position = gone.length === 0 ? -1 : index.find(region, type, id);
    if (position >= 0) removed.push({ resource: at(position), tags: gone });
  }
  return removed;
}

/**
 * Tells owners what will be removed.
 *
 * @returns what was delivered to every channel that was to hear of it; all, where nobody is to be told.
 */
export async function tellNotices<T extends Told>(
  session: Teller,
  policy: Policy,
  telling: Telling,
  toNotice: readonly T[],
  dueAtMs: number,
): Promise<readonly T[]> {
  const options = { ...lettersFor(session, policy, telling, 'notice'), dueAtMs };
  if (options.channels.length === 0 && options.notify === undefined) return toNotice;
  const letters = writeLetters(toNotice, options);
  return await send(
    session,
    letters,
    (why) => `Owners could not be told what will be removed, so that its grace has not begun: ${why}`,
  );
}

function lettersFor(session: Teller, policy: Policy, telling: Telling, kind: 'notice' | 'removed') {
  const { notify } = telling;
  const groupBy = notify?.groupBy ?? policy.notice?.groupBy;
  const link = session.ports.notifier?.linkTo(session.runId);
  return {
    kind,
    policy,
    runId: session.runId,
    channels: channelsFor(session, telling),
    ...(notify !== undefined && { notify }),
    ...(groupBy !== undefined && { groupBy }),
    ...(link !== undefined && { link }),
  };
}

/** Sends letters, channel beside channel and one after the other on each; what was told wholly, and a warning for the rest. */
async function send<T extends Told>(
  session: Teller,
  letters: readonly Letter<T>[],
  warningOf: (why: string) => string,
): Promise<readonly T[]> {
  const { clock } = session.ports;
  const untilMs = clock.now() + Math.min(LONGEST_MS, session.time.leftMs() * PART_OF_TIME);
  const failed = new Map<Letter<T>, string>();
  let leftOut = 0;
  const sendAll = async (channel: string): Promise<void> => {
    let broken: string | undefined;
    for (const letter of letters) {
      if (!letter.channels.includes(channel)) continue;
      // A channel that fails once is not asked again in this run: it would only be slow about it.
      broken ??= clock.now() > untilMs ? 'there was no time left for it.' : undefined;
      const sent = broken ?? (await sendOne(session, channel, letter.message));
      if (typeof sent === 'number') leftOut += sent;
      else {
        broken = sent;
        failed.set(letter, `${channel}: ${sent}`);
      }
    }
  };
  await Promise.all([...new Set(letters.flatMap(({ channels }) => channels))].map(sendAll));
  const [why] = failed.values();
  if (why !== undefined) session.warnings.push(warningOf(why));
  if (leftOut > 0) {
    session.warnings.push(
      `Messages had no room for ${counted(leftOut, 'line')}; each says how many it leaves out.`,
    );
  }
  return letters.filter((letter) => !failed.has(letter)).flatMap(({ told }) => told);
}

/** How many lines were left out, or why it was not delivered. */
async function sendOne({ ports }: Teller, channel: string, message: Message): Promise<number | string> {
  const { notifier } = ports;
  if (notifier?.channels.has(channel) !== true) {
    return `there is no channel of that name: set TAGSWEEP_NOTIFY_${channel.toUpperCase().replaceAll('-', '_')}.`;
  }
  try {
    return (await notifier.send(channel, message)).leftOut;
  } catch (error) {
    return describeError(error);
  }
}
