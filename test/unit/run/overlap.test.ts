import { describe, expect, it } from 'vitest';
import { CleanupError } from '../../../lib/errors.ts';
import type { EciApi } from '../../../lib/ports.ts';
import type { Report } from '../../../lib/report/report.ts';
import { planCleanup, runCleanup } from '../../../lib/run/cleanup.ts';
import { findAtWork } from '../../../lib/run/overlap.ts';
import { applySavedPlan } from '../../../lib/run/saved-plan.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld, type World } from '../../support/runs.ts';

const policy = aPolicy({ limits: { maxPercent: 100, canary: 5 } });
const TAGS = 40;
const aFleet = () =>
  Array.from({ length: TAGS }, (_, n) => aResource({ id: `eci-${n}`, tags: { 'ci-run': 'x' } }));
const AT_ONCE = /^Run (\S+) of policy a-policy was at work at the same time: .* may overlap\.$/;

/** Lets `enter` do something else at the first request for a change, before it is carried out. */
function atFirstRequest(world: World, enter: () => Promise<unknown>): EciApi {
  let entered: Promise<unknown> | undefined;
  return {
    ...world.cloud.api,
    untagResources: async (request) => {
      entered ??= enter();
      await entered;
      return await world.cloud.api.untagResources(request);
    },
  };
}

const run = (world: World, runId: string, eci: EciApi = world.cloud.api) =>
  runCleanup(aRequest({ policy, runId }), { ...world.ports, eci }, { identity: {} });

const others = ({ warnings }: Report) => warnings.flatMap((warning) => AT_ONCE.exec(warning)?.[1] ?? []);
const told = (reports: readonly Report[]) => reports.reduce((sum, { tags }) => sum + tags.removed, 0);

describe('two runs of a policy at once', () => {
  it('both say that what they tell as removed may overlap, where both were answered for the same tags', async () => {
    const world = aWorld(aFleet());
    let second: Report | undefined;

    const first = await run(
      world,
      'first',
      atFirstRequest(world, async () => {
        second = await run(world, 'second');
      }),
    );

    expect(told([first, second!])).toBeGreaterThan(TAGS);
    expect([others(first), others(second!)]).toEqual([['second'], ['first']]);
  });

  it('count once what a reading before the batch shows to be gone', async () => {
    const world = aWorld(aFleet());
    let second: Report | undefined;

    const first = await run(
      world,
      'first',
      atFirstRequest(world, async () => {
        second = await run(world, 'second');
        await world.clock.sleep(11_000);
      }),
    );

    // Of the canary alone, which was read before the other run came, both were told that it went.
    expect(second!.tags).toMatchObject({ removed: TAGS });
    expect(first.tags).toMatchObject({ removed: 5, absent: TAGS - 5 });
    expect(others(first)).toEqual(['second']);
  });

  it('are told of by a saved plan as well', async () => {
    const world = aWorld(aFleet());
    const { plan } = await planCleanup(aRequest({ policy }), world.ports, { identity: {} });
    let second: Report | undefined;
    const eci = atFirstRequest(world, async () => {
      second = await run(world, 'second');
    });

    const first = await applySavedPlan(
      { plan, mode: 'apply', trigger: { type: 'cli', name: 'x' }, runId: 'first' },
      { ...world.ports, eci },
      { identity: {} },
    );

    expect([others(first), others(second!)]).toEqual([['second'], ['first']]);
  });

  it('of two policies tell of each other, with how many tags both take', async () => {
    const world = aWorld(aFleet());
    const other = aPolicy({
      name: 'b-policy',
      select: { id: ['eci-1', 'eci-2', 'eci-39'] },
      limits: { maxPercent: 100 },
    });
    let second: Report | undefined;

    const first = await run(
      world,
      'first',
      atFirstRequest(world, async () => {
        second = await runCleanup(aRequest({ policy: other, runId: 'second' }), world.ports, {
          identity: {},
        });
      }),
    );

    expect(second!.tags.removed).toBe(3);
    expect(first.warnings).toEqual([
      expect.stringMatching(
        /^Run second of policy b-policy was at work at the same time, and announced \d tags? of those told as removed here/,
      ),
    ]);
  });

  it.each(['reads nothing', 'has another policy', 'came before'])(
    'are none where the other %s',
    async (how) => {
      const world = aWorld(aFleet());
      const other = aPolicy({ name: 'b-policy', remove: [{ key: 'x-*' }] });
      const enter = async () => {
        if (how === 'reads nothing')
          await runCleanup(aRequest({ policy, mode: 'dry-run', runId: 'second' }), world.ports, {
            identity: {},
          });
        if (how === 'has another policy')
          await runCleanup(aRequest({ policy: other, runId: 'second' }), world.ports, { identity: {} });
      };
      if (how === 'came before') {
        await run(world, 'second');
        for (const one of aFleet()) world.cloud.put(one);
        await world.clock.sleep(1000);
      }

      const first = await run(world, 'first', atFirstRequest(world, enter));

      expect(first).toMatchObject({ outcome: 'success', tags: { removed: TAGS }, warnings: [] });
    },
  );

  it('say that they do not know where the log cannot be read', async () => {
    const world = aWorld(aFleet());
    const audit = {
      ...world.log,
      read: async () => {
        throw new CleanupError('AUDIT_UNAVAILABLE', 'The log does not answer.');
      },
    };
    const open = aPolicy({ limits: { maxPercent: 100, requireUndo: false } });

    const report = await runCleanup(aRequest({ policy: open }), { ...world.ports, audit }, { identity: {} });

    expect(report.tags.removed).toBe(TAGS);
    expect(report.warnings.join()).toMatch(/tells of the same tags, is not known: The log does not answer/);
  });
});

describe('findAtWork', () => {
  it('finds runs that began and did not end, for as long as one may take', async () => {
    const world = aWorld(aFleet());
    let found: unknown;
    const eci = atFirstRequest(world, async () => {
      found = await findAtWork(world.ports, aRequest({ policy, runId: 'mine' }));
    });

    await run(world, 'first', eci);

    expect(found).toEqual([
      { runId: 'first', policyName: 'a-policy', startedAt: expect.stringMatching(/Z$/) },
    ]);
    expect(await findAtWork(world.ports, aRequest({ policy, runId: 'mine' }))).toEqual([]);
  });
});
