import { decodeEvent, type Start } from '../../functions/cleanup/event.ts';
import type { Job } from '../../functions/cleanup/job.ts';
import type { Wish } from '../../functions/cleanup/request.ts';
import { deriveRunId } from '../../functions/cleanup/run-id.ts';
import { runForSet, type SetAnswer } from '../../functions/cleanup/run-set.ts';
import { runForContinuation, runForCreations, runForWish } from '../../functions/cleanup/runs.ts';
import { readConfig } from '../../lib/cloud/config.ts';
import type { Report, Trigger } from '../../lib/report/report.ts';

const IDENTITY = { accountId: '1', region: 'cn-hangzhou', functionName: 'f', requestId: 'request-1' };

/**
 * What the handler does with an event, in a world in memory; nothing where it starts no run.
 *
 * @throws what the handler would throw.
 */
export async function startedBy(
  event: Uint8Array,
  world: Pick<Job, 'ports' | 'options'>,
  environment: Readonly<Record<string, string>>,
): Promise<Report | SetAnswer | undefined> {
  const start = decodeEvent(event);
  const runId = deriveRunId(start, IDENTITY);
  return run(start, { ...world, config: readConfig(environment), runId });
}

async function run(start: Start, job: Job): Promise<Report | SetAnswer | undefined> {
  switch (start.kind) {
    case 'empty':
      return runForWish({ mode: 'dry-run' }, { type: 'manual', name: 'empty event' }, job);
    case 'request':
      return forWish(start.wish, { type: 'manual', name: 'request' }, job);
    case 'timer':
      return forWish(start.wish, { type: 'timer', name: start.triggerName }, job);
    case 'continuation':
      return runForContinuation(start.payload, job);
    case 'creations':
      if (start.events.created.length === 0) return undefined;
      return (await runForCreations(start.events, job)).report;
    case 'destination':
      return undefined;
  }
}

function forWish(wish: Wish, trigger: Trigger, job: Job): Promise<Report | SetAnswer> {
  return 'policies' in wish ? runForSet(wish, trigger, job) : runForWish(wish, trigger, job);
}
