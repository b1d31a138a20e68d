import { expect, it } from 'vitest';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { runUndo } from '../../../lib/run/undo.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld } from '../../support/runs.ts';

const FLEET = Array.from({ length: 2000 }, (_, n) =>
  aResource({
    id: `eci-${n}`,
    tags: {
      team: `t-${n % 7}`,
      'ci-run': `${n % 40}`,
      'ci-job': `job-${n % 5}`,
      'ci-host': `h-${n % 3}`,
      'ci-ok': 'true',
      'ci-by': 'ci',
    },
  }),
);
const policy = aPolicy({
  limits: { maxPercent: 100, maxResources: 2000, maxTags: 10_000 },
  pace: { share: 1 },
});
const OPTIONS = { identity: {} };
const UNDO = {
  undo: 'run-1',
  mode: 'apply',
  trigger: { type: 'cli', name: 'test' },
  runId: 'undo-1',
} as const;

const ref = (n: number) => ({ region: 'cn-hangzhou', type: 'ContainerGroup', id: `eci-${n}` }) as const;

it('puts 10,000 tags back but for what others made of them meanwhile, and tells why of each', async () => {
  const world = aWorld(FLEET);
  const run = await runCleanup(aRequest({ policy }), world.ports, OPTIONS);
  expect(run.tags.removed).toBe(10_000);
  // 100 keys set again to something else, 50 to what they were, 40 resources gone, 30 with room for two tags.
  for (let n = 0; n < 100; n++) world.cloud.setTag(ref(n), 'ci-run', 'theirs');
  for (let n = 100; n < 150; n++) world.cloud.setTag(ref(n), 'ci-by', 'ci');
  for (let n = 200; n < 240; n++) world.cloud.destroy(ref(n));
  for (let n = 300; n < 330; n++) {
    for (let own = 0; own < 17; own++) world.cloud.setTag(ref(n), `own-${own}`, '');
  }

  const report = await runUndo(UNDO, world.ports, OPTIONS);

  expect(report.tags).toEqual({
    planned: 10_000,
    restored: 10_000 - 100 - 50 - 40 * 5 - 30 * 3,
    removed: 0,
    stale: 100,
    absent: 50,
    vanished: 200,
    ended: 0,
    failed: 90,
    notReached: 0,
  });
  expect(report.undo).toMatchObject({ restorable: 9560, left: { length: 440 } });
  expect(new Set(report.undo?.left.map(({ why }) => why))).toEqual(
    new Set([
      'The key is there again, with the value "theirs".',
      'It is there, with the value it had.',
      'The resource does not exist any more.',
      'The resource would hold more than 20 tags.',
    ]),
  );
  expect(report.proof).toMatchObject({ verified: true, unexplained: 0 });
  const calls = world.cloud.calls.filter(({ api }) => api === 'TagResources');
  // 1,960 resources, 50 in a call: with one call for each resource there would be 1,960, for each tag 9,560.
  expect(calls.length).toBeLessThan(260);
  for (const [n, { tags = [] }] of FLEET.entries()) {
    const now = world.cloud.tagsOf(ref(n));
    if (n >= 330) expect(now).toEqual(new Map(tags.map(({ key, value }) => [key, value])));
    if (n < 100) expect(now?.get('ci-run')).toBe('theirs');
    if (n >= 300 && n < 330) expect(now?.size).toBe(20);
  }
});

it('stops where the account may not tag, instead of trying each of the tags', async () => {
  const world = aWorld(FLEET.slice(0, 500), {
    fault: ({ api }) =>
      api === 'TagResources' ? { when: 'before', kind: 'rejected', code: 'NoPermission' } : undefined,
  });
  await runCleanup(aRequest({ policy }), world.ports, OPTIONS);

  const report = await runUndo(UNDO, world.ports, OPTIONS);

  expect(report).toMatchObject({ outcome: 'failure', code: 'MAX_FAILURES', tags: { restored: 0 } });
  expect(report.tags.failed + report.tags.notReached).toBe(2500);
  expect(report.undo).toMatchObject({ left: { length: 1000 }, leftCut: 1500 });
  expect(world.cloud.calls.filter(({ api }) => api === 'TagResources').length).toBeLessThan(200);
});
