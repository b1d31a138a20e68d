import type { AuditRecord } from '../../lib/audit/record.ts';
import type { TagKey } from '../../lib/resource.ts';
import type { CloudCall, SimulatedCloud } from './cloud.ts';
import type { CourseEvent, State, Tags } from './tag-store.ts';

/** One execution of a run or an undo, from where its story begins to where it is told. */
export interface Execution {
  readonly runId: string;
  /** The run that it belongs to; its own id where it belongs to none. */
  readonly rootId: string;
  readonly kind: 'run' | 'saved' | 'undo';
  /** Everything as it was when the plan was begun, or the undo. */
  readonly before: State;
  /** What it wrote into the journal up to now; `undefined` where the value was not kept. */
  readonly journal: ReadonlyMap<string, string | undefined>;
  /** What it announced to put back. */
  readonly restores: ReadonlyMap<string, string | undefined>;
  /** What the last answer that it got said of each resource. */
  readonly seen: Map<string, { readonly atMs: number; readonly tags: Tags }>;
  /** All calls that it made. */
  calls(): readonly CloudCall[];
  /** All that happened since its story began. */
  events(): readonly CourseEvent[];
  /** What others did of that; a process that was killed before counts as another. */
  foreign(): readonly CourseEvent[];
  /** Reads what was added to the journal. */
  sync(): void;
}

/** How a tag of one resource is named here. */
export function pairOf(name: string, key: TagKey): string {
  return `${name} ${key}`;
}

export interface ExecutionStart {
  readonly runId: string;
  readonly rootId?: string;
  readonly kind: Execution['kind'];
  /** Where the story begins: left out, now. For a saved plan it is when the plan was made. */
  readonly mark?: Mark;
}

/** A point in the course of events. */
export interface Mark {
  readonly event: number;
  readonly before: State;
}

export function markNow(cloud: SimulatedCloud): Mark {
  return { event: cloud.course.length, before: cloud.state() };
}

export function beginExecution(
  cloud: SimulatedCloud,
  kept: readonly AuditRecord[],
  start: ExecutionStart,
): Execution {
  const { event, before } = start.mark ?? markNow(cloud);
  const firstCall = cloud.calls.length;
  const restores = new Map<string, string | undefined>();
  const journal = start.kind === 'undo' ? restores : new Map<string, string | undefined>();
  let next = kept.length;
  return {
    runId: start.runId,
    rootId: start.rootId ?? start.runId,
    kind: start.kind,
    before,
    journal,
    restores,
    seen: new Map(),
    calls: () => cloud.calls.slice(firstCall),
    events: () => cloud.course.slice(event),
    foreign: () => cloud.course.slice(event).filter(({ call }) => call === undefined || call < firstCall),
    sync() {
      for (; next < kept.length; next++) {
        const record = kept[next]!;
        if (record.run_id !== start.runId) continue;
        const announced = { removals_planned: journal, restores_planned: restores }[
          record.event_name as string
        ];
        for (const [pair, value] of announced === undefined ? [] : journalPairs(record))
          announced?.set(pair, value);
      }
    },
  };
}

/** The tags that one journal record names, read without any help of the code under test. */
export function* journalPairs(record: AuditRecord): Generator<readonly [string, string | undefined]> {
  const items = JSON.parse(record.resources ?? '[]') as {
    id: string;
    tags?: Record<string, string>;
    keys?: string[];
  }[];
  for (const { id, tags, keys } of items) {
    const name = `${record.region}/${record.resource_type}/${id}`;
    for (const [key, value] of Object.entries(tags ?? {})) yield [pairOf(name, key), value];
    for (const key of keys ?? []) yield [pairOf(name, key), undefined];
  }
}

/** What one resource was like, at any time in an execution's story; nothing while it did not exist. */
export function statesOf(execution: Execution, name: string): readonly Tags[] {
  const first = execution.before.get(name);
  return [
    ...(first === undefined ? [] : [first]),
    ...execution
      .events()
      .filter((event) => event.name === name && event.what !== 'destroyed')
      .map((event) => event.tags),
  ];
}
