import type { Resource } from '../../lib/resource.ts';
import type { CleanupRequest, RunPorts } from '../../lib/run/request.ts';
import { type CloudOptions, createCloud, type SimulatedCloud } from '../simulation/cloud.ts';
import { aPolicy } from './builders.ts';
import { createMemoryLog, type MemoryLog } from './memory-log.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';

/** A world in memory for one test: a cloud, a log and a clock. */
export interface World {
  readonly cloud: SimulatedCloud;
  readonly log: MemoryLog;
  readonly clock: VirtualClock;
  readonly ports: RunPorts;
}

export function aWorld(resources: readonly Resource[], options: Partial<CloudOptions> = {}): World {
  const clock = virtualClock();
  const chance = () => 0.5;
  const cloud = createCloud(resources, { clock, chance, ...options });
  const log = createMemoryLog();
  return { cloud, log, clock, ports: { eci: cloud.api, audit: log, clock, chance } };
}

/** An apply of a policy that removes `ci-*` from whatever part of the resources, but for what is said. */
export function aRequest(part: Partial<CleanupRequest> = {}): CleanupRequest {
  return {
    policy: part.policy ?? aPolicy({ limits: { maxPercent: 100 } }),
    mode: 'apply',
    narrowing: {},
    trigger: { type: 'cli', name: 'test' },
    runId: 'run-1',
    ...part,
  };
}
