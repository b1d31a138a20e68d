import { dropRepeats, matchesQuery, sortByTime } from '../../lib/audit/query.ts';
import type { AuditRecord } from '../../lib/audit/record.ts';
import { CleanupError } from '../../lib/errors.ts';
import type { AuditLog } from '../../lib/ports.ts';

/** A log in memory, which fails when told to. */
export interface MemoryLog extends AuditLog {
  /** All that was kept, repeats included, in the order of writing. */
  readonly kept: readonly AuditRecord[];
  /** One entry per `write` that was kept: how many records it held. */
  readonly writes: readonly number[];
  /** The next `times` writes reject; with `stored`, the records are kept all the same, as when an answer is lost. */
  failNext(times: number, options?: { readonly stored?: boolean }): void;
}

export function createMemoryLog(): MemoryLog {
  const kept: AuditRecord[] = [];
  const writes: number[] = [];
  let failures = 0;
  let stored = false;
  return {
    place: { project: 'memory', logstore: 'audit' },
    kept,
    writes,
    failNext: (times, options) => {
      failures = times;
      stored = options?.stored === true;
    },
    write: async (records) => {
      const fails = failures > 0;
      if (fails) failures -= 1;
      if (!fails || stored) {
        kept.push(...records);
        writes.push(records.length);
      }
      if (fails) throw new CleanupError('AUDIT_UNAVAILABLE', 'The log is out of reach.');
    },
    read: async (query) => sortByTime(dropRepeats(kept.filter((record) => matchesQuery(record, query)))),
  };
}
