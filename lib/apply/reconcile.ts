import { detectDrift } from '../plan/drift.ts';
import type { Resource } from '../resource.ts';
import { type ApplyContext, isOpen } from './context.ts';

/**
 * When a resource is looked at: `before` anything was asked of it, or `after` a request whose effect is
 * not known. What is gone before is `absent`; what is gone after, and was asked for, is `removed`.
 */
export type Moment = 'before' | 'after';

/**
 * Compares the open tags of one planned resource with what is there now, and gives those an end that need
 * nothing more.
 *
 * A value that changed is kept, and so is a tag that the policy would not remove any more from the
 * resource as it is (asked `before` only). A resource whose tags cannot be seen is left alone.
 *
 * @param position - of the removal in the plan.
 * @param live - left out: the resource does not exist any more.
 * @returns how many tags got an end.
 */
export function reconcile(
  context: Pick<ApplyContext, 'index' | 'ledger' | 'sent' | 'removableNow'>,
  position: number,
  live: Resource | undefined,
  moment: Moment,
): number {
  const { index, ledger } = context;
  const removal = index.removals[position]!;
  const first = index.firstSlot(position);
  const open = removal.tags
    .map((_, at) => first + at)
    // Asked before: what was sent already is in a request at work, which gives it its end.
    .filter((slot) => isOpen(context, slot) && (moment === 'after' || context.sent.slots[slot] === 0));
  if (open.length === 0) return 0;
  if (live === undefined) {
    for (const slot of open) ledger.end(slot, 'vanished');
    return open.length;
  }
  if (live.tags === undefined) {
    const keys = open.map((slot) => removal.tags[slot - first]!.key);
    ledger.fail(position, keys, {
      code: 'TagsUnseen',
      message: 'The resource was listed without its tags, so they cannot be compared with the plan; kept.',
    });
    return open.length;
  }
  // A resource is read for one request, and its other tags may have been taken by somebody else.
  const isOurs = (slot: number): boolean => moment === 'after' && context.sent.slots[slot] === 1;
  const removable = moment === 'before' ? context.removableNow(live) : undefined;
  let ended = 0;
  for (const [at, { tag, drift }] of detectDrift(removal, live.tags).entries()) {
    if (!open.includes(first + at)) continue;
    const kept = drift === 'changed' || removable?.has(tag.key) === false;
    if (drift === 'absent') ledger.end(first + at, isOurs(first + at) ? 'removed' : 'absent');
    else if (kept) ledger.end(first + at, 'stale');
    else continue;
    ended += 1;
  }
  return ended;
}
