import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FunctionSpec } from '../../../emulator/fc/function.ts';
import type { FunctionCompute, FunctionComputeOptions } from '../../../emulator/fc/service.ts';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY } from '../../../emulator/identities.ts';
import type { Emulator } from '../../../emulator/server.ts';
import { createInvoker } from '../../../lib/cloud/fc/invoker.ts';
import type { FunctionAddress } from '../../../lib/cloud/fc/transport.ts';
import type { Invoker } from '../../../lib/ports.ts';
import { aFunction, deployedCode, startWithFunctions } from '../../support/function-compute.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const code = deployedCode(`
  let count = 0;
  exports.handler = async (event, context) => {
    count += 1;
    const text = event.toString();
    const wish = text === '' ? {} : JSON.parse(text);
    if (wish.fail) throw new TypeError('told to fail');
    if (wish.failFirst && count === 1) throw new Error('the first time');
    if (wish.hang) await new Promise((resolve) => setTimeout(resolve, 60_000));
    if (wish.exit) process.exit(3);
    if (wish.leave) setTimeout(() => {}, 60_000);
    return { wish, count, raw: Buffer.isBuffer(event), context, secret: process.env.MACHINE_SECRET, own: process.env.OWN };
  };
`);

let emulator: Emulator;
let fc: FunctionCompute;

async function start(
  options: Partial<FunctionComputeOptions> = {},
  spec: Partial<FunctionSpec> = {},
): Promise<void> {
  ({ emulator, fc } = await startWithFunctions({
    functions: [aFunction({ codeFolder: code.folder, environment: { OWN: 'yes' }, ...spec })],
    ...options,
  }));
}

function invoker(
  address: Partial<FunctionAddress> = {},
  credentials = DEFAULT_STS_IDENTITY,
  useFc2 = true,
): Invoker {
  return createInvoker({
    address: {
      functionName: 'tagsweep',
      qualifier: 'LATEST',
      accountId: DEFAULT_IDENTITY.accountId,
      region: 'cn-hangzhou',
      endpoint: emulator.url,
      ...address,
    },
    credentials: async () => credentials,
    clock: virtualClock(),
    chance: () => 0.5,
    useFc2,
  });
}

beforeEach(() => {
  process.env.MACHINE_SECRET = 'not for functions';
});

afterEach(async () => {
  delete process.env.MACHINE_SECRET;
  await emulator.close();
});

describe('an invocation that waits', () => {
  it.each([
    { description: 'through fc2, to a 3.0 function', useFc2: true, service: undefined },
    { description: 'through the OpenAPI client, to a 3.0 function', useFc2: false, service: undefined },
    { description: 'through fc2, to a function of a 2.0 service', useFc2: true, service: 'ops' },
  ])('brings raw bytes in and the value back $description', async ({ useFc2, service }) => {
    await start({}, service === undefined ? {} : { serviceName: service });
    const address = service === undefined ? {} : { serviceName: service };

    const answer = await invoker(address, DEFAULT_STS_IDENTITY, useFc2).call({
      mode: 'dry-run',
      text: 'héé ✓',
    });

    expect(answer).toMatchObject({
      wish: { mode: 'dry-run', text: 'héé ✓' },
      raw: true,
      own: 'yes',
      context: { function: { name: 'tagsweep', timeout: 10 }, accountId: DEFAULT_IDENTITY.accountId },
    });
    expect(answer).not.toHaveProperty('secret');
  });

  it('sends nothing as nothing', async () => {
    await start();

    await expect(invoker().call(undefined)).resolves.toMatchObject({ wish: {}, raw: true });
  });

  it.each([true, false])(
    'treats a function that failed as a failure, with its own words (fc2: %s)',
    async (useFc2) => {
      await start();

      await expect(invoker({}, DEFAULT_STS_IDENTITY, useFc2).call({ fail: true })).rejects.toMatchObject({
        code: 'INVOCATION_FAILED',
        message: expect.stringMatching(/TypeError.*told to fail.*request id/),
      });
    },
  );

  it('kills a function whose time is up, and starts afresh', async () => {
    await start({}, { timeoutSeconds: 0.5 });

    await expect(invoker().call({ hang: true })).rejects.toThrow(/timed out after 0.5 seconds/);
    await expect(invoker().call({})).resolves.toMatchObject({ count: 1 });
  });

  it('survives a function that exits', async () => {
    await start();

    await expect(invoker().call({ exit: true })).rejects.toThrow(/exited unexpectedly/);
  });

  it('uses a warm instance again and tells what each request left behind', async () => {
    await start();

    await invoker().call({ leave: true });
    await expect(invoker().call({})).resolves.toMatchObject({ count: 2 });

    expect(fc.platform.invocations.map((one) => one.leftovers)).toEqual([['Timeout'], []]);
  });

  it.each([
    { description: 'an unknown function', address: { functionName: 'other' }, says: /404/ },
    { description: 'an unknown service', address: { serviceName: 'other' }, says: /404, ServiceNotFound/ },
  ])('says what is wrong with $description', async ({ address, says }) => {
    await start();

    await expect(invoker(address).call({})).rejects.toThrow(says);
  });

  it('refuses a wrong secret by either signature, without telling it', async () => {
    await start();
    const wrong = { ...DEFAULT_STS_IDENTITY, accessKeySecret: 'wrong-secret-material' };

    for (const useFc2 of [true, false]) {
      const error = await invoker({}, wrong, useFc2)
        .call({})
        .then(
          () => undefined,
          (caught: unknown) => caught,
        );
      expect(String(error)).toMatch(/403/);
      expect(String(error)).not.toContain('wrong-secret-material');
    }
  });

  it('falls back to the new signature when the old one is not taken', async () => {
    await start({ acceptsFcSignature: false });

    await expect(invoker().call({ mode: 'dry-run' })).resolves.toMatchObject({ wish: { mode: 'dry-run' } });
  });

  it('keeps the token of a key whose id does not begin with STS', async () => {
    const identity = { ...DEFAULT_STS_IDENTITY, accessKeyId: 'TMP.key' };
    ({ emulator, fc } = await startWithFunctions(
      { functions: [aFunction({ codeFolder: code.folder })] },
      { identities: [identity] },
    ));

    await expect(invoker({}, identity, true).call({})).resolves.toMatchObject({ wish: {} });
    await expect(invoker({}, identity, false).call({})).resolves.toMatchObject({ wish: {} });
  });
});

describe('an asynchronous invocation', () => {
  it.each([true, false])('is stored, answered at once, and run (fc2: %s)', async (useFc2) => {
    await start();

    await expect(invoker({}, DEFAULT_STS_IDENTITY, useFc2).submit({ hop: 1 }, 'run-1-h1')).resolves.toBe(
      'accepted',
    );
    await fc.platform.settled();

    expect(fc.platform.invocations).toMatchObject([{ async: true, taskId: 'run-1-h1', event: '{"hop":1}' }]);
  });

  it.each([true, false])('is harmless when submitted twice (fc2: %s)', async (useFc2) => {
    await start();
    const twice = invoker({}, DEFAULT_STS_IDENTITY, useFc2);

    await twice.submit({}, 'run-1-h1');
    await expect(twice.submit({}, 'run-1-h1')).resolves.toBe('duplicate');
    await fc.platform.settled();

    expect(fc.platform.invocations).toHaveLength(1);
  });

  it('is tried again when the function fails, and kept when it fails for good', async () => {
    await start({}, { asyncInvoke: { maxRetryAttempts: 2, retryDelayMs: 1 } });

    await invoker().submit({ failFirst: true }, 'once');
    await fc.platform.settled();
    await invoker().submit({ fail: true }, 'always');
    await fc.platform.settled();

    expect(fc.platform.invocations.map((one) => [one.taskId, one.attempt, one.outcome])).toEqual([
      ['once', 1, 'threw'],
      ['once', 2, 'returned'],
      ['always', 1, 'threw'],
      ['always', 2, 'threw'],
      ['always', 3, 'threw'],
    ]);
    expect(fc.platform.deadLetters).toMatchObject([
      {
        requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
        requestPayload: '{"fail":true}',
      },
    ]);
  });

  it('refuses a payload over 128 KB before anything is sent', async () => {
    await start();

    await expect(invoker().submit({ text: 'x'.repeat(128 * 1024) }, 'large')).rejects.toThrow(/over 131072/);
    expect(fc.platform.invocations).toHaveLength(0);
  });

  it('waits out a service that is away for a moment, and not one that says no', async () => {
    await start({ refuseNext: { status: 503, times: 2 } });

    await expect(invoker().submit({}, 'patient')).resolves.toBe('accepted');
    await expect(invoker({ functionName: 'other' }).submit({}, 'lost')).rejects.toThrow(/404/);
  });

  it('gives up after four tries, and says so', async () => {
    await start({ refuseNext: { status: 503, times: 99 } });

    await expect(invoker().submit({}, 'patient')).rejects.toThrow(/status 503/);
  });
});
