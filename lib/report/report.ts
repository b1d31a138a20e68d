import * as z from 'zod';
import { TAG_ENDS, type TagEnd } from '../change/ends.ts';
import { STOP_CODES } from '../codes.ts';
import type { Mode } from '../policy/policy.ts';
import { RESOURCE_TYPES, type ResourceType } from '../resource.ts';

/**
 * The report of a run, described once: its types, its reader, its JSON Schema, its page in the documentation and the
 * fields of its record derive from `reportSchema`.
 */

/** The field of `run_completed` that a part of the report is written to; what has none is in the report alone. */
export const recordFields = z.registry<{ readonly field: string }>();

export { TAG_ENDS, type TagEnd };

const END_MEANINGS: Readonly<Record<TagEnd, string>> = {
  removed: 'Tags that this run removed. An undo has none.',
  absent: 'Gone before we came. In an undo: there as it was, or never removed.',
  stale:
    'Kept, since the value, or what the policy says of it, changed after the plan was made. In an undo: there again with another value.',
  vanished: 'The resource is gone.',
  ended: 'The resource is in a final status and takes no tag changes; no failure.',
  failed: 'Could not be removed; in an undo, could not be put back.',
  notReached: 'Time or budget ended first.',
};

/** An end as it is written within a sentence: `not reached`. */
export function endInWords(end: TagEnd): string {
  return end.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A part that says what it is and, given `field`, where its record has it. */
function told<T extends z.ZodType>(schema: T, text: string, field?: string): T {
  const part = schema.describe(text);
  if (field !== undefined) recordFields.add(part, { field });
  return part;
}

const text = (says: string, field?: string) => told(z.string(), says, field);
const count = (says: string, field?: string) => told(z.number(), says, field);
/** A count that came later: the answer of an older function has none of it. */
const newCount = (says: string, field?: string) => told(z.number().default(0), says, field);
const cut = (says: string) => count(says).exactOptional();

const region = z.string();
const resourceType: z.ZodType<ResourceType> = z.enum(RESOURCE_TYPES);
const resource = { region, resourceType, resourceId: z.string() };

const failure = z.object({
  ...resource,
  keys: z.array(z.string()),
  code: z.string(),
  message: z.string(),
  requestId: z.string().exactOptional(),
});

const skippedPlace = z.object({
  region,
  resourceType: resourceType.exactOptional(),
  code: text("The cloud's code for its refusal."),
  why: text('One sentence.'),
});

const leftTag = z.object({ ...resource, key: z.string(), why: text('One sentence.') });

const undoAccount = z.object({
  of: text('The run whose removals are put back.'),
  restorable: count('Tags that could be put back when the resources were read.'),
  left: told(z.array(leftTag), 'The tags that were not put back, with why; at most 1000.'),
  leftCut: cut('Tags that `left` leaves out.'),
});

const endCounts = Object.fromEntries(
  TAG_ENDS.map((end): readonly [TagEnd, z.ZodType<number>] => {
    const field = `tags_${endInWords(end).replace(' ', '_')}`;
    return [end, (end === 'ended' ? newCount : count)(END_MEANINGS[end], field)];
  }),
) as Record<TagEnd, z.ZodType<number>>;

/** What a run did: returned by the handler, printed with `--json`, and carried by `run_completed`. */
export const reportSchema = z
  .object({
    runId: text('The execution.', 'run_id'),
    parentRunId: told(
      z.string().nullable(),
      'The run that it belongs to, as a region of a fan-out or a continuation does.',
      'parent_run_id',
    ),
    policy: z.object({
      name: text('The policy.', 'policy_name'),
      digest: text('The digest of its document.', 'config_hash'),
    }),
    trigger: z.object({
      type: told(
        z.enum(['timer', 'manual', 'event', 'continuation', 'cli']),
        'What started it.',
        'trigger_type',
      ),
      name: text('Which one of those.', 'trigger_name'),
    }),
    mode: told(
      z.enum(['dry-run', 'apply']),
      '`dry-run` changes nothing. In the record: `dry_run`.',
    ) satisfies z.ZodType<Mode>,
    outcome: told(
      z.enum(['success', 'partial', 'failure', 'refused']),
      '`partial`: some tags are left, for which another run may do. `failure`: something must be looked at before the next run. `refused`: nothing was changed.',
      'outcome',
    ),
    reason: text('One sentence; empty where the outcome says all.', 'reason'),
    code: told(
      // An answer may come from a newer function, which knows more of them.
      z.enum(STOP_CODES).catch('UNKNOWN').exactOptional(),
      'Why the outcome is what it is, for callers to switch on, such as `LIMIT_EXCEEDED` or `TIME`; what the function throws begins with it.',
      'stop_code',
    ),
    planDigest: told(
      z.string().nullable(),
      'What `planDigest` of a request is compared with.',
      'plan_digest',
    ),
    startedAt: text('ISO 8601, UTC.', 'start_time'),
    endedAt: text('ISO 8601, UTC.', 'end_time'),
    durationMs: count('Milliseconds.', 'duration_ms'),
    resources: z.object({
      seen: count('Resources seen in scope.', 'resources_scanned'),
      selected: count('Those with a tag to remove.', 'resources_matched'),
      changed: count('Those that lost a tag, or got one back.', 'resources_changed'),
      failed: count('Those with a tag that failed.', 'resources_failed'),
    }),
    unseen: newCount('Resources whose tags could not be seen.', 'resources_unseen'),
    skipped: told(
      z.array(skippedPlace).default([]),
      'Places that the account may not use, and that the scope did not name: a region, or one type in it.',
      'places_skipped',
    ),
    tags: z.object({
      planned: count(
        'Resource and key pairs; always the sum of all ends. A dry run has nothing else.',
        'tags_planned',
      ),
      ...endCounts,
      restored: count('What an undo put back.', 'tags_restored').exactOptional(),
    }),
    noticed: newCount(
      'Tags that the policy takes, and that stay since their notice is not over, or not given yet.',
      'tags_noticed',
    ),
    notices: told(
      z
        .object({
          given: count('Tags that this run announced.', 'notices_given'),
          withdrawn: count('Notices of tags that do not go any more.', 'notices_withdrawn'),
          untold: count(
            'Tags that could not be announced, since a message was not delivered or not recorded; their grace has not begun.',
            'notices_untold',
          ),
        })
        .default({ given: 0, withdrawn: 0, untold: 0 }),
      'What became of notices.',
    ),
    calls: z.object({
      list: count('Requests that read, each try counted.', 'api_calls_list'),
      untag: count('Requests that remove.', 'api_calls_untag'),
      tag: newCount('Requests that put back.', 'api_calls_tag'),
      retries: count('Of all these, tries after the first.', 'api_retries'),
      throttled: count('Tries that a quota refused.', 'api_throttled'),
      untagLowerBound: count('How few requests would have removed the plan.', 'batches_lower_bound'),
    }),
    removedByKey: told(
      z.record(z.string(), z.number()),
      'At most 1000 keys, those with the most removals; in an undo, what was put back, which its record has in `tags_restored_by_key`.',
      'tags_removed_by_key',
    ),
    removedByKeyCut: cut('Keys that `removedByKey` leaves out.'),
    failures: told(
      z.array(failure),
      'Tags that one cause kept from being removed, on one resource; at most 100.',
      'failures',
    ),
    failuresCut: cut('Failures that `failures` leaves out.'),
    proof: z.object({
      verified: told(
        z.boolean(),
        'Read again after the run, and every difference accounted for.',
        'proof_verified',
      ),
      foreign: count(
        'Differences that the plan does not name and our requests cannot have caused.',
        'proof_foreign',
      ),
      lost: newCount('Kept tags that are gone from resources that a request touched.', 'proof_lost'),
      unread: newCount('Resources that could not be seen again.', 'proof_unread'),
      unexplained: count('Any other difference.', 'proof_unexplained'),
      differences: told(
        z.array(z.string()),
        'The unexplained tags, at most 100: `region/type/id key`.',
      ).exactOptional(),
    }),
    audit: told(
      z
        .union([
          z.object({ records: z.number(), project: z.string(), logstore: z.string() }),
          z.object({ records: z.number(), file: z.string() }),
        ])
        .nullable(),
      'Where its records are, and how many; null: nowhere.',
    ),
    children: told(
      z.array(z.object({ region, runId: z.string() })),
      'The runs that it started, one a region.',
      'children',
    ),
    continuation: told(
      z.object({ taskId: z.string(), hop: z.number() }).nullable(),
      'The invocation that goes on.',
      'continuation',
    ),
    warnings: told(
      z.array(z.string()),
      'What the reader should know although nothing failed, such as an exemption that ends soon.',
      'warnings',
    ),
    undo: told(undoAccount, 'What an undo says beside its counts.').exactOptional(),
  })
  .describe('What a run of tagsweep did.');

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

export type Report = Frozen<z.output<typeof reportSchema>>;
export type Outcome = Report['outcome'];
export type Trigger = Report['trigger'];
export type CallCounts = Omit<Report['calls'], 'untagLowerBound'>;
/** Tags that one cause kept from being removed, on one resource. */
export type Failure = Report['failures'][number];
/** A place that the account may not use, and that the scope did not name. */
export type SkippedPlace = Report['skipped'][number];
/** The accounting for every difference between before and after. */
export type Proof = Report['proof'];
/** What the accounting says where nothing was read again. */
export const NOTHING_PROVED: Proof = { verified: false, foreign: 0, lost: 0, unread: 0, unexplained: 0 };
/** What became of notices in a run. */
export type NoticeCounts = Report['notices'];
/** No notice was given, withdrawn or kept back. */
export const NO_NOTICE_COUNTS: NoticeCounts = { given: 0, withdrawn: 0, untold: 0 };
export type Audit = NonNullable<Report['audit']>;
export type Child = Report['children'][number];
export type Continuation = NonNullable<Report['continuation']>;
/** What an undo says beside its counts. */
export type UndoAccount = NonNullable<Report['undo']>;
