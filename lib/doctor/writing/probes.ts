import type { Asked, Lab } from '../lab.ts';
import { type RawItem, readPage } from '../raw.ts';
import { inventedId } from '../reading/habits.ts';
import { ownKeys, readOne, waitUntil } from './group.ts';
import { absentKeys, KEYS } from './keys.ts';

const TYPE = 'ContainerGroup';
const ENDED: ReadonlySet<unknown> = new Set(['Succeeded', 'Failed', 'Expired']);

/** What probes of one resource share. */
interface Bench {
  readonly lab: Lab;
  readonly id: string;
  /** Names each request, for its ClientToken. */
  readonly run: string;
}

/**
 * All probes that change tags, on one resource, with the doctor's own keys alone.
 *
 * Each leaves the resource as the next expects it; where one cannot be made, what it would have told stays
 * unknown, and the others go on.
 *
 * @param isMade - a group that the doctor made; its beginning and end are looked at, too.
 */
export async function probeChanges(lab: Lab, id: string, run: string, isMade: boolean): Promise<void> {
  const bench: Bench = { lab, id, run };
  if (isMade) await probePending(bench);
  if (!(await probeVisibility(bench))) return;
  await probeRemoval(bench);
  await probeAbsentKey(bench);
  await probeTokens(bench);
  await probeMixedIds(bench);
  await probeSizes(bench);
  await probeLastTag(bench);
  if (isMade) await probeEnd(bench);
}

function tag({ lab, id }: Bench, ...keys: readonly string[]): Promise<Asked> {
  const parameters = {
    ResourceType: TYPE,
    ResourceId: [id],
    Tag: keys.map((Key) => ({ Key, Value: 'doctor' })),
  };
  return lab.ask({ action: 'TagResources', parameters });
}

function untag(
  { lab, id, run }: Bench,
  keys: readonly string[],
  more: { ids?: readonly string[]; token?: string } = {},
): Promise<Asked> {
  const parameters = {
    ResourceType: TYPE,
    ResourceId: more.ids ?? [id],
    TagKey: keys,
    ClientToken: `${run}-${more.token ?? keys.length}-${keys[0]!.slice(-24)}`.slice(-64),
  };
  return lab.ask({ action: 'UntagResources', parameters });
}

/** Sets keys and waits until they show. */
async function prepare(bench: Bench, ...keys: readonly string[]): Promise<boolean> {
  const asked = await tag(bench, ...keys);
  if (!asked.ok) return false;
  return (await waitUntil(bench.lab, bench.id, (item) => keys.every((key) => has(item, key)))) !== undefined;
}

function has(item: RawItem, key: string): boolean {
  return item.tags.some((one) => one.key === key);
}

async function isGone(bench: Bench, key: string): Promise<boolean> {
  return (await waitUntil(bench.lab, bench.id, (item) => !has(item, key))) !== undefined;
}

async function probePending(bench: Bench): Promise<void> {
  const { lab, id } = bench;
  const item = await readOne(lab, id);
  const isMoving = item !== undefined && item !== 'unknown' && isPending(item);
  if (!isMoving) return lab.learn('whilePending', 'not-seen', 'the group ran before it could be looked at');
  const asked = await untag(bench, [KEYS.pending]);
  lab.learn('whilePending', asked.ok ? 'done' : 'refused', 'UntagResources on a pending group', asked);
  await waitUntil(lab, id, (one) => !isPending(one));
}

function isPending({ raw }: RawItem): boolean {
  return raw.Status === 'Scheduling' || raw.Status === 'Pending';
}

/** Whether own tags can be set at all, and how soon they show. */
async function probeVisibility(bench: Bench): Promise<boolean> {
  const { lab, id } = bench;
  const asked = await tag(bench, KEYS.goes, KEYS.stays);
  if (!asked.ok) {
    lab.say({
      check: 'changes',
      status: 'failed',
      text: `tags could not be set: ${asked.error.message}`,
      todo: 'Allow it eci:TagResources and eci:UntagResources on this resource (tagsweep ram --for doctor).',
      requestId: asked.requestId,
    });
    return false;
  }
  const shownAtMs = lab.clock.now();
  const byId = await waitUntil(lab, id, (item) => has(item, KEYS.goes) && has(item, KEYS.stays));
  if (byId === undefined) {
    lab.say({
      check: 'changes',
      status: 'failed',
      text: 'a tag that was set with success is not seen after 90 s',
      todo: 'Report this with the RequestId: nothing here can be verified.',
      requestId: asked.requestId,
    });
    return false;
  }
  lab.learn('visibleById', byId, 'TagResources, then a list by id', asked);
  const list = await lab.ask({
    action: 'DescribeContainerGroups',
    parameters: { Tag: [{ Key: KEYS.goes }] },
  });
  if (list.ok && readPage(TYPE, list.body).items.some((item) => item.id === id)) {
    lab.learn('visibleInList', lab.clock.now() - shownAtMs, 'TagResources, then a list by key', asked, list);
  }
  return true;
}

/** One key goes: nothing else may, not even a key that differs by case alone. */
async function probeRemoval(bench: Bench): Promise<void> {
  const { lab, id } = bench;
  const two = await tag(bench, KEYS.lower, KEYS.upper);
  const before = await readOne(lab, id);
  if (before === undefined || before === 'unknown') return;
  const hasBoth = two.ok && has(before, KEYS.lower) && has(before, KEYS.upper);
  const key = hasBoth ? KEYS.upper : KEYS.goes;
  const asked = await untag(bench, [key]);
  if (!asked.ok || !(await isGone(bench, key))) return;
  const after = await readOne(lab, id);
  if (after === undefined || after === 'unknown') return;
  const lost = before.tags.filter((one) => one.key !== key && !has(after, one.key));
  const byCase = lost.filter((one) => one.key.toLowerCase() === key.toLowerCase());
  lab.learn(
    'caseOfKeys',
    !two.ok ? 'refused' : hasBoth && byCase.length === 0 ? 'kept-apart' : 'one',
    'two keys that differ by case, one removed',
    two,
    asked,
  );
  lab.learn(
    'removesOnly',
    lost.length > byCase.length ? 'more' : 'asked',
    'UntagResources of one key',
    asked,
  );
  if (lost.length > 0) {
    lab.say({
      check: 'changes',
      status: 'failed',
      text: `a removal of ${key} took ${lost.map((one) => one.key).join(', ')} as well`,
      todo: 'Do not apply anything here: the canary would stop each run. Report this with the RequestId.',
      requestId: asked.requestId,
    });
  }
}

async function probeAbsentKey(bench: Bench): Promise<void> {
  if (!(await prepare(bench, KEYS.goes))) return;
  const asked = await untag(bench, [KEYS.goes, KEYS.absent]);
  const isDone = asked.ok && (await isGone(bench, KEYS.goes));
  bench.lab.learn(
    'absentKey',
    isDone ? 'accepted' : 'refused',
    'UntagResources of a key that is there and one that is not',
    asked,
  );
}

async function probeTokens(bench: Bench): Promise<void> {
  const { lab } = bench;
  if (!(await prepare(bench, KEYS.goes, KEYS.token))) return;
  const first = await untag(bench, [KEYS.goes], { token: 'token' });
  if (!first.ok || !(await isGone(bench, KEYS.goes))) return;
  const again = await untag(bench, [KEYS.goes], { token: 'token' });
  lab.learn('sameToken', again.ok ? 'accepted' : 'refused', 'one request twice', first, again);
  const parameters = {
    ResourceType: TYPE,
    ResourceId: [bench.id],
    TagKey: [KEYS.token],
    ClientToken: `${bench.run}-token-${KEYS.goes.slice(-24)}`.slice(-64),
  };
  const other = await lab.ask({ action: 'UntagResources', parameters });
  const word = !other.ok ? 'refused' : (await isGone(bench, KEYS.token)) ? 'done' : 'ignored';
  lab.learn('tokenReused', word, 'its token with another key', first, other);
}

async function probeMixedIds(bench: Bench): Promise<void> {
  const { lab, id } = bench;
  if (!(await prepare(bench, KEYS.mixed))) return;
  const invented = inventedId(TYPE);
  lab.lent.add(invented);
  const asked = await untag(bench, [KEYS.mixed], { ids: [id, invented] });
  if (asked.ok) return lab.learn('mixedIds', 'done', 'a real id beside an invented one', asked);
  const item = await readOne(lab, id);
  if (item === undefined || item === 'unknown') return;
  lab.learn(
    'mixedIds',
    has(item, KEYS.mixed) ? 'refused-whole' : 'refused-after-part',
    'a real id beside an invented one',
    asked,
  );
}

/** How much one request may hold, by keys that nobody has and ids that do not exist. */
async function probeSizes(bench: Bench): Promise<void> {
  const { lab } = bench;
  if (lab.known('absentKey') === 'accepted') {
    const twenty = await untag(bench, absentKeys(20));
    const more = await untag(bench, absentKeys(21));
    if (twenty.ok) lab.learn('keysPerCall', more.ok ? 21 : 20, '20 and 21 absent keys', twenty, more);
  }
  await probeIds(bench);
}

/** The key is there where an absent one would be refused for its own sake. */
async function probeIds(bench: Bench): Promise<void> {
  const { lab, id } = bench;
  const key = lab.known('absentKey') === 'accepted' ? KEYS.absent : KEYS.mixed;
  let most = 1;
  const seen: Asked[] = [];
  for (const size of [100, 50, 20, 10]) {
    if (key === KEYS.mixed && !(await prepare(bench, key))) return;
    const invented = Array.from({ length: size - 1 }, (_, n) => inventedId(TYPE, n));
    for (const one of invented) lab.lent.add(one);
    const asked = await untag(bench, [key], { ids: [id, ...invented], token: `ids${size}` });
    seen.push(asked);
    // A refusal for ids that do not exist says that so many may be named.
    if (!asked.ok && asked.error.kind !== 'gone') continue;
    most = size;
    break;
  }
  lab.learn('idsPerCall', most, '100 ids, and fewer', ...seen);
}

async function probeEnd(bench: Bench): Promise<void> {
  const { lab, id } = bench;
  if (!(await prepare(bench, KEYS.end))) return;
  const ended = await waitUntil(lab, id, ({ raw }) => ENDED.has(raw.Status));
  if (ended === undefined) return lab.learn('afterEnd', 'not-seen', 'the group did not end in time');
  const asked = await untag(bench, [KEYS.end]);
  lab.learn('afterEnd', asked.ok ? 'done' : 'refused', 'UntagResources on a group that has ended', asked);
}

/** All own tags go; what is left of the resource's tags shows how none arrives. */
async function probeLastTag(bench: Bench): Promise<void> {
  const { lab, id } = bench;
  const item = await readOne(lab, id);
  if (item === undefined || item === 'unknown') return;
  const keys = ownKeys(item);
  if (keys.length === 0) return;
  const asked = await untag(bench, keys.slice(0, 20));
  if (!asked.ok) return;
  const isSo = (one: RawItem) => ownKeys(one).length === 0;
  if ((await waitUntil(lab, id, isSo)) === undefined) return;
  const after = await readOne(lab, id);
  if (after === undefined || after === 'unknown') return;
  lab.learn(
    'lastTag',
    after.tags.length > 0 ? 'others-left' : after.form,
    'UntagResources of all own keys',
    asked,
  );
}
