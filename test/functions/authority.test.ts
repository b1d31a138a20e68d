import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ask, grantMode } from '../../functions/cleanup/authority.ts';
import type { Authority } from '../../lib/cloud/config.ts';
import { type Deployed, deployFunction } from '../support/deployed.ts';
import { deployedLog } from '../support/deployed-log.ts';

const DELIVERED: Authority = {
  inlinePolicies: false,
  raiseMode: 'digest',
  requireDigest: false,
  allowUnjournaled: false,
};
const DRY = { name: 'p', mode: 'dry-run', journal: 'values' } as const;
const APPLIED = { ...DRY, mode: 'apply' } as const;
const UNJOURNALED = { ...APPLIED, journal: 'keys' } as const;
const DIGEST = `sha256:${'0'.repeat(64)}`;

const ask = (part: Partial<Ask>): Ask => ({ policy: DRY, isTimer: false, ...part });

describe('grantMode', () => {
  it.each<[string, Partial<Ask>, Partial<Authority>, 'dry-run' | 'apply']>([
    ['takes the policy’s own mode', { policy: APPLIED }, {}, 'apply'],
    ['lets anybody lower it', { policy: APPLIED, mode: 'dry-run' }, { requireDigest: true }, 'dry-run'],
    ['lets a reviewed digest raise it', { mode: 'apply', planDigest: DIGEST }, {}, 'apply'],
    ['lets a request raise it where that is on', { mode: 'apply' }, { raiseMode: 'on' }, 'apply'],
    [
      'lets a digest through where each apply needs one',
      { policy: APPLIED, planDigest: DIGEST },
      { requireDigest: true },
      'apply',
    ],
    [
      'lets values go unkept where that is allowed',
      { policy: UNJOURNALED },
      { allowUnjournaled: true },
      'apply',
    ],
    ['lets a policy without values do a dry run', { policy: UNJOURNALED, mode: 'dry-run' }, {}, 'dry-run'],
  ])('%s', (_, part, settings, mode) => {
    expect(grantMode(ask(part), { ...DELIVERED, ...settings })).toBe(mode);
  });

  it.each<[string, Partial<Ask>, Partial<Authority>, RegExp]>([
    ['a raise without a digest', { mode: 'apply' }, {}, /only with the planDigest/],
    [
      'a raise where none may',
      { mode: 'apply', planDigest: DIGEST },
      { raiseMode: 'off' },
      /RAISE_MODE is off/,
    ],
    ['a timer’s raise', { mode: 'apply', planDigest: DIGEST, isTimer: true }, {}, /a timer cannot raise/],
    [
      'a timer’s raise, whatever is on',
      { mode: 'apply', isTimer: true },
      { raiseMode: 'on' },
      /a timer cannot/,
    ],
    ['an apply without a digest', { policy: APPLIED }, { requireDigest: true }, /REQUIRE_DIGEST is on/],
    ['an apply that could not be undone', { policy: UNJOURNALED }, {}, /TAGSWEEP_ALLOW_UNJOURNALED=on/],
  ])('refuses %s, and names the setting', (_, part, settings, says) => {
    expect(() => grantMode(ask(part), { ...DELIVERED, ...settings })).toThrow(says);
    expect(() => grantMode(ask(part), { ...DELIVERED, ...settings })).toThrow('Nothing was done');
  });
});

const TAGS = { 'ci-run': '1', PodName: 'web-0', NameSpace: 'prod', role: 'admin' };

describe('the bundle, as it is delivered', () => {
  let fn: Deployed;
  beforeEach(async () => {
    const fleet = [
      {
        id: 'eci-1',
        type: 'ContainerGroup' as const,
        region: 'cn-hangzhou',
        created: '2026-01-01T00:00:00Z',
        tags: TAGS,
      },
    ];
    fn = await deployFunction({ emulator: { fleet } });
  });
  afterEach(() => fn.close());

  const tags = () => fn.emulator.state.snapshot()[0]?.tags;
  const ofTimer = (payload: unknown) => ({
    triggerTime: '2026-11-24T19:30:00Z',
    triggerName: 'nightly',
    payload: JSON.stringify(payload),
  });
  const wipe = {
    version: 1,
    name: 'strip-ci-markers',
    mode: 'apply',
    scope: { regions: ['cn-hangzhou'] },
    remove: [{ key: '*' }, { key: 'PodName' }, { key: 'NameSpace' }],
    unprotect: ['PodName', 'NameSpace'],
    limits: { maxPercent: 100 },
    journal: 'keys',
  };

  it.each([
    ['a policy that a request brings', { policy: wipe, mode: 'apply' }, /^NOT_ALLOWED: .*policy of its own/],
    ['a policy in a timer’s payload', ofTimer({ policy: wipe }), /^NOT_ALLOWED: .*policy of its own/],
    ['a request that raises a dry run', { mode: 'apply' }, /^NOT_ALLOWED: Run .* was refused: .*planDigest/],
    [
      'a timer that raises a dry run',
      ofTimer({ mode: 'apply' }),
      /^NOT_ALLOWED: Run .* a timer cannot raise/,
    ],
    ['one key twice', Buffer.from('{"mode":"dry-run","mode":"apply"}'), /^INVALID_REQUEST: .*more than once/],
  ])('refuses %s, and removes nothing', async (_, event, says) => {
    const { error } = await fn.invoke(event);

    expect(error?.errorMessage).toMatch(says);
    expect(tags()).toEqual(TAGS);
  });

  it.each([
    ['a policy that a request brings', { policy: wipe, mode: 'apply' }, 'inline policy', 'NOT_ALLOWED'],
    ['a policy that there is not', { policy: 'strip-ci-marker' }, 'strip-ci-marker', 'POLICY_NOT_FOUND'],
    ['the undo of a run that there is not', { undo: 'r-404' }, undefined, 'RUN_NOT_FOUND'],
  ])('writes down that it refused %s', async (_, event, policy, code) => {
    await fn.invoke(event);

    const records = await deployedLog(fn).read({});
    expect(
      records.map(({ event_name, policy_name, stop_code }) => [event_name, policy_name, stop_code]),
    ).toEqual([
      ['run_started', policy, undefined],
      ['run_completed', policy, code],
    ]);
  });

  it('writes down what it refused to raise, under an id that no timer has', async () => {
    await fn.invoke({ mode: 'apply', runId: 'timer-20261124T193000Z-0000000000000000' });

    const records = await deployedLog(fn).read({});
    expect(records.map(({ event_name, outcome, stop_code }) => [event_name, outcome, stop_code])).toEqual([
      ['run_started', undefined, undefined],
      ['policy_recorded', undefined, undefined],
      ['run_completed', 'refused', 'NOT_ALLOWED'],
    ]);
    expect(records.map(({ run_id }) => run_id)).toEqual(
      records.map(() => 'req-timer-20261124T193000Z-0000000000000000'),
    );
  });

  it('prints what it plans to remove without its values', async () => {
    const { result: dry } = await fn.invoke({ mode: 'dry-run' });

    const { stdout, result } = await fn.invoke({ mode: 'apply', planDigest: dry.planDigest });

    expect(result).toMatchObject({ outcome: 'success', tags: { removed: 1 } });
    const journal = stdout.split('\n').find((line) => line.includes('"removals_planned"'));
    expect(JSON.parse(journal ?? '{}').resources).toBe('[{"id":"eci-1","keys":["ci-run"]}]');
    expect(JSON.stringify(await deployedLog(fn).read({}))).toContain('\\"ci-run\\":\\"1\\"');
  });
});
