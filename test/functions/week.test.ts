import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../cli/main.ts';
import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import type { AuditRecord } from '../../lib/audit/record.ts';
import { createSigner } from '../../lib/audit/sign.ts';
import { readConfig } from '../../lib/cloud/config.ts';
import { connect } from '../../lib/cloud/connect.ts';
import { emulatorEnvironment } from '../support/cli.ts';
import { type Deployed, deployFunction } from '../support/deployed.ts';
import { inProcess } from '../support/in-process.ts';
import { type Robots, startRobots } from '../support/robots.ts';

const DAY_S = 86_400;
const KEY = Buffer.alloc(32, 7).toString('base64');
const SECRET = 'SEC0123456789abcdef';

const POLICY = {
  version: 1,
  name: 'tidy',
  mode: 'apply',
  scope: { regions: ['cn-hangzhou'] },
  remove: [{ key: 'ci-*' }],
  limits: { maxPercent: 100 },
  notice: { grace: '7d', groupBy: 'team' },
  notify: { channels: ['ops'], routes: { web: ['web-chat'] } },
  approval: { by: ['user/operator'] },
};

const FLEET = ['pay', 'web', 'web'].map((team, at) => ({
  id: `eci-${at}`,
  type: 'ContainerGroup' as const,
  region: 'cn-hangzhou',
  tags: { team, 'ci-run': String(at) },
}));

describe('a week in a team', () => {
  let fn: Deployed;
  let robots: Robots;
  let folder: string;
  let nights = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tagsweep-week-'));
    writeFileSync(join(folder, 'tidy.yaml'), JSON.stringify(POLICY));
    robots = await startRobots({ secret: SECRET, now: Date.now });
    fn = await deployFunction({
      emulator: { fleet: FLEET },
      function: {
        environment: {
          TAGSWEEP_POLICIES_DIR: folder,
          TAGSWEEP_JOURNAL_KEY: KEY,
          TAGSWEEP_NOTIFY_OPS: robots.address('dingtalk'),
          TAGSWEEP_NOTIFY_OPS_SECRET: SECRET,
          TAGSWEEP_NOTIFY_WEB_CHAT: robots.address('feishu'),
          TAGSWEEP_NOTIFY_WEB_CHAT_SECRET: SECRET,
        },
      },
    });
  });
  afterAll(async () => {
    await fn.close();
    await robots.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function night() {
    nights += 1;
    const triggerTime = `2026-11-0${nights}T19:30:00Z`;
    return fn.invoke({ triggerTime, triggerName: 'nightly', payload: JSON.stringify({ policy: 'tidy' }) });
  }

  /** Lets days pass, by making all that was written so much older; the key signs it again. */
  function passDays(days: number): void {
    const store = fn.emulator.sls.projects
      .get(DEFAULT_LOGSTORE.project)
      ?.logstores.get(DEFAULT_LOGSTORE.logstore);
    const logs = store?.logs ?? [];
    const signer = createSigner(KEY);
    const older = (text: string): string => new Date(Date.parse(text) - days * DAY_S * 1000).toISOString();
    logs.forEach((log, at) => {
      const { signature: _old, ...fields } = log.fields;
      const { event_time = '', due_time } = fields;
      const moved = {
        ...fields,
        event_time: older(event_time),
        ...(due_time && { due_time: older(due_time) }),
      };
      logs[at] = {
        ...log,
        time: log.time - days * DAY_S,
        fields: signer.sign(moved as unknown as AuditRecord),
      };
    });
  }

  async function cli(...args: string[]) {
    const env = {
      ...emulatorEnvironment(fn.emulator.url),
      TAGSWEEP_FC_ENDPOINT: fn.emulator.url,
      TAGSWEEP_LOG_PROJECT: DEFAULT_LOGSTORE.project,
      TAGSWEEP_LOG_STORE: DEFAULT_LOGSTORE.logstore,
      TAGSWEEP_POLICIES_DIR: folder,
      TAGSWEEP_JOURNAL_KEY: KEY,
    };
    return inProcess((io) => run(args, io), env);
  }

  it('announces, hears of an owner, waits for the grace and for approval, and removes the rest', async () => {
    const first = await night();
    const { eci } = connect(readConfig(fn.environment), async () => DEFAULT_IDENTITY);
    const owner = { region: 'cn-hangzhou', type: 'ContainerGroup' as const, ids: ['eci-1'] };
    await eci.tagResources({ ...owner, tags: [{ key: 'ci-run', value: 'still needed' }] });
    passDays(2);
    const third = await night();
    passDays(6);
    const ninth = await night();
    const digest = /tagsweep approve (sha256:[0-9a-f]{64})/.exec(ninth.error?.errorMessage ?? '')?.[1] ?? '';
    const approved = await cli(
      ...['approve', digest, '--through-function', '--account', DEFAULT_IDENTITY.accountId, '--json'],
    );
    const planned = JSON.parse((await cli('plan', 'tidy', '--json')).out);
    const tenth = await night();

    expect(first.result).toMatchObject({
      tags: { planned: 0 },
      noticed: 3,
      notices: { given: 3, untold: 0 },
    });
    expect(third.result).toMatchObject({ noticed: 3, notices: { given: 1, withdrawn: 1 } });
    expect(ninth.error?.errorMessage).toContain('APPROVAL_MISSING');
    expect(approved).toMatchObject({ code: 0 });
    expect(JSON.parse(approved.out)).toMatchObject({ planDigest: digest, by: 'user/operator' });
    expect(planned.removals.map(({ resourceId }: { resourceId: string }) => resourceId)).toEqual([
      'eci-0',
      'eci-2',
    ]);
    expect(tenth.result).toMatchObject({ outcome: 'success', tags: { planned: 2, removed: 2 }, noticed: 1 });
    const tags = Object.fromEntries(fn.emulator.state.snapshot().map((one) => [one.id, one.tags]));
    expect(tags).toEqual({
      'eci-0': { team: 'pay' },
      'eci-1': { team: 'web', 'ci-run': 'still needed' },
      'eci-2': { team: 'web' },
    });
    expect(robots.taken.every(({ accepted }) => accepted)).toBe(true);
    const heard = (kind: string) =>
      robots.taken.filter(({ path }) => path.includes(kind)).map(({ text }) => text);
    expect(heard('feishu')[0]).toContain('tagsweep: team web: 2 tags of 2 resources will be removed');
    expect(heard('feishu').at(-1)).toContain('tagsweep: team web: 1 tag of 1 resource removed');
    expect(heard('dingtalk').join('\n')).toContain('tagsweep approve sha256:');
  }, 120_000);

  it('takes no approval that somebody else signed for, and none of another plan', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;

    const { error } = await fn.invoke({
      approve: digest,
      until: '2027-01-01T00:00:00Z',
      proof: 'Action=GetCallerIdentity',
    });

    expect(error?.errorMessage).toContain('NOT_ALLOWED');
    expect(error?.errorMessage).toContain('not proved who asks');
  });
});
