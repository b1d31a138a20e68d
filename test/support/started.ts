import { decodeEvent, type Start } from '../../functions/cleanup/event.ts';
import type { Job } from '../../functions/cleanup/job.ts';
import { deriveRunId } from '../../functions/cleanup/run-id.ts';
import { runForContinuation, runForCreations, runForWish } from '../../functions/cleanup/runs.ts';
import { readConfig } from '../../lib/cloud/config.ts';
import type { Report } from '../../lib/report/report.ts';

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
): Promise<Report | undefined> {
  const start = decodeEvent(event);
  const runId = deriveRunId(start, IDENTITY);
  return run(start, { ...world, config: readConfig(environment), runId });
}

async function run(start: Start, job: Job): Promise<Report | undefined> {
  switch (start.kind) {
    case 'empty':
      return runForWish({ mode: 'dry-run' }, { type: 'manual', name: 'empty event' }, job);
    case 'request':
      return runForWish(start.wish, { type: 'manual', name: 'request' }, job);
    case 'timer':
      return runForWish(start.wish, { type: 'timer', name: start.triggerName }, job);
    case 'continuation':
      return runForContinuation(start.payload, job);
    case 'creations':
      if (start.events.created.length === 0) return undefined;
      return (await runForCreations(start.events, job)).report;
    case 'destination':
      return undefined;
  }
}
