import * as z from 'zod';
import { type Report, TAG_ENDS } from '../lib/report/report.ts';
import { RESOURCE_TYPES } from '../lib/resource.ts';

const text = z.string();
const count = z.number();
const resource = { region: text, resourceType: z.enum(RESOURCE_TYPES), resourceId: text };

/** The parts of a report that are shown; what a newer function adds is let be. */
const reportSchema = z.looseObject({
  runId: text,
  policy: z.looseObject({ name: text, digest: text }),
  trigger: z.looseObject({
    type: z.enum(['timer', 'manual', 'event', 'continuation', 'cli']),
    name: text,
  }),
  mode: z.enum(['dry-run', 'apply']),
  outcome: z.enum(['success', 'partial', 'failure', 'refused']),
  reason: text,
  planDigest: text.nullable(),
  durationMs: count,
  resources: z.looseObject({ seen: count, selected: count, changed: count, failed: count }),
  tags: z.looseObject({
    planned: count,
    ...(Object.fromEntries(TAG_ENDS.map((end) => [end, count])) as Record<string, typeof count>),
    restored: count.optional(),
  }),
  calls: z.looseObject({
    list: count,
    untag: count,
    retries: count,
    throttled: count,
    untagLowerBound: count,
  }),
  removedByKey: z.record(text, count),
  failures: z.array(
    z.looseObject({
      ...resource,
      keys: z.array(text),
      code: text,
      message: text,
      requestId: text.optional(),
    }),
  ),
  failuresCut: count.optional(),
  proof: z.looseObject({ verified: z.boolean(), foreign: count, unexplained: count }),
  audit: z
    .union([
      z.looseObject({ records: count, file: text }),
      z.looseObject({ records: count, project: text, logstore: text }),
    ])
    .nullable(),
  warnings: z.array(text),
  undo: z
    .looseObject({
      left: z.array(z.looseObject({ ...resource, key: text, why: text })),
      leftCut: count.optional(),
    })
    .optional(),
});

/** What a function answered as a report; nothing where it answered something else, as for an event that it ignored. */
export function readReport(answer: unknown): Report | undefined {
  const parsed = reportSchema.safeParse(answer);
  // Loose: fields that are not shown are as the function sent them.
  return parsed.success ? (parsed.data as unknown as Report) : undefined;
}
