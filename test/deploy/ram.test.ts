import { beforeAll, describe, expect, it } from 'vitest';
import type { PermissionUse } from '../../emulator/ram/permissions.ts';
import { isAllowed, type RamPolicy } from '../../emulator/ram/policy.ts';
import { ramPolicy } from '../../lib/cloud/ram.ts';
import { deliveredPolicy, PLACE, ROLES } from '../support/roles.ts';
import { deployUnder, recordRuns } from './recorded-runs.ts';

/** One action on one pattern of resources: the smallest thing that a policy gives. */
interface Grant {
  readonly action: string;
  readonly resource: string;
}

function grantsOf({ Statement }: RamPolicy): readonly Grant[] {
  return Statement.flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ action, resource }))),
  );
}

function covers({ action, resource }: Grant, use: PermissionUse): boolean {
  const alone = { Effect: 'Allow', Action: action, Resource: resource } as const;
  return isAllowed([{ Version: '1', Statement: [alone] }], use.action, use.resource);
}

describe('policies/ram, beside what recorded runs asked for', () => {
  let uses: readonly PermissionUse[];

  beforeAll(async () => {
    uses = await recordRuns();
  }, 300_000);

  const usesOf = (who: keyof typeof ROLES) =>
    uses.filter(({ accessKeyId }) => accessKeyId === ROLES[who].accessKeyId);

  it.each(Object.keys(ROLES) as (keyof typeof ROLES)[])('allow %s whatever it asked for', (audience) => {
    expect(usesOf(audience).length).toBeGreaterThan(0);
    expect(usesOf(audience).filter(({ allowed }) => !allowed)).toEqual([]);
  });

  it.each([
    ['function-dry-run', 'function-dry-run'],
    ['function-dry-run', 'function'],
    ['function-changes', 'function'],
    ['reader', 'reader'],
    ['operator', 'operator'],
  ] as const)('give by %s nothing that no run of the %s asked for', (name, who) => {
    const unused = grantsOf(deliveredPolicy(name)).filter(
      (grant) => !usesOf(who).some((use) => covers(grant, use)),
    );

    expect(unused).toEqual([]);
  });
});

describe('a role narrowed to one cleanup policy', () => {
  it('is all that this policy needs, and nothing for another region', async () => {
    const scope = { regions: ['cn-beijing'], resourceTypes: ['ImageCache'] } as const;
    const policies = [ramPolicy('function', scope, PLACE)];
    const fn = await deployUnder('function', { ...ROLES.function, policies });
    const policy = { version: 1, name: 'narrow', remove: [{ key: 'ci-*' }], limits: { maxPercent: 100 } };

    const { result: inside } = await fn.invoke({ policy: { ...policy, scope }, mode: 'apply' });
    const refusedBefore = fn.emulator.permissions.uses.filter(({ allowed }) => !allowed);
    const elsewhere = { ...scope, regions: ['cn-hangzhou'] };
    const { error: outside } = await fn.invoke({ policy: { ...policy, scope: elsewhere }, mode: 'apply' });

    expect(inside).toMatchObject({ outcome: 'success', tags: { planned: 2, removed: 2 } });
    expect(refusedBefore).toEqual([]);
    expect(outside?.errorMessage).toMatch(/^INVENTORY_INCOMPLETE: .* was refused/);
    expect(outside?.errorMessage).toContain('the identity looks denied');
    await fn.close();
  });
});

describe('the role for dry runs', () => {
  it('lets no policy and no request remove a tag, and the run says why', async () => {
    const fn = await deployUnder('function-dry-run');
    const before = fn.emulator.state.snapshot();
    const policy = { version: 1, name: 'x', scope: { regions: ['cn-hangzhou'] }, remove: [{ key: 'ci-*' }] };

    const { error } = await fn.invoke({
      policy: { ...policy, limits: { maxPercent: 100 } },
      mode: 'apply',
    });

    expect(error?.errorMessage).toMatch(/^[A-Z_]+: Run .* failed/);
    expect(error?.errorMessage).toContain('NoPermission.Tag');
    expect(fn.emulator.state.snapshot()).toEqual(before);
    await fn.close();
  });
});
