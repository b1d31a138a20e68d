import { describe, expect, it } from 'vitest';
import { CleanupError } from '../../../lib/errors.ts';
import type { AuditLog } from '../../../lib/ports.ts';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld } from '../../support/runs.ts';

const FLEET = [1, 2, 3].map((n) => aResource({ id: `eci-${n}`, tags: { 'ci-run': `${n}` } }));

/** A world whose log shows what was written only so much later, or never. */
function aWorldThatShows(read: (log: AuditLog, nowMs: number) => AuditLog['read']) {
  const world = aWorld(FLEET);
  const audit: AuditLog = { ...world.log, read: (query) => read(world.log, world.clock.now())(query) };
  return { ...world, ports: { ...world.ports, audit } };
}

const untags = ({ cloud }: Pick<ReturnType<typeof aWorld>, 'cloud'>) =>
  cloud.calls.filter(({ api }) => api === 'UntagResources').length;

const NO_INDEX = new CleanupError('AUDIT_UNAVAILABLE', 'Cannot read audit records: IndexConfigNotExist.');

describe('a run whose removals could not be undone', () => {
  it.each<[string, AuditLog['read'], RegExp]>([
    ['has no index', () => Promise.reject(NO_INDEX), /IndexConfigNotExist.*limits\.requireUndo/],
    ['never shows what was written', async () => [], /does not show when it is searched for/],
  ])('removes nothing where the log %s', async (_, read, reason) => {
    const world = aWorldThatShows(() => read);

    const report = await runCleanup(aRequest(), world.ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'refused', code: 'AUDIT_UNAVAILABLE', tags: { notReached: 3 } });
    expect(report.reason).toMatch(reason);
    expect(untags(world)).toBe(0);
  });

  it('goes on with a warning where the policy does not ask for an undo', async () => {
    const world = aWorldThatShows(() => () => Promise.reject(NO_INDEX));
    const policy = aPolicy({ limits: { maxPercent: 100, requireUndo: false } });

    const report = await runCleanup(aRequest({ policy }), world.ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'success', tags: { removed: 3 } });
    expect(report.warnings.join(' ')).toMatch(/may not be put back by undo: .*IndexConfigNotExist/);
  });

  it('waits for a log that shows what was written some seconds later', async () => {
    const begunMs = aWorld([]).clock.now();
    const world = aWorldThatShows((log, nowMs) => (nowMs < begunMs + 6000 ? async () => [] : log.read));

    const report = await runCleanup(aRequest(), world.ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'success', tags: { removed: 3 } });
  });

  it('waits no longer than a quarter of its time, so that a blind log does not eat it up', async () => {
    const world = aWorldThatShows(() => async () => []);
    const startedAtMs = world.clock.now();

    const report = await runCleanup(aRequest(), world.ports, {
      identity: {},
      deadlineAtMs: startedAtMs + 20_000,
    });

    expect(report.outcome).toBe('refused');
    expect(world.clock.now() - startedAtMs).toBeLessThan(6000);
  });

  it('does not look where nothing is to go, or no values are kept', async () => {
    const world = aWorldThatShows(() => () => Promise.reject(NO_INDEX));
    const keys = aPolicy({ limits: { maxPercent: 100 }, journal: 'keys' });
    const nothing = aPolicy({ limits: { maxPercent: 100 }, remove: [{ key: 'tmp-*' }] });

    const empty = await runCleanup(aRequest({ policy: nothing }), world.ports, { identity: {} });
    const kept = await runCleanup(aRequest({ policy: keys, runId: 'run-2' }), world.ports, { identity: {} });

    expect([empty.outcome, kept.outcome]).toEqual(['success', 'success']);
  });
});
