import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY, type Identity } from '../../emulator/identities.ts';
import type { Emulator } from '../../emulator/server.ts';
import { type Audience, ramPolicy } from '../../lib/cloud/ram.ts';
import { RESOURCE_TYPES } from '../../lib/resource.ts';
import { diagnose, startService } from './bench.ts';

let emulator: Emulator | undefined;
afterEach(async () => {
  await emulator?.close();
});

/** Somebody who holds what `ram --for` prints, and nothing else. */
function holderOf(audience: Audience): Identity {
  const { accountId } = DEFAULT_IDENTITY;
  const place = {
    accountId,
    region: 'cn-hangzhou',
    functionName: 'f',
    logProject: 'p',
    logStore: 's',
    platformLogStore: 'q',
  };
  const policy = ramPolicy(audience, { regions: ['cn-hangzhou'], resourceTypes: RESOURCE_TYPES }, place);
  return { ...DEFAULT_IDENTITY, policies: [policy] };
}

describe('ramPolicy for the doctor', () => {
  it.each([
    { audience: 'doctor', write: {} },
    { audience: 'doctor-write', write: { write: true as const } },
  ] as const)('allows all that $audience asks for, and nothing of it fails', async ({ audience, write }) => {
    const identity = holderOf(audience);
    emulator = await startService({ deniedList: 'error' }, { identities: [identity] });

    const { findings } = await diagnose(emulator, { ...write, identity });

    expect(findings.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(emulator.permissions.uses.filter(({ allowed }) => !allowed)).toEqual([]);
  });

  it('lets nobody change a tag who may only look', async () => {
    const identity = holderOf('doctor');
    emulator = await startService({}, { identities: [identity] });

    const { findings, learned } = await diagnose(emulator, { write: true, identity });

    const failed = findings.filter(({ status }) => status === 'failed');
    expect(failed).toMatchObject([
      { check: 'changes', text: expect.stringContaining('CreateContainerGroup') },
    ]);
    expect(learned.tagRows).toBe('complete');
    expect(emulator.state.shelf('cn-hangzhou', 'ContainerGroup')).toHaveLength(15);
  });
});
