import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../../../lib/cloud/config.ts';
import type { ChannelSetting } from '../../../../lib/cloud/notify/channel.ts';
import { createNotifier } from '../../../../lib/cloud/notify/notifier.ts';
import { readChannel } from '../../../../lib/cloud/notify/read-channel.ts';
import type { Message, Notifier } from '../../../../lib/ports.ts';
import { type RobotKind, type Robots, startRobots } from '../../../support/robots.ts';
import { virtualClock } from '../../../support/virtual-clock.ts';

const SECRET = 'SEC0123456789abcdef0123456789abcdef';
const NOW = Date.UTC(2026, 5, 1);
const KINDS: readonly RobotKind[] = ['dingtalk', 'feishu', 'wecom', 'slack', 'webhook'];
const SIGNED: readonly RobotKind[] = ['dingtalk', 'feishu', 'webhook'];

function aMessage(part: Partial<Message> = {}): Message {
  return {
    title: 'tagsweep: team pay: 2 tags of 2 resources will be removed',
    about: { kind: 'notice', runId: 'run-1', policy: 'a-policy', group: 'pay' },
    lines: ['Policy a-policy will remove 2 tags of 2 resources from 2026-06-08T00:00:00.000Z on.'],
    items: ['eci-0 (api): ci-run=1', 'eci-1 (api): ci-run=2'],
    itemsCut: 0,
    closing: ['To keep a tag: change its value.'],
    ...part,
  };
}

describe('channels', () => {
  let robots: Robots;

  beforeEach(async () => {
    robots = await startRobots({ secret: SECRET, now: () => NOW });
  });
  afterEach(() => robots.close());

  function notifierOf(kind: RobotKind, secret = SECRET): Notifier {
    const setting = readChannel(robots.address(kind), secret) as ChannelSetting;
    return createNotifier(
      { channels: new Map([['ops', setting]]), usual: [] },
      { clock: virtualClock(NOW), credentials: () => Promise.reject(new Error('nobody asks')) },
    );
  }

  it.each(KINDS)('%s takes a message, with all that it says', async (kind) => {
    const sent = await notifierOf(kind).send('ops', aMessage({ link: 'https://example.com/runs/run-1' }));

    const [taken] = robots.taken;
    expect(sent).toEqual({ leftOut: 0 });
    expect(taken?.accepted).toBe(true);
    for (const text of ['team pay', 'eci-1 (api): ci-run=2', 'To keep a tag', 'example.com/runs/run-1']) {
      expect(taken?.text).toContain(text);
    }
  });

  it.each(SIGNED)('%s refuses what is signed with another secret, and that is told', async (kind) => {
    const sending = notifierOf(kind, 'another secret').send('ops', aMessage());

    await expect(sending).rejects.toThrow(/it answered/);
    expect(robots.taken[0]?.accepted).toBe(false);
  });

  it.each(KINDS)('%s gets as many lines as it has room for, and is told of the rest', async (kind) => {
    const items = Array.from({ length: 5000 }, (_, at) => `eci-${at} (标签): ci-run=${'值'.repeat(20)}`);

    const { leftOut } = await notifierOf(kind).send('ops', aMessage({ items, itemsCut: 7 }));

    const [taken] = robots.taken;
    expect(taken?.accepted).toBe(true);
    expect(leftOut).toBeGreaterThan(0);
    expect(taken?.text).toContain(
      kind === 'webhook' ? `"itemsCut":${leftOut + 7}` : `… and ${leftOut + 7} lines more.`,
    );
    expect(taken?.text).toContain('To keep a tag');
    expect(taken?.text).toContain('eci-0 ');
  });

  it.each(KINDS)('%s gets something even where the sentences alone are too long', async (kind) => {
    const long = Array.from({ length: 9 }, () => 'x'.repeat(9000));

    await notifierOf(kind).send('ops', aMessage({ lines: long, closing: long }));

    expect(robots.taken[0]?.accepted).toBe(true);
  });

  it.each(KINDS)('%s acts upon nothing that a tag holds', async (kind) => {
    const hostile = [
      '\u001b[2Jx\u202e',
      '"}],"at":{"isAtAll":true},"x":"',
      '</p><script>alert(1)</script>',
      '<!channel>',
      '<@all>',
      '<at user_id="all"></at>',
      '**bold** [a](https://evil.example)',
      '@all',
    ];

    await notifierOf(kind).send('ops', aMessage({ items: hostile }));

    const [taken] = robots.taken;
    expect(taken?.accepted).toBe(true);
    expect(taken?.text).not.toContain('acted upon');
    if (kind === 'wecom') expect(taken?.text).not.toContain('<@');
    if (kind === 'slack') expect(taken?.body).not.toMatch(/<[^>]*>/);
    if (kind === 'feishu') {
      const tags = [...(taken?.body ?? '').matchAll(/"tag":"([a-z]+)"/g)].map(([, tag]) => tag);
      expect(new Set(tags)).toEqual(new Set(['text']));
    }
    if (kind === 'dingtalk')
      expect(JSON.parse(taken?.body ?? '')).toMatchObject({ msgtype: 'text', at: { isAtAll: false } });
  });

  it.each(KINDS)('%s goes nowhere else, whatever it answers', async (kind) => {
    robots.failNext(302, '', { location: robots.address('slack').replace(/^slack\+/, '') });

    await expect(notifierOf(kind).send('ops', aMessage())).rejects.toThrow('it answered 302');
    expect(robots.taken).toHaveLength(1);
  });

  it.each(KINDS)('%s tells nothing of its address or secret where it fails', async (kind) => {
    robots.failNext(500, `failed: ${robots.address(kind)} ${SECRET}`);

    const error = await notifierOf(kind)
      .send('ops', aMessage())
      .catch((thrown: unknown) => String(thrown));

    expect(error).toContain('it answered 500');
    for (const secret of [SECRET, 'hook-0123456789abcdef', 'a-token-of-the-robot']) {
      expect(error).not.toContain(secret);
    }
  });

  it.each(['dingtalk', 'feishu', 'wecom'] as const)('%s is not believed without its number', async (kind) => {
    robots.failNext(200, '<html>captive portal</html>');

    await expect(notifierOf(kind).send('ops', aMessage())).rejects.toThrow('it answered');
  });
});

describe('readChannel', () => {
  it.each([
    ['https://oapi.dingtalk.com/robot/send?access_token=x', 'is no channel'],
    ['teams+https://example.com', 'is no channel'],
    [
      'dingtalk+https://example.com/robot',
      'leads to example.com, and this kind of channel only to oapi.dingtalk.com',
    ],
    ['feishu+https://open.feishu.cn.evil.example/x', 'leads to open.feishu.cn.evil.example'],
    ['webhook+http://example.com/x', 'must begin with https://'],
    ['webhook+https://100.100.100.200/latest', 'not an address in numbers'],
    ['webhook+https://[fd00::1]/x', 'not an address in numbers'],
    ['webhook+https://0x64646464/x', 'not an address in numbers'],
    ['webhook+https://user:password@example.com/x', 'must not hold credentials'],
    ['directmail://nobody', 'names no sender'],
    ['directmail://a@mail.example.com', 'names no recipients'],
    ['directmail://a@mail.example.com?to=b@example.com&region=../evil', 'names no region'],
  ])('refuses %s', (text, fault) => {
    expect(readChannel(text, SECRET)).toMatchObject({ fault: expect.stringContaining(fault) });
  });

  it('refuses a channel whose messages are signed and that has no secret', () => {
    expect(readChannel('webhook+https://example.com/x', undefined)).toMatchObject({
      fault: expect.stringContaining('_SECRET'),
    });
  });
});

describe('the settings of channels', () => {
  const URL_OF_OPS = 'slack+https://hooks.slack.com/services/T0/B0/x';

  it('are read by name, with what policies that name none are told over', () => {
    const { notify } = readConfig({
      TAGSWEEP_NOTIFY: 'pay-chat',
      TAGSWEEP_NOTIFY_OPS: URL_OF_OPS,
      TAGSWEEP_NOTIFY_PAY_CHAT: 'webhook+https://hooks.example.com/x',
      TAGSWEEP_NOTIFY_PAY_CHAT_SECRET: SECRET,
      TAGSWEEP_RUN_LINK: 'https://example.com/{run}',
    });

    expect([...(notify?.channels.keys() ?? [])]).toEqual(['ops', 'pay-chat']);
    expect(notify?.usual).toEqual(['pay-chat']);
    expect(notify?.channels.get('pay-chat')?.secret).toBe(SECRET);
  });

  it.each([
    [{ TAGSWEEP_NOTIFY: 'ops' }, 'TAGSWEEP_NOTIFY names channel ops, and TAGSWEEP_NOTIFY_OPS is not set.'],
    [{ TAGSWEEP_NOTIFY_OPS_SECRET: SECRET }, 'is the secret of TAGSWEEP_NOTIFY_OPS, which is not set'],
    [{ TAGSWEEP_NOTIFY_Ops: URL_OF_OPS }, 'names no channel'],
    [{ TAGSWEEP_NOTIFY_OPS: URL_OF_OPS, TAGSWEEP_RUN_LINK: 'https://example.com/' }, 'with {run}'],
  ])('are refused where they are %o', (env, fault) => {
    expect(() => readConfig(env)).toThrow(fault);
  });

  it('are told without what they hold where they are wrong', () => {
    const env = {
      TAGSWEEP_NOTIFY_OPS: 'dingtalk+https://oapi.dingtalk.com/robot/send?access_token=secret-token',
    };

    expect(() => readConfig(env)).toThrow('needs the secret');
    expect(() => readConfig(env)).not.toThrow('secret-token');
  });
});
