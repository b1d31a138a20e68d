import type { Limits, Policy } from '../../lib/policy/policy.ts';
import type { Report } from '../../lib/report/report.ts';
import { TAG_ENDS } from '../../lib/report/report.ts';
import type { CloudCall } from './cloud.ts';
import type { Intent } from './scenario.ts';
import type { State } from './tag-store.ts';

/** Calls a minute and region, by the published page; those that are not published by a low guess. */
const QUOTA: Readonly<Record<string, number>> = {
  UntagResources: 1000,
  TagResources: 1000,
  ListTagResources: 1000,
  DescribeContainerGroups: 2000,
  DescribeContainerGroupStatus: 10_000,
  DescribeRegions: 10_000,
};
const LOW_GUESS = 200;
const MINUTE_MS = 60_000;

/** The most calls of one API to one region in a minute. */
export function mostCalls(api: string, share: number): number {
  return Math.max(1, Math.floor((QUOTA[api] ?? LOW_GUESS) * share));
}

/** In no sliding minute more calls of one API to one region than the share allows. */
export function checkPace(calls: readonly CloudCall[], share: number): readonly string[] {
  const groups = new Map<string, CloudCall[]>();
  for (const call of calls) {
    const name = `${call.api} ${call.region}`;
    const own = groups.get(name);
    if (own === undefined) groups.set(name, [call]);
    else own.push(call);
  }
  return [...groups].flatMap(([name, own]) => {
    const most = mostCalls(own[0]!.api, share);
    const over = own.some((call, at) => at >= most && call.atMs - own[at - most]!.atMs < MINUTE_MS);
    return over ? [`more than ${most} calls of ${name} in 60 s`] : [];
  });
}

/** Once the cloud refuses the account, nobody asks it again. */
export function checkFatal(calls: readonly CloudCall[]): readonly string[] {
  const refusal = calls.find((call) => call.answer === 'fatal');
  if (refusal === undefined) return [];
  const late = calls.filter((call) => call.atMs > refusal.answeredAtMs!);
  return late.length === 0 ? [] : [`${late.length} calls after the account was refused`];
}

/** A dry run writes nothing. */
export function checkDry(calls: readonly CloudCall[]): readonly string[] {
  return calls.some(isWrite) ? ['a dry run wrote'] : [];
}

/** No more resources and tags are asked for than the limits allow. */
export function checkReach(
  calls: readonly CloudCall[],
  planned: ReadonlySet<string>,
  limits: Pick<Limits, 'maxResources' | 'maxTags'>,
): readonly string[] {
  const resources = new Set<string>();
  const tags = new Set<string>();
  for (const call of calls) {
    if (call.api !== 'UntagResources') continue;
    for (const id of call.ids ?? []) {
      const name = nameOf(call, id);
      resources.add(name);
      for (const key of call.keys ?? []) if (planned.has(`${name} ${key}`)) tags.add(`${name} ${key}`);
    }
  }
  const broken: string[] = [];
  if (resources.size > limits.maxResources)
    broken.push(`${resources.size} resources touched, above the limit`);
  if (tags.size > limits.maxTags) broken.push(`${tags.size} tags asked for, above the limit`);
  return broken;
}

/** The first wave is small, and each of its resources is read before any other is touched. */
export function checkCanary(calls: readonly CloudCall[], canary: number): readonly string[] {
  if (canary === 0) return [];
  const answered = new Map<string, CloudCall>();
  const asked = new Map<string, CloudCall>();
  for (const call of calls.filter(({ api }) => api === 'UntagResources')) {
    const own = (call.ids ?? []).map((id) => nameOf(call, id));
    if (new Set([...asked.keys(), ...own]).size > canary) {
      if (asked.size === 0) return [`the first request names ${own.length} resources, not ${canary}`];
      const unread = [...answered].find(([name, answer]) => !wasRead(calls, name, answer, call));
      return unread === undefined ? [] : [`the canary ${unread[0]} was not read before the next wave`];
    }
    // What was read after it had been asked for is proved, and may be asked for again by any wave.
    const unproved = own.filter((name) => !asked.has(name) || !wasRead(calls, name, asked.get(name)!, call));
    for (const name of unproved) {
      asked.set(name, call);
      if (call.answer === 'ok' && !answered.has(name)) answered.set(name, call);
    }
  }
  return [];
}

function wasRead(calls: readonly CloudCall[], name: string, after: CloudCall, before: CloudCall): boolean {
  return calls.some(
    (call) =>
      call.api.startsWith('Describe') &&
      call.answer === 'ok' &&
      call.atMs >= after.answeredAtMs! &&
      call.answeredAtMs! <= before.atMs &&
      name.startsWith(`${call.region}/${call.type}/`) &&
      (call.ids === undefined || call.ids.some((id) => nameOf(call, id) === name)),
  );
}

/** Once more tags failed than the budget allows, only what is in flight may fail as well. */
export function checkBudget(report: Report, policy: Policy, regions: number): readonly string[] {
  const { maxFailures } = policy.limits;
  // What the proof takes back failed when nothing was left to stop: every request had been answered.
  const isLate = report.code !== 'CANARY';
  const late = report.failures.filter(({ code }) => isLate && code === 'NotRemoved');
  const failed = report.tags.failed - late.reduce((sum, { keys }) => sum + keys.length, 0);
  if (failed <= maxFailures) return [];
  if (report.code === undefined)
    return [`${failed} tags failed, and nothing stopped the run at ${maxFailures}`];
  const inFlight = regions * policy.pace.concurrency * policy.batch.resources * policy.batch.keys;
  return failed <= maxFailures + inFlight
    ? []
    : [`${failed} tags failed before the run stopped at ${maxFailures}`];
}

/** Whether a plan of these tags must be refused. */
export function isAboveLimits(
  before: State,
  planned: readonly { readonly name: string }[],
  limits: Limits,
): boolean {
  const resources = new Set(planned.map((tag) => tag.name)).size;
  const isAbovePercent =
    (before.size >= 20 || limits.maxPercent === 0) && resources * 100 > limits.maxPercent * before.size;
  return resources > limits.maxResources || planned.length > limits.maxTags || isAbovePercent;
}

/** What a report says of itself must hold together. */
export function checkReport(report: Report, calls: readonly CloudCall[]): readonly string[] {
  const broken: string[] = [];
  const { tags, proof, outcome, code } = report;
  const sum = TAG_ENDS.reduce((total, end) => total + tags[end], tags.restored ?? 0);
  if (sum !== (report.mode === 'dry-run' ? 0 : tags.planned))
    broken.push(`the report does not balance: ${JSON.stringify(tags)}`);
  const isDone = tags.failed + tags.notReached + proof.unexplained === 0 && code === undefined;
  if (outcome === 'success' && !isDone) broken.push('a success that left something');
  if (proof.unexplained > 0 && outcome !== 'failure') broken.push('something unexplained, and no failure');
  if ((proof.differences ?? []).length !== Math.min(100, proof.unexplained))
    broken.push(`${proof.unexplained} unexplained, and ${proof.differences?.length ?? 0} named`);
  if (proof.verified && proof.unexplained > 0) broken.push('verified, and something unexplained');
  const byKey = Object.values(report.removedByKey).reduce((all, count) => all + count, 0);
  if (byKey !== tags.removed + (tags.restored ?? 0)) broken.push('the counts by key are not those of all');
  const untag = calls.filter((call) => call.api === 'UntagResources').length;
  const list = calls.filter((call) => !isWrite(call)).length;
  if (report.calls.untag !== untag) broken.push(`${untag} removals sent, and ${report.calls.untag} told`);
  if (report.calls.list !== list) broken.push(`${list} readings sent, and ${report.calls.list} told`);
  return broken;
}

/** The tags that a policy means to take, said by the intent. */
export function meantBy(
  intent: Intent,
  state: State,
): readonly { readonly name: string; readonly key: string; readonly value: string }[] {
  return [...state].flatMap(([name, tags]) =>
    [...tags]
      .filter(([key, value]) => intent.removes(tags, key, value))
      .map(([key, value]) => ({ name, key, value })),
  );
}

export function checkSame(expected: State, actual: State): readonly string[] {
  const text = (tags: ReadonlyMap<string, string> | undefined): string =>
    JSON.stringify([...(tags ?? [])].sort());
  return [...expected].flatMap(([name, tags]) =>
    text(tags) === text(actual.get(name)) ? [] : [`${name} is ${text(actual.get(name))}, not ${text(tags)}`],
  );
}

/** Everything as it was, but for certain tags. */
export function without(
  state: State,
  gone: readonly { readonly name: string; readonly key: string }[],
): State {
  const next = new Map([...state].map(([name, tags]) => [name, new Map(tags)]));
  for (const { name, key } of gone) next.get(name)?.delete(key);
  return next;
}

function isWrite(call: CloudCall): boolean {
  return call.api === 'UntagResources' || call.api === 'TagResources';
}

function nameOf(call: CloudCall, id: string): string {
  return `${call.region}/${call.type}/${id}`;
}
