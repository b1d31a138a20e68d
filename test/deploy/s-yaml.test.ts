import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { functionOptions } from '../../scripts/bundle-options.mjs';
import { ROOT } from '../support/cli.ts';
import { unpackArchive } from '../support/unzip.ts';
import { type Deployment, deploymentFaults } from './deployment.ts';
import { serverlessDevs } from './s-preview.ts';

const s = serverlessDevs();
const cron = 'triggers.0.triggerConfig.cronExpression';
const event = 'triggers.1.triggerConfig';
const pattern = `${event}.eventRuleFilterPattern`;
let resolved: Deployment;

const ACCOUNT = {
  TAGSWEEP_DEPLOY_ACCOUNT_ID: '1234567890123456',
  TAGSWEEP_DEPLOY_LOG_PROJECT: 'acme-audit',
};
const preview = (environment: Readonly<Record<string, string>>) => s.preview({ ...ACCOUNT, ...environment });

beforeAll(async () => {
  resolved = await preview({});
});

afterAll(() => s.remove());

/** The resolved document with one property changed, or deleted where `to` is undefined. */
function broken(at: string, to: unknown): unknown {
  const copy: Deployment = structuredClone(resolved);
  const path = at.split('.');
  const last = path.pop() ?? '';
  let holder = copy.resources.cleanup.props as unknown as Record<string, unknown>;
  for (const key of path) holder = holder[key] as Record<string, unknown>;
  holder[last] = typeof to === 'function' ? to(holder[last]) : to;
  if (to === undefined) delete holder[last];
  return copy;
}

describe('s.yaml', () => {
  it('resolves to a deployment without faults', () => {
    expect(deploymentFaults(resolved)).toEqual([]);
  });

  it('refuses to resolve without an account', async () => {
    await expect(preview({ TAGSWEEP_DEPLOY_ACCOUNT_ID: '' })).rejects.toMatchObject({
      stdout: expect.stringContaining("env('TAGSWEEP_DEPLOY_ACCOUNT_ID') not found"),
    });
  });

  it('is a dry run until the user says otherwise, at both triggers', () => {
    const [timer] = resolved.resources.cleanup.props.triggers;
    const variables = resolved.resources.cleanup.props.environmentVariables;
    const eventPolicy = parse(
      readFileSync(join(ROOT, 'policies', `${variables.TAGSWEEP_EVENT_POLICY}.yaml`), 'utf8'),
    );

    expect(timer?.triggerType === 'timer' && JSON.parse(timer.triggerConfig.payload ?? '')).toEqual({
      mode: 'dry-run',
    });
    expect(eventPolicy.mode ?? 'dry-run').toBe('dry-run');
  });

  it('ships the archive that the build writes, which exports the handler on the runtime that is named', async () => {
    const { code, handler, runtime } = resolved.resources.cleanup.props;
    const folder = join(s.home, 'code');
    unpackArchive(join(ROOT, code), folder);
    const [file, name] = handler.split('.');

    const bundle = await import(join(folder, `${file}.js`));

    expect(typeof bundle[name ?? '']).toBe('function');
    expect(functionOptions.target).toBe(runtime.replace('nodejs', 'node'));
  });

  it('mounts the policies from a bucket, read-only, where the variables say so', async () => {
    const mount = {
      bucketName: 'acme-policies',
      bucketPath: '/tagsweep',
      endpoint: 'https://oss-cn-hangzhou-internal.aliyuncs.com',
      mountDir: '/mnt/policies',
      readOnly: true,
    };
    const mounted = await preview({
      TAGSWEEP_DEPLOY_POLICIES_DIR: mount.mountDir,
      TAGSWEEP_DEPLOY_POLICIES_MOUNTS: JSON.stringify([mount]),
    });

    expect(deploymentFaults(mounted)).toEqual([]);
    expect(mounted.resources.cleanup.props.environmentVariables.TAGSWEEP_POLICIES_DIR).toBe('/mnt/policies');
    expect(mounted.resources.cleanup.props.ossMountConfig.mountPoints).toEqual([mount]);
    expect(resolved.resources.cleanup.props.ossMountConfig.mountPoints).toEqual([]);
  });

  it('lets the timer of a further region rest, as a truth value and not as a text', async () => {
    const further = await preview({ TAGSWEEP_DEPLOY_TIMER: 'false' });
    const [timer] = further.resources.cleanup.props.triggers;

    expect(deploymentFaults(further)).toEqual([]);
    expect(timer?.triggerType === 'timer' && timer.triggerConfig.enable).toBe(false);
  });

  it.each([
    { fault: 'an unknown key', at: 'timeoutt', to: 60, says: /timeoutt/ },
    { fault: 'a runtime that is not built in', at: 'runtime', to: 'nodejs22', says: /runtime/ },
    { fault: 'another handler', at: 'handler', to: 'main.handler', says: /handler/ },
    { fault: 'a role with upper case', at: 'role', to: 'acs:ram::1:role/TagSweep', says: /lower case/ },
    { fault: 'too much cpu for the memory', at: 'cpu', to: 1, says: /cpu to memory/ },
    { fault: 'a memory size between steps', at: 'memorySize', to: 500, says: /memorySize/ },
    {
      fault: 'a number as a variable',
      at: 'environmentVariables.TAGSWEEP_POLICY',
      to: 7,
      says: /TAGSWEEP_POLICY/,
    },
    { fault: 'variables over 4 KB', at: 'environmentVariables.LONG', to: 'x'.repeat(4096), says: /4096/ },
    { fault: 'a reserved variable', at: 'environmentVariables.FC_X', to: 'x', says: /FC_X/ },
    { fault: 'a secret in a variable', at: 'environmentVariables.MY_SECRET', to: 'x', says: /no secrets/ },
    {
      fault: 'no instance at all',
      at: 'concurrencyConfig.reservedConcurrency',
      to: 0,
      says: /nothing runs/,
    },
    { fault: 'another folder of code', at: 'code', to: './dist/cli', says: /code: the archive/ },
    { fault: 'cpu between steps', at: 'cpu', to: 0.33, says: /cpu/ },
    { fault: 'an unknown key in a trigger', at: 'triggers.0.enable', to: true, says: /enable/ },
    {
      fault: 'a trigger of a kind that is not meant',
      at: 'triggers.0.triggerType',
      to: 'http',
      says: /triggerType/,
    },
    {
      fault: 'a timer with the configuration of an event trigger',
      at: 'triggers.0.triggerConfig',
      to: { triggerEnable: true, eventRuleFilterPattern: '{}' },
      says: /triggers\.0\.triggerConfig.*(cronExpression|eventRuleFilterPattern)/,
    },
    {
      fault: 'an hour that no day has',
      at: cron,
      to: 'CRON_TZ=Asia/Shanghai 0 30 24 * * *',
      says: /no hour: 24 \(0 to 23\)/,
    },
    { fault: 'a minute in words', at: cron, to: '0 half 3 * * *', says: /no minute: half/ },
    { fault: 'five cron fields', at: cron, to: '30 3 * * *', says: /six fields/ },
    {
      fault: 'a zone that does not exist',
      at: cron,
      to: 'CRON_TZ=Asia/Hangzhou 0 30 3 * * *',
      says: /no time zone/,
    },
    {
      fault: 'a payload that is not JSON',
      at: 'triggers.0.triggerConfig.payload',
      to: 'apply',
      says: /JSON/,
    },
    {
      fault: 'a mode that the function does not know',
      at: 'triggers.0.triggerConfig.payload',
      to: '{"mode":"aply"}',
      says: /did you mean "apply"/,
    },
    {
      fault: 'a variable that the function does not read',
      at: 'environmentVariables.TAGSWEEP_LOGSTORE',
      to: 'audit',
      says: /TAGSWEEP_LOGSTORE.*TAGSWEEP_LOG_STORE/,
    },
    {
      fault: 'a misspelt trigger key',
      at: `${event}.eventRuleFilterPatern`,
      to: '{}',
      says: /eventRuleFilterPatern/,
    },
    {
      fault: 'a pattern on the source alone',
      at: pattern,
      to: '{"source":["acs.eci"]}',
      says: /would start itself: matches UntagResources as ApiCall/,
    },
    {
      fault: 'a pattern that lets failed calls through',
      at: pattern,
      to: (text: string) => text.replace(/,\s*"errorCode":\[\{"exists":false\}\]/, ''),
      says: /matches a failed creation/,
    },
    {
      fault: 'a pattern that matches our own putting back',
      at: pattern,
      to: (text: string) => text.replace('"CreateImageCache"', '"CreateImageCache","TagResources"'),
      says: /would start itself: matches TagResources/,
    },
    {
      fault: 'a pattern that matches deletions',
      at: pattern,
      to: (text: string) => text.replace('"CreateImageCache"', '"CreateImageCache","DeleteContainerGroup"'),
      says: /matches a deletion/,
    },
    {
      fault: 'a pattern that takes what the platform does by itself',
      at: pattern,
      to: (text: string) =>
        text.replace('ConsoleOperation"', 'ConsoleOperation","eci:ActionTrail:AliyunServiceEvent"'),
      says: /matches what the platform did by itself/,
    },
    {
      fault: 'a pattern of another service',
      at: pattern,
      to: (text: string) => text.replace('acs.eci', 'acs.ecs'),
      says: /does not match a successful CreateContainerGroup/,
    },
    {
      fault: 'a pattern that misses a type',
      at: pattern,
      to: (text: string) => text.replace('CreateDataCache', 'CreateDatacache'),
      says: /does not match a successful CreateDataCache/,
    },
    {
      fault: 'a retry strategy in the wrong case',
      at: `${event}.runOptions.retryStrategy`,
      to: { pushRetryStrategy: 'BACKOFF_RETRY' },
      says: /PushRetryStrategy/,
    },
    {
      fault: 'an event age over a week',
      at: 'asyncInvokeConfig.maxAsyncEventAgeInSeconds',
      to: 2592000,
      says: /maxAsyncEventAgeInSeconds/,
    },
    { fault: 'task ids switched off', at: 'asyncInvokeConfig.asyncTask', to: false, says: /asyncTask/ },
    {
      fault: 'a timer that is switched by a text',
      at: 'triggers.0.triggerConfig.enable',
      to: 'false',
      says: /triggers\.0\.triggerConfig\.enable/,
    },
    {
      fault: 'a bucket mounted to be written',
      at: 'ossMountConfig.mountPoints',
      to: [
        {
          bucketName: 'b',
          bucketPath: '/',
          endpoint: 'https://oss.example',
          mountDir: '/mnt/policies',
          readOnly: false,
        },
      ],
      says: /readOnly/,
    },
    {
      fault: 'policies read from a folder that nothing is mounted at',
      at: 'environmentVariables.TAGSWEEP_POLICIES_DIR',
      to: '/mnt/policies',
      says: /TAGSWEEP_POLICIES_DIR.*mount/,
    },
    {
      fault: 'a mount that no policy is read from',
      at: 'ossMountConfig.mountPoints',
      to: [
        {
          bucketName: 'b',
          bucketPath: '/',
          endpoint: 'https://oss.example',
          mountDir: '/mnt/policies',
          readOnly: true,
        },
      ],
      says: /TAGSWEEP_POLICIES_DIR.*mount/,
    },
    {
      fault: 'no failure destination',
      at: 'asyncInvokeConfig.destinationConfig',
      to: undefined,
      says: /destinationConfig/,
    },
    {
      fault: 'audit records in the platform log',
      at: 'logConfig.logstore',
      to: 'tagsweep',
      says: /stores of their own/,
    },
  ])('is caught with $fault', ({ at, to, says }) => {
    expect(deploymentFaults(broken(at, to)).join('\n')).toMatch(says);
  });
});
