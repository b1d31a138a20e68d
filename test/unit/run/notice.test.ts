import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../../lib/audit/record.ts';
import { createSigner } from '../../../lib/audit/sign.ts';
import { tagDigest } from '../../../lib/notice/tag-digest.ts';
import type { Policy } from '../../../lib/policy/policy.ts';
import type { Report } from '../../../lib/report/report.ts';
import { planCleanup, runCleanup } from '../../../lib/run/cleanup.ts';
import type { CleanupRequest } from '../../../lib/run/request.ts';
import { applySavedPlan } from '../../../lib/run/saved-plan.ts';
import { runUndo } from '../../../lib/run/undo.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { createMemoryNotifier } from '../../support/memory-notifier.ts';
import { aRequest, aWorld, type World } from '../../support/runs.ts';

const DAY = 86_400_000;
const OPTIONS = { identity: {} };

const ANNOUNCING = { notice: { grace: '7d', groupBy: 'team' }, limits: { maxPercent: 100 } };

function aFleet(count = 4) {
  return Array.from({ length: count }, (_, at) =>
    aResource({ id: `eci-${at}`, tags: { 'ci-run': String(at), team: at % 2 === 0 ? 'pay' : 'web' } }),
  );
}

let runs = 0;

/** A run of the policy, `days` after the one before. */
function nightly(
  world: World,
  { days = 0, ...part }: Partial<CleanupRequest> & { readonly days?: number } = {},
): Promise<Report> {
  world.clock.advance(days * DAY);
  const policy = part.policy ?? aPolicy(ANNOUNCING);
  runs += 1;
  return runCleanup(
    aRequest({ trigger: { type: 'timer', name: 'nightly' }, ...part, policy, runId: `run-${runs}` }),
    world.ports,
    OPTIONS,
  );
}

function keysOf({ cloud }: World, id: string): readonly string[] {
  return [...(cloud.tagsOf({ region: 'cn-hangzhou', type: 'ContainerGroup', id })?.keys() ?? [])];
}

function recordsNamed({ log }: World, name: AuditRecord['event_name']) {
  return log.kept.filter(({ event_name }) => event_name === name);
}

describe('a policy that announces what it removes', () => {
  it('announces, waits for the grace, and removes then', async () => {
    const world = aWorld(aFleet());

    const first = await nightly(world);
    const sixth = await nightly(world, { days: 6 });
    const eighth = await nightly(world, { days: 2 });

    expect(first).toMatchObject({
      outcome: 'success',
      tags: { planned: 0, removed: 0 },
      noticed: 4,
      notices: { given: 4, withdrawn: 0, untold: 0 },
    });
    expect(sixth).toMatchObject({ tags: { planned: 0 }, noticed: 4, notices: { given: 0 } });
    expect(eighth).toMatchObject({ tags: { planned: 4, removed: 4 }, noticed: 0 });
  });

  it('keeps what its owner changed meanwhile, and announces it anew', async () => {
    const world = aWorld(aFleet());
    await nightly(world);
    world.cloud.setTag({ region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-1' }, 'ci-run', 'mine');

    const changed = await nightly(world, { days: 1 });
    const eighth = await nightly(world, { days: 7 });
    const ninth = await nightly(world, { days: 1 });

    expect(changed).toMatchObject({ notices: { given: 1, withdrawn: 1 } });
    expect(eighth).toMatchObject({ tags: { removed: 3 }, noticed: 1 });
    expect(ninth).toMatchObject({ tags: { removed: 1 }, noticed: 0 });
  });

  it('announces anew what was protected for a while', async () => {
    const world = aWorld(aFleet());
    const protecting = aPolicy({ ...ANNOUNCING, protect: [{ keys: ['ci-run'] }] });
    await nightly(world);

    const between = await nightly(world, { days: 5, policy: protecting });
    const eighth = await nightly(world, { days: 3 });

    expect(between).toMatchObject({ notices: { withdrawn: 4 }, noticed: 0 });
    expect(eighth).toMatchObject({ tags: { planned: 0 }, noticed: 4, notices: { given: 4 } });
  });

  it('announces anew what an undo put back', async () => {
    const world = aWorld(aFleet(2));
    await nightly(world);
    const removed = await nightly(world, { days: 8 });
    await runUndo(
      { undo: removed.runId, runId: 'undo-1', mode: 'apply', trigger: { type: 'cli', name: 'undo' } },
      world.ports,
      OPTIONS,
    );

    const after = await nightly(world, { days: 1 });

    expect(after).toMatchObject({ tags: { planned: 0 }, noticed: 2, notices: { given: 2 } });
  });

  it('starts no grace by a dry run, which anybody may ask for', async () => {
    const world = aWorld(aFleet());

    const dry = await nightly(world, { mode: 'dry-run' });
    const later = await nightly(world, { days: 8 });

    expect(dry).toMatchObject({ noticed: 4, notices: { given: 0 } });
    expect(recordsNamed(world, 'removal_noticed')).toHaveLength(1);
    expect(later).toMatchObject({ tags: { planned: 0 }, notices: { given: 4 } });
  });

  it('keeps everything where notices cannot be read, and says so', async () => {
    const world = aWorld(aFleet());
    await nightly(world);
    world.clock.advance(8 * DAY);
    const { audit } = world.ports;
    const blind = {
      ...world.ports,
      audit: {
        ...audit!,
        read: async (query: Parameters<NonNullable<typeof audit>['read']>[0]) => {
          if (query.eventNames?.includes('removal_noticed')) throw new Error('no index');
          return audit!.read(query);
        },
      },
    };

    const report = await runCleanup(
      aRequest({ policy: aPolicy(ANNOUNCING), runId: 'blind' }),
      blind,
      OPTIONS,
    );

    expect(report.tags.planned).toBe(0);
    expect(report.warnings.join()).toContain('whatever the policy takes is kept: no index');
  });

  it('takes no notice that is not signed where the key is held', async () => {
    const world = aWorld(aFleet());
    await nightly(world);
    world.clock.advance(8 * DAY);
    const signer = createSigner(Buffer.alloc(32, 7).toString('base64'));

    const report = await runCleanup(
      aRequest({ policy: aPolicy(ANNOUNCING), runId: 'signed' }),
      { ...world.ports, signer },
      OPTIONS,
    );

    expect(report).toMatchObject({ tags: { planned: 0 }, notices: { given: 4 } });
    expect(report.warnings.join()).toContain('1 record of notices left aside, since they are not signed');
  });

  it('takes its own signed notices', async () => {
    const world = aWorld(aFleet());
    const signer = createSigner(Buffer.alloc(32, 7).toString('base64'));
    const signed = { ...world, ports: { ...world.ports, signer } };

    await nightly(signed);
    const report = await nightly(signed, { days: 8 });

    expect(report.tags.removed).toBe(4);
  });

  it('keeps no values in its notices', async () => {
    const world = aWorld([aResource({ tags: { 'ci-run': 'a secret value' } })]);

    await nightly(world);

    const [record] = recordsNamed(world, 'removal_noticed');
    expect(JSON.stringify(record)).not.toContain('a secret value');
    expect(record?.resources).toContain(tagDigest(aResource(), 'ci-run', 'a secret value'));
  });

  it('judges a narrowed run by what it sees alone', async () => {
    const world = aWorld(aFleet());
    await nightly(world);

    const narrowed = await nightly(world, { days: 1, narrowing: { resourceIds: ['eci-0'] } });
    const eighth = await nightly(world, { days: 7 });

    expect(narrowed).toMatchObject({ noticed: 1, notices: { withdrawn: 0, given: 0 } });
    expect(eighth.tags.removed).toBe(4);
  });

  it('applies of a saved plan only what is announced still', async () => {
    const world = aWorld(aFleet(2));
    const policy = aPolicy(ANNOUNCING);
    await nightly(world);
    world.clock.advance(8 * DAY);
    const { plan } = await planCleanup(aRequest({ policy, mode: 'dry-run' }), world.ports, OPTIONS);
    const protecting = aPolicy({
      ...ANNOUNCING,
      protect: [{ keys: ['ci-run'], resources: { id: 'eci-0' } }],
    });
    await nightly(world, { policy: protecting, narrowing: { resourceIds: ['eci-0'] } });

    const report = await applySavedPlan(
      { plan, mode: 'apply', trigger: { type: 'cli', name: 'apply' }, runId: 'saved' },
      world.ports,
      OPTIONS,
    );

    expect(plan.removals).toHaveLength(2);
    expect(report).toMatchObject({ tags: { removed: 1, stale: 1 } });
    expect(keysOf(world, 'eci-0')).toContain('ci-run');
  });

  it('takes no earlier time from whoever hands over', async () => {
    const world = aWorld(aFleet());
    await nightly(world);
    const startedAtMs = world.clock.now() + 30 * DAY;
    const chain = {
      familyId: 'family',
      shard: 'all',
      hop: 1,
      idleHops: 0,
      allowance: { resources: 99, tags: 99, failures: 9 },
      startedAtMs,
    };

    const report = await nightly(world, { days: 1, chain });

    expect(report).toMatchObject({ tags: { planned: 0 }, noticed: 4, notices: { given: 0 } });
  });
});

describe('telling of notices', () => {
  const TELLING: Policy = aPolicy({
    ...ANNOUNCING,
    notify: { channels: ['ops'], routes: { web: ['web-chat'] } },
  });

  it('tells each owner what goes, when, why and how to keep it', async () => {
    const world = aWorld(aFleet());
    const notifier = createMemoryNotifier('ops', 'web-chat');

    await nightly({ ...world, ports: { ...world.ports, notifier } }, { policy: TELLING });

    const notices = notifier.sent.filter(({ message }) => message.about.kind === 'notice');
    expect(notices.map(({ channel, message }) => [channel, message.about.group])).toEqual([
      ['ops', 'pay'],
      ['web-chat', 'web'],
    ]);
    expect(notices[0]?.message.title).toBe('tagsweep: team pay: 2 tags of 2 resources will be removed');
    expect(notices[0]?.message.items).toEqual([
      'eci-0 (api-1, ContainerGroup, cn-hangzhou): ci-run=0 (remove[0] key "ci-*")',
      'eci-2 (api-1, ContainerGroup, cn-hangzhou): ci-run=2 (remove[0] key "ci-*")',
    ]);
    expect(notices[0]?.message.closing.join(' ')).toContain('To keep a tag: change its value');
    expect(notices[0]?.message.link).toMatch(/^https:/);
  });

  it('starts the grace only of what was delivered, and tells the rest again', async () => {
    const world = aWorld(aFleet());
    const notifier = createMemoryNotifier('ops', 'web-chat');
    const telling = { ...world, ports: { ...world.ports, notifier } };
    notifier.broken.add('web-chat');

    const first = await nightly(telling, { policy: TELLING });
    notifier.broken.clear();
    const second = await nightly(telling, { days: 8, policy: TELLING });

    expect(first).toMatchObject({ outcome: 'success', notices: { given: 2, untold: 2 } });
    expect(first.warnings.join()).toContain('grace has not begun: web-chat: the robot is gone');
    expect(second).toMatchObject({ tags: { removed: 2 }, noticed: 2, notices: { given: 2 } });
  });

  it('starts no grace over a channel that the settings do not know', async () => {
    const world = aWorld(aFleet());
    const policy = aPolicy({ ...ANNOUNCING, notify: { channels: ['nobody'] } });

    const report = await nightly(world, { policy });

    expect(report).toMatchObject({ notices: { given: 0, untold: 4 } });
    expect(report.warnings.join()).toContain('set TAGSWEEP_NOTIFY_NOBODY');
  });

  it('starts no grace where it cannot be recorded', async () => {
    const world = aWorld(aFleet());
    const { audit } = world.ports;
    const write: NonNullable<typeof audit>['write'] = async (records) => {
      if (records.some(({ event_name }) => event_name === 'removal_noticed')) throw new Error('full');
      return audit!.write(records);
    };

    const report = await nightly({ ...world, ports: { ...world.ports, audit: { ...audit!, write } } });

    expect(report).toMatchObject({ notices: { given: 0, untold: 4 } });
    expect(report.warnings.join()).toContain('could not be recorded');
  });

  it('sends nothing where a policy of a request says', async () => {
    const world = aWorld(aFleet());
    const notifier = createMemoryNotifier('usual', 'ops', 'web-chat');

    await nightly(
      { ...world, ports: { ...world.ports, notifier } },
      { policy: TELLING, policyIsInline: true },
    );

    expect(new Set(notifier.sent.map(({ channel }) => channel))).toEqual(new Set(['usual']));
  });

  it('tells of the run and, by owner, of what it removed', async () => {
    const world = aWorld(aFleet());
    const notifier = createMemoryNotifier('ops');
    const policy = aPolicy({ limits: { maxPercent: 100 }, notify: { channels: ['ops'], groupBy: 'team' } });

    const report = await nightly({ ...world, ports: { ...world.ports, notifier } }, { policy });

    expect(notifier.sent.map(({ message }) => message.title)).toEqual([
      'tagsweep: team pay: 2 tags of 2 resources removed',
      'tagsweep: team web: 2 tags of 2 resources removed',
      'tagsweep: a-policy, success',
    ]);
    expect(notifier.sent.at(-1)?.message.closing.join()).toContain(`tagsweep undo ${report.runId}`);
  });

  it('hides no run and no record where nobody could be told', async () => {
    const world = aWorld(aFleet());
    const notifier = createMemoryNotifier('ops');
    notifier.broken.add('ops');
    const policy = aPolicy({ limits: { maxPercent: 100 }, notify: { channels: ['ops'] } });

    const report = await nightly({ ...world, ports: { ...world.ports, notifier } }, { policy });

    expect(report).toMatchObject({ outcome: 'success', tags: { removed: 4 } });
    expect(report.warnings).toContain('The run could not be told: ops: the robot is gone');
    expect(recordsNamed(world, 'run_completed').at(-1)?.warnings).toContain('The run could not be told');
  });

  it('wakes nobody where there was nothing to do', async () => {
    const world = aWorld([aResource({ tags: { env: 'dev' } })]);
    const notifier = createMemoryNotifier('ops');

    await nightly({ ...world, ports: { ...world.ports, notifier } }, { policy: TELLING });

    expect(notifier.sent).toEqual([]);
  });

  it('sends no more to one channel than it takes, and the smallest owners together', async () => {
    const fleet = Array.from({ length: 60 }, (_, at) =>
      aResource({ id: `eci-${at}`, tags: { 'ci-run': '1', team: `t${at % 30}` } }),
    );
    const world = aWorld(fleet);
    const notifier = createMemoryNotifier('ops');
    const policy = aPolicy({ ...ANNOUNCING, notify: { channels: ['ops'] } });

    const report = await nightly({ ...world, ports: { ...world.ports, notifier } }, { policy });

    const notices = notifier.sent.filter(({ message }) => message.about.kind === 'notice');
    expect(notices).toHaveLength(12);
    expect(notices.at(-1)?.message.title).toContain('19 values of team: 38 tags of 38 resources');
    expect(report.notices.given).toBe(60);
  });
});
