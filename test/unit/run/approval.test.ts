import { describe, expect, it } from 'vitest';
import { createSigner } from '../../../lib/audit/sign.ts';
import { removalsDigest } from '../../../lib/plan/digest.ts';
import { planCleanup, runCleanup } from '../../../lib/run/cleanup.ts';
import { recordApproval } from '../../../lib/run/record-approval.ts';
import type { RunOptions, RunPorts } from '../../../lib/run/request.ts';
import { applySavedPlan } from '../../../lib/run/saved-plan.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld, type World } from '../../support/runs.ts';

const ACCOUNT = '1234567890123456';
const ALICE = { arn: `acs:ram::${ACCOUNT}:user/alice`, accountId: ACCOUNT };
const BOB = { arn: `acs:ram::${ACCOUNT}:user/bob`, accountId: ACCOUNT };
const DAY = 86_400_000;

const GUARDED = { approval: { by: ['user/alice'] }, limits: { maxPercent: 100 } };
const OPTIONS: RunOptions = { accountId: ACCOUNT, identity: { actor: BOB.arn, account_id: ACCOUNT } };

function aSignedWorld(): World {
  const world = aWorld([
    aResource({ tags: { 'ci-run': '81' } }),
    aResource({ id: 'eci-2', tags: { env: 'dev' } }),
  ]);
  const signer = createSigner(Buffer.alloc(32, 7).toString('base64'));
  return { ...world, ports: { ...world.ports, signer } };
}

async function planned({ ports }: World, options = OPTIONS) {
  const { plan } = await planCleanup(aRequest({ policy: aPolicy(GUARDED), mode: 'dry-run' }), ports, options);
  const stable = removalsDigest({ accountId: ACCOUNT, policyDigest: plan.policy.digest }, plan.removals);
  return { plan, stable };
}

function approve(world: World, digest: string, who = ALICE, ports: RunPorts = world.ports) {
  const until = new Date(world.clock.now() + DAY).toISOString();
  return recordApproval({ digest, until }, who, ports, {});
}

function applied({ ports }: World, policy = aPolicy(GUARDED), options = OPTIONS) {
  return runCleanup(aRequest({ policy }), ports, options);
}

describe('a policy that asks for approval', () => {
  it('is refused without one, and says how the plan is approved', async () => {
    const world = aSignedWorld();
    const { stable } = await planned(world);

    const report = await applied(world);

    expect(report).toMatchObject({ outcome: 'refused', code: 'APPROVAL_MISSING', tags: { removed: 0 } });
    expect(report.reason).toContain(`tagsweep approve ${stable}`);
  });

  it('is applied once the very plan is approved', async () => {
    const world = aSignedWorld();
    await approve(world, (await planned(world)).plan.digest);

    const report = await applied(world);

    expect(report).toMatchObject({ outcome: 'success', tags: { removed: 1 } });
  });

  it('stays approved while resources come that the plan does not touch', async () => {
    const world = aSignedWorld();
    await approve(world, (await planned(world)).stable);
    world.cloud.put(aResource({ id: 'eci-3', tags: { env: 'dev' } }));

    expect(await applied(world)).toMatchObject({ outcome: 'success', tags: { removed: 1 } });
  });

  it('is not approved any more once one more tag would go', async () => {
    const world = aSignedWorld();
    await approve(world, (await planned(world)).stable);
    world.cloud.put(aResource({ id: 'eci-3', tags: { 'ci-run': '82' } }));

    expect(await applied(world)).toMatchObject({ outcome: 'refused', code: 'APPROVAL_MISSING' });
  });

  it('is not approved by who may not, nor by who applies it, nor beyond its time', async () => {
    const byBob = aSignedWorld();
    await approve(byBob, (await planned(byBob)).stable, BOB);
    const byHerself = aSignedWorld();
    await approve(byHerself, (await planned(byHerself)).stable);
    const late = aSignedWorld();
    await approve(late, (await planned(late)).stable);
    late.clock.advance(DAY + 1);

    const own = { ...OPTIONS, identity: { actor: ALICE.arn } };

    expect(await applied(byBob)).toMatchObject({ code: 'APPROVAL_MISSING' });
    expect(await applied(byHerself, undefined, own)).toMatchObject({ code: 'APPROVAL_MISSING' });
    expect(await applied(late)).toMatchObject({ code: 'APPROVAL_MISSING' });
  });

  it('is not approved by what is not signed, and no approval is written without the key', async () => {
    const world = aSignedWorld();
    const { stable } = await planned(world);
    const { signer, ...unsigned } = world.ports;
    await approve(world, stable);
    const [record] = world.log.kept.filter(({ event_name }) => event_name === 'plan_approved');
    const { signature: _none, ...forged } = record!;
    const forging = aWorld([aResource({ tags: { 'ci-run': '81' } })]);
    await forging.log.write([forged as typeof record & object]);

    const report = await applied({ ...forging, ports: { ...forging.ports, signer: signer! } });
    const without = await applied({ ...forging });

    expect(report).toMatchObject({ code: 'APPROVAL_MISSING' });
    expect(without.reason).toContain('TAGSWEEP_JOURNAL_KEY is not set');
    await expect(approve(world, stable, ALICE, unsigned)).rejects.toMatchObject({ code: 'INVALID_SETTING' });
  });

  it('applies a saved plan once it is approved by another than who made it', async () => {
    const byAlice = { ...OPTIONS, identity: { actor: ALICE.arn, account_id: ACCOUNT } };
    const own = aSignedWorld();
    const madeByAlice = (await planned(own, byAlice)).plan;
    await approve(own, madeByAlice.digest);
    const other = aSignedWorld();
    const madeByBob = (await planned(other)).plan;
    await approve(other, madeByBob.digest);
    const request = { mode: 'apply', trigger: { type: 'cli', name: 'apply' }, runId: 'saved' } as const;
    const carol = { ...OPTIONS, identity: { actor: `acs:ram::${ACCOUNT}:user/carol` } };

    const refused = await applySavedPlan({ ...request, plan: madeByAlice }, own.ports, carol);
    const done = await applySavedPlan({ ...request, plan: madeByBob }, other.ports, carol);

    expect(madeByAlice.madeBy).toBe('user/alice');
    expect(refused).toMatchObject({ code: 'APPROVAL_MISSING', tags: { removed: 0 } });
    expect(done).toMatchObject({ outcome: 'success', tags: { removed: 1 } });
  });

  it('asks for what today’s policy of the name asks for, too', async () => {
    const world = aSignedWorld();
    const policy = aPolicy({ limits: { maxPercent: 100 } });
    const { plan } = await planCleanup(aRequest({ policy, mode: 'dry-run' }), world.ports, OPTIONS);

    const report = await applySavedPlan(
      {
        plan,
        today: aPolicy(GUARDED),
        mode: 'apply',
        trigger: { type: 'cli', name: 'apply' },
        runId: 'saved',
      },
      world.ports,
      OPTIONS,
    );

    expect(report).toMatchObject({ code: 'APPROVAL_MISSING' });
  });

  it('needs nobody for a dry run, or where nothing would go', async () => {
    const world = aSignedWorld();
    const dry = await runCleanup(
      aRequest({ policy: aPolicy(GUARDED), mode: 'dry-run' }),
      world.ports,
      OPTIONS,
    );
    const nothing = aPolicy({ ...GUARDED, remove: [{ key: 'none' }] });

    expect(dry).toMatchObject({ outcome: 'success', tags: { planned: 1 } });
    expect(await applied(world, nothing)).toMatchObject({ outcome: 'success', tags: { planned: 0 } });
  });

  it('hands nothing over, since what is left is another plan', async () => {
    const world = aSignedWorld();
    const asked: unknown[] = [];
    const invoker = {
      submit: async (payload: unknown) => {
        asked.push(payload);
        return 'accepted' as const;
      },
      call: async () => ({}),
    };
    world.cloud.put(aResource({ id: 'eci-9', region: 'cn-beijing', tags: { 'ci-run': '1' } }));
    const { stable } = await planned(world);
    await approve(world, stable);

    const report = await applied({ ...world, ports: { ...world.ports, invoker } });

    expect(report).toMatchObject({ outcome: 'success', tags: { removed: 2 }, children: [] });
    expect(asked).toEqual([]);
  });
});
