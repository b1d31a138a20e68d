import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../../../emulator/identities.ts';
import { startEmulator } from '../../../../emulator/server.ts';
import { readConfig } from '../../../../lib/cloud/config.ts';
import { connect } from '../../../../lib/cloud/connect.ts';
import type { Message } from '../../../../lib/ports.ts';

const MESSAGE: Message = {
  title: `tagsweep: team ${'长'.repeat(200)}`,
  about: { kind: 'notice', runId: 'run-1', policy: 'p' },
  lines: ['Policy p will remove 5000 tags.'],
  items: Array.from({ length: 5000 }, (_, at) => `eci-${at}: ci-run=<script>alert("${at}")</script>`),
  itemsCut: 0,
  closing: ['To keep a tag: change its value.'],
  link: 'https://example.com/runs/run-1?a=1&b=2',
};

describe('mail by DirectMail', () => {
  it('is signed, within the bounds of the service, and holds no markup of a tag', async () => {
    const emulator = await startEmulator();
    const config = readConfig({
      TAGSWEEP_DM_ENDPOINT: emulator.url,
      TAGSWEEP_NOTIFY_MAIL: 'directmail://notices@mail.example.com?to=a@example.com,b@example.com',
    });
    const ports = connect(config, async () => DEFAULT_IDENTITY);

    const sent = await ports.notifier?.send('mail', MESSAGE);
    await emulator.close();

    const [mail] = emulator.mails;
    expect(mail).toMatchObject({ from: 'notices@mail.example.com', to: ['a@example.com', 'b@example.com'] });
    expect(mail?.html).not.toContain('<script');
    expect(mail?.html).toContain('To keep a tag: change its value.');
    expect(mail?.html).toContain('href="https://example.com/runs/run-1?a=1&#38;b=2"');
    expect(mail?.html).toContain(`… and ${sent?.leftOut} lines more.`);
    expect(sent?.leftOut).toBeGreaterThan(0);
  });

  it('tells why it was refused, and nothing of the keys', async () => {
    const emulator = await startEmulator();
    const config = readConfig({
      TAGSWEEP_DM_ENDPOINT: emulator.url,
      TAGSWEEP_NOTIFY_MAIL: 'directmail://notices@mail.example.com?to=a@example.com',
    });
    const wrong = { ...DEFAULT_IDENTITY, accessKeySecret: 'not-the-secret-of-this-key' };
    const { notifier } = connect(config, async () => wrong);

    const error = await notifier?.send('mail', MESSAGE).catch((thrown: unknown) => String(thrown));
    await emulator.close();

    expect(error).toContain('SignatureDoesNotMatch');
    expect(error).not.toContain(wrong.accessKeySecret);
    expect(emulator.mails).toEqual([]);
  });
});
