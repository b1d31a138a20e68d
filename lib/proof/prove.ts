import type { Clock, TimeLeft } from '../clock.ts';
import { readByIds } from '../inventory/by-id.ts';
import { lookAgain } from '../inventory/look-again.ts';
import type { EciApi } from '../ports.ts';
import { NOTHING_PROVED, type Proof } from '../report/report.ts';
import { type Resource, resourceKey } from '../resource.ts';
import { type Account, type AccountOptions, createAccount } from './account.ts';

const MAX_DIFFERENCES_NAMED = 100;

export interface ProofOptions extends AccountOptions {
  /** Every resource as it was before the first request. */
  readonly seen: readonly Resource[];
  /** Paced and retried. */
  readonly eci: Pick<EciApi, 'listResources' | 'listTagResources'>;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly time: TimeLeft;
  readonly onProgress?: (read: number) => void;
}

/**
 * Reads every resource that was seen once more, and accounts for each difference.
 *
 * A difference is *planned* where the ledger says removed and the tag is gone; *foreign* where no request
 * of ours can have caused it (a resource that is gone counts as one); anything else is *unexplained*: a
 * tag that was removed and is still there after growing pauses, or that is gone although a request that
 * held it should have left it. Resources that our requests named are read first. Where nothing was sent
 * there is nothing to account for.
 */
export async function proveRun(options: ProofOptions): Promise<Proof> {
  if (options.sent.batches.length === 0) return { ...NOTHING_PROVED, verified: true };
  const account = createAccount(options);
  let read = 0;
  let compared = 0;
  for (const part of inOrder(options)) {
    const before = new Map(part.map((resource) => [resourceKey(resource), resource]));
    await readByIds(part, {
      eci: options.eci,
      concurrency: options.concurrency,
      mayStart: options.time.mayStart,
      onRead: (ref, live) => {
        read += 1;
        if (account.compare(before.get(resourceKey(ref))!, live)) compared += 1;
      },
    });
    options.onProgress?.(read);
  }
  const isSettled = await waitForGone(options, account);
  // What was not compared is not verified, whatever the reason.
  let unread = options.seen.length - compared;
  // What still shows when time ends too early may only show late: not verified, and no accusation.
  if (!isSettled) unread += account.waiting().length;
  const differences = account.unexplained(isSettled);
  const named = differences.slice(0, MAX_DIFFERENCES_NAMED);
  return {
    verified: unread === 0 && differences.length === 0,
    foreign: account.foreign(),
    lost: 0,
    unexplained: differences.length,
    ...(named.length > 0 && { differences: named }),
    unread,
  };
}

/** Resources in our requests, then the others; parts that bound what is in memory at once. */
function* inOrder({ seen, index, sent }: ProofOptions): Generator<readonly Resource[]> {
  const wasSent = (resource: Resource): boolean => {
    const position = index.find(resource.region, resource.type, resource.id);
    if (position < 0) return false;
    return sent.slots.subarray(index.firstSlot(position), index.firstSlot(position + 1)).includes(1);
  };
  for (const turn of [true, false]) {
    let part: Resource[] = [];
    for (const resource of seen) {
      if (wasSent(resource) !== turn) continue;
      part.push(resource);
      if (part.length < PART) continue;
      yield part;
      part = [];
    }
    if (part.length > 0) yield part;
  }
}

const PART = 20_000;

/** Reads again what still shows; false when the time ended before patience did. */
async function waitForGone(options: ProofOptions, account: Account): Promise<boolean> {
  return await lookAgain({
    clock: options.clock,
    time: options.time,
    isWaiting: () => account.waiting().length > 0,
    look: () =>
      readByIds(account.waiting(), {
        eci: options.eci,
        concurrency: options.concurrency,
        mayStart: options.time.mayStart,
        onRead: (ref, live) => account.lookAgain(ref, live),
      }),
  });
}
