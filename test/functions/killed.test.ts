import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import { readHistory } from '../../lib/run/history.ts';
import { type Deployed, deployFunction, TRUSTING } from '../support/deployed.ts';
import { deployedLog } from '../support/deployed-log.ts';

const POLICY = {
  version: 1,
  name: 'strip-markers',
  mode: 'apply',
  scope: { regions: ['cn-hangzhou'], resourceTypes: ['ContainerGroup'] },
  remove: [{ key: 'ci-*' }],
  batch: { resources: 5, keys: 20 },
  pace: { share: 1, concurrency: 1 },
  limits: { maxPercent: 100, canary: 5 },
};

const FLEET = Array.from({ length: 30 }, (_, n) => ({
  id: `eci-${String(n).padStart(4, '0')}`,
  type: 'ContainerGroup' as const,
  region: 'cn-hangzhou',
  tags: { 'ci-run': String(n), team: 'web' },
}));

const TIMER = {
  triggerTime: '2026-11-24T19:30:00Z',
  triggerName: 'nightly',
  payload: JSON.stringify({ policy: POLICY }),
};

let fn: Deployed;

afterEach(() => fn.close());

const tagsById = () => new Map(fn.emulator.state.snapshot().map(({ id, tags = {} }) => [id, tags]));

const records = (name: string) =>
  fn.emulator.sls
    .records(DEFAULT_LOGSTORE.project, DEFAULT_LOGSTORE.logstore)
    .filter((record) => record.event_name === name);

/** The resources and values that the journal announced. */
function announced(): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const entries = records('removals_planned').flatMap(
    (record) => JSON.parse(record.resources ?? '[]') as { id: string; tags: Record<string, string> }[],
  );
  return new Map(entries.map(({ id, tags }) => [id, tags]));
}

/** A function whose third removal is carried out and never answered, so that its time ends and it is killed. */
async function startHanging(timeoutSeconds: number): Promise<void> {
  fn = await deployFunction({
    emulator: { fleet: FLEET },
    function: { timeoutSeconds, environment: TRUSTING, asyncInvoke: { maxRetryAttempts: 2 } },
  });
  fn.emulator.faults.add({ api: 'UntagResources', calls: [3], fault: { kind: 'hang', applied: true } });
}

describe('a run that is killed in its midst', () => {
  it('has written down all that it took away, is told as unfinished, and can be undone', async () => {
    await startHanging(9);

    const killed = await fn.invoke(TIMER);

    expect(killed.outcome).toBe('timedOut');
    const gone = [...tagsById()].filter(([, tags]) => tags['ci-run'] === undefined).map(([id]) => id);
    expect(gone.length).toBe(15);
    expect(gone.every((id) => announced().get(id)?.['ci-run'] === String(Number(id.slice(4))))).toBe(true);
    expect([...tagsById().values()].every(({ team }) => team === 'web')).toBe(true);
    expect(records('run_started')).toHaveLength(1);
    expect(records('run_completed')).toHaveLength(0);
    const [family] = (await readHistory({ audit: deployedLog(fn) })).families;
    expect(family?.run).toMatchObject({ outcome: 'unfinished', triggerName: 'nightly' });

    const undone = await fn.invoke({ undo: family?.run.runId, mode: 'apply' }, { timeoutSeconds: 60 });

    expect(undone.result).toMatchObject({ outcome: 'success', tags: { restored: 15 } });
    expect(fn.emulator.state.snapshot().map(({ id, tags }) => [id, tags])).toEqual(
      FLEET.map(({ id, tags }) => [id, tags]),
    );
  }, 90_000);

  it('is ended by the next try of the platform, under the same run id', async () => {
    await startHanging(9);

    fn.fc.platform.submit(
      fn.spec,
      { event: Buffer.from(JSON.stringify(TIMER)), qualifier: 'LATEST' },
      randomUUID(),
    );
    await fn.settled();

    expect(fn.fc.platform.invocations.map(({ outcome }) => outcome)).toEqual(['timedOut', 'returned']);
    expect([...tagsById().values()]).toEqual(FLEET.map(() => ({ team: 'web' })));
    const ids = new Set(records('run_started').map((record) => record.run_id));
    expect(ids.size).toBe(1);
    const [family, ...others] = (await readHistory({ audit: deployedLog(fn) })).families;
    expect(others).toEqual([]);
    expect(family?.run).toMatchObject({ outcome: 'success' });
    // What both tries took away is in the journal of the one run.
    expect([...announced()].sort()).toEqual(FLEET.map(({ id, tags }) => [id, { 'ci-run': tags['ci-run'] }]));
  }, 90_000);
});
