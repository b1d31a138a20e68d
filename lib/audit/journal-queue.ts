import type { JournalEntry } from './facts.ts';
import type { JournalName } from './record.ts';

/** What is to be written down before it is done. */
export interface JournalOrder {
  readonly name: JournalName;
  readonly entries: readonly JournalEntry[];
  readonly keep: 'values' | 'keys';
  /** What each of its records says beside. */
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Writes journals one after the other, since each record names the one before; what is asked for while a write is
 * under way goes with the next one, so that a slow store slows each request once and not once for each other.
 *
 * @param write - all or nothing: where it rejects, none of its orders is taken for kept.
 */
export function createJournalQueue(
  write: (orders: readonly JournalOrder[]) => Promise<void>,
): (order: JournalOrder) => Promise<void> {
  let waiting: JournalOrder[] = [];
  let next: Promise<void> | undefined;
  let tail: Promise<void> = Promise.resolve();
  return (order) => {
    waiting.push(order);
    next ??= tail.then(() => {
      const orders = waiting;
      waiting = [];
      next = undefined;
      return write(orders);
    });
    tail = next.catch(() => undefined);
    return next;
  };
}
