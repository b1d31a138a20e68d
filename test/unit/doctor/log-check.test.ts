import { describe, expect, it } from 'vitest';
import { checkIdentity } from '../../../lib/doctor/identity-check.ts';
import { checkLog, type LogLook } from '../../../lib/doctor/log-check.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

function aLook(part: Partial<LogLook> = {}): LogLook {
  return { place: 'log store s', write: async () => undefined, find: async () => true, ...part };
}

async function check(look: LogLook | undefined) {
  const findings = await checkLog(look, virtualClock());
  return findings.map(({ check: name, status, text }) => `${name} ${status}: ${text}`);
}

describe('checkLog', () => {
  it('tells how long it took until a written record was found', async () => {
    let looks = 0;
    const late = aLook({ find: async () => ++looks === 3, index: async () => 'equal' });

    expect(await check(late)).toEqual([
      'log index passed: log store s: the index is the shipped one',
      'log store passed: log store s: a written record was found after 750 ms',
    ]);
  });

  it.each([
    { description: 'names no log store', look: undefined, says: 'log store warned: no log store is named' },
    { description: 'has no index', look: aLook({ index: async () => 'missing' }), says: 'log index failed' },
    {
      description: 'has another index',
      look: aLook({ index: async () => 'other' }),
      says: 'log index warned',
    },
    {
      description: 'never shows the record',
      look: aLook({ find: async () => false }),
      says: 'not found in 30 s',
    },
    {
      description: 'refuses the record',
      look: aLook({ write: () => Promise.reject(new Error('denied')) }),
      says: 'log store failed: denied',
    },
    {
      description: 'does not let its index be read',
      look: aLook({ index: () => Promise.reject(new Error('denied')) }),
      says: 'log index warned: log store s: the index cannot be read: denied',
    },
  ])('says so of a place that $description', async ({ look, says }) => {
    expect((await check(look)).join('\n')).toContain(says);
  });
});

describe('checkIdentity', () => {
  const identify = async () => ({ accountId: '1234567890123456', arn: 'acs:ram::1:user/alice' });

  it('tells whose the credentials are', async () => {
    const { findings, accountId } = await checkIdentity({ identify, isTemporary: false });

    expect(accountId).toBe('1234567890123456');
    expect(findings).toMatchObject([
      { status: 'passed', text: expect.stringContaining('acs:ram::1:user/alice') },
    ]);
  });

  it('fails where another account was meant', async () => {
    const { findings } = await checkIdentity({ identify, isTemporary: true, account: '9999999999999999' });

    expect(findings.map(({ status }) => status)).toEqual(['passed', 'failed']);
  });

  it('goes on without a name where nobody tells it', async () => {
    const { findings, accountId } = await checkIdentity({
      identify: async () => ({ fault: 'no way' }),
      isTemporary: false,
    });

    expect(accountId).toBeUndefined();
    expect(findings).toMatchObject([{ status: 'warned', text: expect.stringContaining('no way') }]);
  });
});
