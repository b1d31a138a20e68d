import type { AuditRecord } from '../../lib/audit/record.ts';
import type { Clock } from '../../lib/clock.ts';

import type { EciApi, ListQuery, Page, TagRequest, UntagRequest } from '../../lib/ports.ts';
import { type Resource, type ResourceRef, resourceKey, type TagKey } from '../../lib/resource.ts';
import type { SimulatedCloud } from './cloud.ts';
import {
  beginExecution,
  type Execution,
  type ExecutionStart,
  journalPairs,
  pairOf,
  statesOf,
} from './execution.ts';
import type { Intent } from './scenario.ts';

/** How old a reading may be when an undo first acts on it: its own rule, and the time until its turn comes. */
const OLDEST_READING_MS = 30_000 + 30_000;

/** The same where the request is tried again. */
const OLDEST_WHEN_RETRIED_MS = 30_000 + 90_000;

/** The most tags of one resource, by the API's pages. */
const MAX_TAGS = 20;

/** Watches every write that reaches the cloud, and knows by itself what may go and what may come back. */
export interface Oracle {
  /** The cloud as the run sees it. */
  readonly api: EciApi;
  /** Broken promises, one sentence each. */
  readonly faults: string[];
  /** From now on calls belong to this execution. */
  begin(start: ExecutionStart & { readonly undoOf?: string }): Execution;
  /** The tags that the execution that is at work wrote into its journal. */
  atWork(): readonly string[];
  /** What the journals of a run and of those under it announced last. */
  announcedBy(rootId: string): ReadonlyMap<string, string | undefined>;
  /** The tags that runs which began after a run asked to remove, and those that they took: their values are newer than the run's. */
  later(rootId: string): { readonly asked: ReadonlySet<string>; readonly taken: ReadonlySet<string> };
  /** The tags that a run, or one under it, asked to remove. */
  askedBy(rootId: string): ReadonlySet<string>;
}

/** What the log holds, and which journals it holds although their writer was told that they were not kept. */
export interface Book {
  readonly kept: readonly AuditRecord[];
  readonly unacknowledged: ReadonlySet<AuditRecord>;
}

export function createOracle(
  cloud: SimulatedCloud,
  { kept, unacknowledged }: Book,
  intent: Intent,
  clock: Pick<Clock, 'now'>,
): Oracle {
  const faults: string[] = [];
  const asked = new Map<string, Set<string>>();
  let execution: Execution = beginExecution(cloud, kept, { runId: '', kind: 'run' });
  let undoes: ReadonlyMap<string, string | undefined> = new Map();
  const touched = new Set<string>();
  /** Which run a removal belongs to, by the number of the call. */
  const rootOf = new Map<number, string>();
  /** What the execution asked to put back on each resource since it was read at that time. */
  const putBack = new Map<string, { readonly atMs: number; readonly keys: Set<TagKey> }>();
  const restores = new Set<string>();

  const announcedBy = (rootId: string): ReadonlyMap<string, string | undefined> => {
    // An attempt that came to its end knows which of its journals it went by.
    const ended = new Set(
      kept.flatMap((record) => (record.event_name === 'run_completed' ? [record.attempt_id] : [])),
    );
    const own = kept.filter(
      (record) =>
        record.event_name === 'removals_planned' &&
        (record.run_id === rootId || record.parent_run_id === rootId) &&
        !(unacknowledged.has(record) && ended.has(record.attempt_id)),
    );
    return new Map(own.flatMap((record) => [...journalPairs(record)]));
  };

  /** What the requests of each run really took, whatever it knows of it. */
  const takenByRoot = (): ReadonlyMap<string, ReadonlySet<string>> => {
    const taken = new Map<string, Set<string>>();
    for (const { call, name, key, after } of cloud.course) {
      const root = call === undefined ? undefined : rootOf.get(call);
      if (root === undefined || key === undefined || after !== undefined) continue;
      taken.set(root, (taken.get(root) ?? new Set()).add(pairOf(name, key)));
    }
    return taken;
  };

  const judgeRemoval = (ref: ResourceRef, key: TagKey): void => {
    const name = resourceKey(ref);
    const pair = pairOf(name, key);
    const value = execution.journal.get(pair);
    const isPlanned = execution.journal.has(pair);
    if (!(isPlanned ? wasMeant(name, key, value) : wasFree(name, key)))
      faults.push(`asked to remove ${pair}, neither planned nor free`);
    // What others set since the run began cannot be in its journal.
    const current = cloud.tagsOf(ref)?.get(key);
    if (current !== undefined && current === execution.before.get(name)?.get(key)) {
      if (!isPlanned) faults.push(`asked to remove ${pair} before it was in the journal`);
      else if (value !== undefined && value !== current)
        faults.push(`${pair} is in the journal with another value`);
    }
    judgeKnowledge(name, key, value);
  };
  const wasMeant = (name: string, key: TagKey, value: string | undefined): boolean =>
    statesOf(execution, name).some((tags) => {
      const held = tags.get(key);
      return held !== undefined && (value ?? held) === held && intent.removes(tags, key, held);
    });
  const wasFree = (name: string, key: TagKey): boolean =>
    statesOf(execution, name).some((tags) => intent.isFree(tags, key));

  /** What the run was shown last must not speak against what it asks for. */
  const judgeKnowledge = (name: string, key: TagKey, value: string | undefined): void => {
    // A run looks at what it plans while it reads the inventory; from its journal on, it looks again.
    const isAgain = execution.kind === 'saved' || execution.journal.size > 0;
    const last = isAgain ? execution.seen.get(name) : undefined;
    const shown = last?.tags.get(key);
    if (last === undefined || shown === undefined) return;
    if (value !== undefined && shown !== value)
      faults.push(`asked to remove ${pairOf(name, key)} although it had seen it changed`);
    if (execution.kind !== 'saved' || touched.has(name) || intent.removes(last.tags, key, shown)) return;
    faults.push(`asked to remove ${pairOf(name, key)} although its policy keeps it by what was read`);
  };

  const judgeRestore = (ref: ResourceRef, key: TagKey, value: string, isRetry: boolean): void => {
    const name = resourceKey(ref);
    const pair = pairOf(name, key);
    const mayPut = execution.kind === 'undo' ? undoes.get(pair) === value : mayGiveBack(name, key, value);
    if (!mayPut) faults.push(`puts back ${pair}, which the run did not remove so`);
    if (execution.restores.get(pair) !== value) faults.push(`puts back ${pair} before it is in the journal`);
    const last = execution.seen.get(name);
    if (last === undefined) return void faults.push(`puts back ${pair} without having looked`);
    const shown = last.tags.get(key);
    if (shown !== undefined && shown !== value) faults.push(`would overwrite ${pair}, which it had seen`);
    if (clock.now() - last.atMs > (isRetry ? OLDEST_WHEN_RETRIED_MS : OLDEST_READING_MS))
      faults.push(`puts back ${pair} by a reading that is too old`);
  };

  /**
   * A run gives back what it was not to take: a kept tag, with the value it had, that went from a resource which its
   * requests touched, and only where all that such a resource keeps is gone, as if the service had taken it. That others
   * do the same by chance cannot be told from it; to move a pod it must have happened to two resources.
   */
  const mayGiveBack = (name: string, key: TagKey, value: string): boolean => {
    const states = statesOf(execution, name);
    const wasLost =
      states.some((tags) => tags.get(key) === value) && states.some((tags) => tags.get(key) === undefined);
    const stripped = [...touched].filter(isStripped);
    if (wasLost && wasTakenBeside(name, key)) return true;
    return (
      wasLost &&
      !execution.journal.has(pairOf(name, key)) &&
      stripped.includes(name) &&
      !key.startsWith('acs:') &&
      (key !== 'PodName' || stripped.length > 1)
    );
  };
  /** Whether a request of the execution took a tag that it did not name. */
  const wasTakenBeside = (name: string, key: TagKey): boolean =>
    execution
      .events()
      .some(
        (event) =>
          event.name === name &&
          event.key === key &&
          event.after === undefined &&
          event.call !== undefined &&
          cloud.calls[event.call]!.keys?.includes(key) === false,
      );
  const isStripped = (name: string): boolean =>
    statesOf(execution, name).some((tags) =>
      [...tags.keys()].every((key) => key.startsWith('acs:') || execution.journal.has(pairOf(name, key))),
    );

  /** A resource must have room for what is put back on it, by what was read and put back since. */
  const judgeRoom = (ref: ResourceRef, keys: readonly TagKey[]): void => {
    const name = resourceKey(ref);
    const last = execution.seen.get(name);
    if (last === undefined) return;
    const added = putBack.get(name)?.atMs === last.atMs ? putBack.get(name)!.keys : new Set<TagKey>();
    for (const key of keys) if (!last.tags.has(key)) added.add(key);
    putBack.set(name, { atMs: last.atMs, keys: added });
    const total = last.tags.size + added.size;
    if (total > MAX_TAGS) faults.push(`would put ${total} tags on ${name}`);
  };

  const noteReading = (query: ListQuery, page: Page<Resource>): void => {
    const atMs = clock.now();
    for (const one of page.items) {
      const tags = new Map((one.tags ?? []).map((tag) => [tag.key, tag.value]));
      execution.seen.set(resourceKey(one), { atMs, tags });
    }
    if (page.nextToken !== undefined || query.nextToken !== undefined) return;
    const there = new Set(page.items.map((one) => one.id));
    for (const id of query.ids ?? []) {
      if (!there.has(id)) execution.seen.set(resourceKey({ ...query, id }), { atMs, tags: new Map() });
    }
  };

  const api: EciApi = {
    ...cloud.api,
    listResources: async (query) => {
      const page = await cloud.api.listResources(query);
      noteReading(query, page);
      return page;
    },
    untagResources: async (request: UntagRequest) => {
      const { region, type, ids, keys } = request;
      if (keys.length === 0 || ids.length === 0) faults.push('a request without keys or resources');
      execution.sync();
      for (const id of ids) {
        for (const key of keys) {
          judgeRemoval({ region, type, id }, key);
          const pair = pairOf(resourceKey({ region, type, id }), key);
          // A free key is named without being announced: its run has nothing to give back of it.
          if (!execution.journal.has(pair)) continue;
          for (const root of [execution.runId, execution.rootId]) asked.get(root)?.add(pair);
        }
      }
      for (const id of ids) touched.add(resourceKey({ region, type, id }));
      rootOf.set(cloud.calls.length, execution.rootId);
      return await cloud.api.untagResources(request);
    },
    tagResources: async (request: TagRequest) => {
      const { region, type, ids, tags } = request;
      execution.sync();
      const answer = cloud.api.tagResources(request);
      const name = JSON.stringify([region, type, ids, tags]);
      const isRetry = restores.has(name);
      restores.add(name);
      const keys = tags.map(({ key }) => key);
      for (const id of ids) {
        for (const { key, value } of tags) judgeRestore({ region, type, id }, key, value, isRetry);
        judgeRoom({ region, type, id }, keys);
      }
      return await answer;
    },
  };
  return {
    api,
    faults,
    begin({ undoOf, ...start }) {
      execution = beginExecution(cloud, kept, start);
      touched.clear();
      putBack.clear();
      restores.clear();
      undoes = undoOf === undefined ? new Map() : announcedBy(undoOf);
      for (const root of [execution.runId, execution.rootId]) {
        if (!asked.has(root)) asked.set(root, new Set());
      }
      return execution;
    },
    atWork: () => [...execution.journal.keys()],
    announcedBy,
    later: (rootId) => {
      const begun = new Map<string, string>();
      for (const record of kept) {
        if (record.event_name !== 'run_started' || record.undo_of !== undefined) continue;
        const root = record.parent_run_id ?? record.run_id;
        if (!begun.has(root) || record.event_time < begun.get(root)!) begun.set(root, record.event_time);
      }
      const own = begun.get(rootId) ?? '';
      const roots = [...begun].filter(([root, time]) => root !== rootId && time > own).map(([root]) => root);
      const those = (of: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> =>
        new Set(
          roots.flatMap((root) => [...announcedBy(root).keys()].filter((pair) => of.get(root)?.has(pair))),
        );
      return { asked: those(asked), taken: those(takenByRoot()) };
    },
    askedBy: (rootId) => asked.get(rootId) ?? new Set(),
  };
}
