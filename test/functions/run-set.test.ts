import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SetAnswer } from '../../functions/cleanup/run-set.ts';
import { aResource } from '../support/builders.ts';
import { aWorld } from '../support/runs.ts';
import { startedBy } from '../support/started.ts';

const FLEET = Array.from({ length: 40 }, (_, at) =>
  aResource({ id: `eci-${at}`, tags: { 'ci-run': `${at}`, 'tmp-x': '1', team: 'a' } }),
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-set-'));
  mkdirSync(join(folder, 'team-a'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, part: Record<string, unknown>): void {
  const name = file.split('/').at(-1)!.replace('.yaml', '');
  const limits = { maxPercent: 100, ...(part.limits as object) };
  const document = { version: 1, name, mode: 'apply', scope: { regions: ['cn-hangzhou'] }, ...part, limits };
  writeFileSync(join(folder, file), JSON.stringify(document));
}

async function start(event: unknown) {
  const world = aWorld(FLEET);
  const settings = { TAGSWEEP_POLICIES_DIR: folder };
  const answer = startedBy(
    Buffer.from(JSON.stringify(event)),
    { ports: world.ports, options: { identity: {} } },
    settings,
  );
  return { ...world, answer: answer as Promise<SetAnswer> };
}

const TIMER = { triggerTime: '2026-11-24T19:30:00Z', triggerName: 'nightly', payload: '{"policies":"all"}' };

describe('a request for several policies', () => {
  it('runs each on one reading, in its own mode, with a report and records of its own', async () => {
    write('ci.yaml', { remove: [{ key: 'ci-*' }] });
    write('team-a/tmp.yaml', { mode: 'dry-run', remove: [{ key: 'tmp-*' }] });
    writeFileSync(join(folder, 'README.md'), 'For people.');

    const { answer, cloud, log } = await start(TIMER);
    const { policies, reading, skipped, claims } = await answer;

    expect(
      policies.map(({ policy, mode, outcome, tags }) => [policy.name, mode, outcome, tags.removed]),
    ).toEqual([
      ['ci', 'apply', 'success', 40],
      ['tmp', 'dry-run', 'success', 0],
    ]);
    expect(policies.map(({ trigger }) => trigger)).toEqual([
      { type: 'timer', name: 'nightly' },
      { type: 'timer', name: 'nightly' },
    ]);
    expect(new Set(policies.map(({ runId }) => runId)).size).toBe(2);
    expect(reading.resourcesSeen).toBe(40);
    expect({ skipped, claims }).toEqual({ skipped: ['README.md'], claims: [] });
    expect([...cloud.state().values()].every((tags) => [...tags.keys()].join() === 'team,tmp-x')).toBe(true);
    const completed = log.kept.filter((record) => record.event_name === 'run_completed');
    expect(completed.map((record) => record.run_id)).toEqual(policies.map(({ runId }) => runId));
  });

  it('removes nothing where the night as a whole passes what one policy allows', async () => {
    write('a.yaml', { select: { id: 'eci-1?' }, remove: [{ key: 'ci-*' }], limits: { maxPercent: 30 } });
    write('b.yaml', { select: { id: 'eci-2?' }, remove: [{ key: 'ci-*' }] });

    const { answer, cloud } = await start({ policies: 'all' });

    await expect(answer).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('night as a whole'),
    });
    expect(cloud.calls.filter(({ api }) => api === 'UntagResources')).toEqual([]);
  });

  it('counts for the night only what would be removed', async () => {
    write('a.yaml', { select: { id: 'eci-1?' }, remove: [{ key: 'ci-*' }], limits: { maxPercent: 30 } });
    write('b.yaml', { mode: 'dry-run', select: { id: 'eci-2?' }, remove: [{ key: 'ci-*' }] });

    const { answer } = await start({ policies: ['a', 'b'] });

    expect((await answer).policies.map(({ tags }) => tags.removed)).toEqual([10, 0]);
  });

  it('lets the first of two that claim a tag remove it, and says so', async () => {
    write('a.yaml', { remove: [{ key: 'ci-*' }] });
    write('b.yaml', { remove: [{ key: '*-run' }] });

    const { answer } = await start({ policies: ['a', 'b'] });
    const { policies, claims } = await answer;

    expect(policies.map(({ tags }) => [tags.removed, tags.absent])).toEqual([
      [40, 0],
      [0, 40],
    ]);
    expect(claims).toMatchObject([{ key: 'ci-run', policies: ['a', 'b'], tags: 40 }]);
  });

  it('tells the platform of a policy that was refused, after the others are done', async () => {
    write('a.yaml', { remove: [{ key: 'ci-*' }], limits: { maxResources: 1 } });
    write('b.yaml', { remove: [{ key: 'tmp-*' }] });

    const { answer, cloud } = await start({ policies: 'all' });

    await expect(answer).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect([...cloud.state().values()].every((tags) => [...tags.keys()].join() === 'ci-run,team')).toBe(true);
  });

  it.each([
    [{ policies: [] }, /at least one/],
    [{ policies: 'some' }, /"all", or a list/],
    [{ policies: 'all', planDigest: 'x' }, /unknown key "planDigest"/],
    [{ policies: ['none'] }, /There is no policy none/],
    [{ policies: 'all' }, /holds no policy/],
  ])('refuses %j, and does nothing', async (event, says) => {
    const started = start(event).then(({ answer }) => answer);

    await expect(started).rejects.toThrow(says);
  });

  it('refuses two of one name', async () => {
    write('a.yaml', { remove: [{ key: 'ci-*' }] });
    write('team-a/a.yaml', { remove: [{ key: 'tmp-*' }] });

    const { answer } = await start({ policies: 'all' });

    await expect(answer).rejects.toThrow('two policies are called a');
  });
});
