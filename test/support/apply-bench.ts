import { createBystanders } from '../../lib/apply/bystanders.ts';
import type { ApplyContext } from '../../lib/apply/context.ts';
import { createFinalRows } from '../../lib/apply/final-rows.ts';
import { createFreshness } from '../../lib/apply/freshness.ts';
import { createGate } from '../../lib/apply/gate.ts';
import { createRemoving, type RemovingOptions } from '../../lib/apply/removing.ts';
import type { BatchFact, JournalEntry } from '../../lib/audit/facts.ts';
import { createBook } from '../../lib/change/book.ts';
import { createChangeTable } from '../../lib/change/table.ts';
import type { EciError } from '../../lib/errors.ts';
import type { Removal } from '../../lib/plan/types.ts';
import type { UntagRequest } from '../../lib/ports.ts';
import { createReader } from '../../lib/proof/reader.ts';
import { createWitness } from '../../lib/proof/witness.ts';
import { createBrake } from '../../lib/report/halt.ts';
import { compareText, type Resource } from '../../lib/resource.ts';
import { type FakeEci, fakeEci } from './fake-eci.ts';
import { aResource } from './resources.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';

/** How old a reading may be on the bench, milliseconds: longer than anything there takes. */
export const BENCH_READING_AGE_MS = 10 * 60_000;

/** What goes otherwise than well on the bench. */
export interface BenchOptions {
  /** What is there; left out: what the removals name, with their values. */
  readonly resources?: readonly Resource[];
  /** Asked before a request is done: an error is the answer, and nothing is done. */
  readonly refuse?: (request: UntagRequest, number: number) => EciError | undefined;
  /** Asked before a request is done: an error is the answer, and it is done all the same. */
  readonly lose?: (request: UntagRequest, number: number) => EciError | undefined;
  /** Asked before each list call with its number from 0; what it throws is the answer. */
  readonly onList?: (number: number) => void;
  /** How long an untag call takes; default 10 ms. */
  readonly callMs?: number;
  /** Milliseconds from the start in which work may be done; default: no end. */
  readonly timeMs?: number;
  /** How long ago the resources were read; default just now. */
  readonly ageMs?: number;
  /** List calls in flight; default 4. */
  readonly listsAtOnce?: number;
  /** Whether the journal holds every tag already; default true. */
  readonly journaled?: boolean;
  readonly context?: Partial<ApplyContext & RemovingOptions>;
  /** Called for each group of entries before the journal takes it; what it throws refuses them. */
  readonly onJournal?: (entries: readonly JournalEntry[]) => void;
}

/** An executor on a bench: a real gate and a real book, a cloud in memory, a clock that moves when told. */
export interface ApplyBench {
  readonly context: ApplyContext;
  readonly eci: FakeEci;
  readonly clock: VirtualClock;
  /** Untag requests that passed the gate, in order. */
  readonly requests: readonly UntagRequest[];
  /** One text per event, in order: `journal`, `untag`, `list`. */
  readonly course: readonly string[];
  readonly journal: readonly (readonly JournalEntry[])[];
  readonly facts: readonly Omit<BatchFact, 'index' | 'attempt' | 'apiName'>[];
  /** The end of each planned tag, as `id key: end`. */
  ends(): readonly string[];
}

export function anApplyBench(removals: readonly Removal[], options: BenchOptions = {}): ApplyBench {
  const clock = virtualClock();
  const endsAtMs = clock.now() + (options.timeMs ?? Number.POSITIVE_INFINITY);
  const course: string[] = [];
  const requests: UntagRequest[] = [];
  const journal: (readonly JournalEntry[])[] = [];
  const facts: ApplyBench['facts'][number][] = [];
  let lists = 0;
  const eci = fakeEci({
    resources: options.resources ?? removals.map(asResource),
    onCall: ({ api }) => {
      if (!api.startsWith('Describe')) return;
      course.push('list');
      options.onList?.(lists++);
    },
  });
  const book = options.context?.book ?? createBook(createChangeTable(removals));
  if (options.journaled !== false)
    book.noteJournaled(Array.from({ length: book.planned }, (_, slot) => slot));
  const untagResources = async (request: UntagRequest) => {
    course.push(`untag ${request.ids.join('+')} ${request.keys.join('+')}`);
    requests.push(request);
    await clock.sleep(options.callMs ?? 10);
    const refusal = options.refuse?.(request, requests.length - 1);
    if (refusal !== undefined) throw refusal;
    const loss = options.lose?.(request, requests.length - 1);
    const receipt = await eci.untagResources(request);
    if (loss !== undefined) throw loss;
    return receipt;
  };
  const {
    isFree = () => false,
    removableNow,
    maxFailures = 1000,
    readingAgeMs,
    ...rest
  } = options.context ?? {};
  const direction = createRemoving({
    book,
    isFree,
    removableNow: removableNow ?? ((live) => new Set((live.tags ?? []).map((tag) => tag.key))),
    maxFailures,
    readingAgeMs: readingAgeMs ?? BENCH_READING_AGE_MS,
  });
  const read = createReader(eci, options.listsAtOnce ?? 4);
  const context: ApplyContext = {
    book,
    direction,
    gate: createGate({
      eci: { untagResources, tagResources: eci.tagResources },
      book,
      isFree,
      unprotected: [],
      execution: 'run-1',
    }),
    read,
    freshness: createFreshness({
      book,
      read,
      clock,
      maxAgeMs: direction.readingAgeMs,
      readAtMs: new Float64Array(removals.length).fill(clock.now() - (options.ageMs ?? 0)),
    }),
    seen: options.resources ?? removals.map(asResource),
    bystanders: createBystanders(book, [], new Set()),
    witness: createWitness(eci),
    final: createFinalRows(book.table, options.resources ?? []),
    isProvisional: false,
    journal: {
      plan: async (entries) => {
        course.push(`journal ${entries.map((entry) => entry.id).join('+')}`);
        options.onJournal?.(entries);
        journal.push(entries);
      },
      batch: async (fact) => {
        facts.push(fact);
      },
    },
    clock,
    time: {
      leftMs: () => Math.max(0, endsAtMs - clock.now()),
      mayStart: () => clock.now() < endsAtMs,
    },
    brake: createBrake(),
    ...rest,
  };
  return {
    context,
    eci,
    clock,
    requests,
    course,
    journal,
    facts,
    ends: () =>
      removals.flatMap((removal, position) =>
        removal.tags.map(
          ({ key }, at) =>
            `${removal.id} ${key}: ${book.endOf(book.table.firstSlot(position) + at) ?? 'open'}`,
        ),
      ),
  };
}

/** The resource as the plan saw it: with the planned tags, and nothing else. */
export function asResource(removal: Removal): Resource {
  const tags = [...removal.tags].sort((a, b) => compareText(a.key, b.key));
  return aResource({
    region: removal.region,
    type: removal.type,
    id: removal.id,
    tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
  });
}
