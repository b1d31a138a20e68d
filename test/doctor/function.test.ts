import { afterEach, describe, expect, it } from 'vitest';
import type { FunctionSpec } from '../../emulator/fc/function.ts';
import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import type { Emulator } from '../../emulator/server.ts';
import { createFunctionReader } from '../../lib/cloud/fc/function-reader.ts';
import { checkFunction } from '../../lib/doctor/function-check.ts';
import { aFunction, startWithFunctions } from '../support/function-compute.ts';

let emulator: Emulator | undefined;
afterEach(async () => {
  await emulator?.close();
});

const CREATIONS = JSON.stringify({ source: ['acs.eci'], data: { eventName: ['CreateContainerGroup'] } });
const DEPLOYED: Partial<FunctionSpec> = {
  timeoutSeconds: 900,
  environment: { TAGSWEEP_LOG_PROJECT: 'tagsweep', TAGSWEEP_LOG_STORE: 'audit' },
  codeBytes: 1000,
  asyncInvoke: { onFailure: 'acs:mns:cn-hangzhou:1:/queues/tagsweep-failures/messages' },
  triggers: [
    { name: 'nightly', type: 'timer', config: { enable: true, cronExpression: '0 30 3 * * *' } },
    { name: 'created', type: 'eventbridge', config: { eventRuleFilterPattern: CREATIONS } },
  ],
};

async function check(
  spec: Partial<FunctionSpec>,
  options: { functionName?: string; archiveBytes?: number } = {},
) {
  ({ emulator } = await startWithFunctions({
    functions: [aFunction({ codeFolder: '/nowhere', ...DEPLOYED, ...spec })],
  }));
  const { functionName = 'tagsweep', archiveBytes = 1000 } = options;
  const reader = createFunctionReader(functionName, new URL(emulator.url), async () => DEFAULT_IDENTITY);
  const findings = await checkFunction(reader, { functionName, archiveBytes });
  return findings.filter(({ status }) => status !== 'passed').map(({ status, text }) => `${status}: ${text}`);
}

describe('checkFunction', () => {
  it('has nothing to say of a function as it is deployed', async () => {
    expect(await check({})).toEqual([]);
  });

  it.each([
    { description: 'no log store', spec: { environment: {} }, says: 'failed: it knows no log store' },
    { description: 'little time', spec: { timeoutSeconds: 60 }, says: 'warned: it has 60 s' },
    { description: 'little memory', spec: { memoryMb: 256 }, says: 'warned: it has 256 MB' },
    {
      description: 'another version of the code',
      spec: { codeBytes: 999 },
      says: 'warned: its code has 999 bytes',
    },
    {
      description: 'no asynchronous tasks',
      spec: { asyncInvoke: { asyncTask: false } },
      says: 'failed: asynchronous tasks are off',
    },
    {
      description: 'no failure destination',
      spec: { asyncInvoke: {} },
      says: 'warned: what fails for good is dropped',
    },
    { description: 'no timer', spec: { triggers: [] }, says: 'warned: no timer starts it' },
    {
      description: 'a rule that lets our own removals through',
      spec: {
        triggers: [
          {
            name: 'all',
            type: 'eventbridge',
            config: { eventRuleFilterPattern: JSON.stringify({ source: ['acs.eci'] }) },
          },
        ],
      },
      says: 'failed: rule all does not filter on the creations by data.eventName',
    },
  ])('tells $description', async ({ spec, says }) => {
    expect((await check(spec)).join('\n')).toContain(says);
  });

  it('says that a function does not exist, and what to allow', async () => {
    expect((await check({}, { functionName: 'other' })).join('\n')).toContain('failed: settings of other');
  });
});
