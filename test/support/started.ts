import { dispatch } from '../../functions/cleanup/dispatch.ts';
import { decodeEvent } from '../../functions/cleanup/event.ts';
import { type Job, nameJob } from '../../functions/cleanup/job.ts';
import type { SetAnswer } from '../../functions/cleanup/run-set.ts';
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
): Promise<Report | SetAnswer | undefined> {
  const start = decodeEvent(event);
  if (start.kind === 'destination') return undefined;
  if (start.kind === 'creations' && start.events.created.length === 0) return undefined;
  const config = readConfig(environment);
  const { signer } = config;
  const ports = { ...world.ports, ...(signer !== undefined && { signer }) };
  const job = { ...world, ports, config, secrets: [], ...nameJob(start, config, IDENTITY) };
  const { report } = await dispatch(start, job);
  if (report !== undefined && 'approval' in report) throw new Error('it asked for an approval');
  return report;
}
