import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_STS_IDENTITY } from '../../emulator/identities.ts';
import { type Deployed, deployFunction, TRUSTING } from '../support/deployed.ts';
import { goThroughAll, type Told } from '../support/journey.ts';
import { ROLES } from '../support/roles.ts';
import { leaksIn } from '../support/secrets.ts';

const OPERATOR = [ROLES.operator.accessKeySecret];
const FUNCTION = [DEFAULT_STS_IDENTITY.accessKeySecret, DEFAULT_STS_IDENTITY.securityToken ?? ''];
const SIGNATURE = 'Zm9yZ2VkLXNpZ25hdHVyZS1vZi1zbwo=';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What a service says that repeats what it was sent, in every spelling. */
const echoOf = (secrets: readonly string[]): string =>
  [
    `see https://eci.example/?AccessKeyId=${ROLES.operator.accessKeyId}&Signature=${encodeURIComponent(SIGNATURE)}`,
    ...secrets,
    ...secrets.map(encodeURIComponent),
    ...secrets.map(base64),
  ].join(' ');

const POLICY = {
  version: 1,
  name: 'planted',
  description: [...OPERATOR, ...FUNCTION].join(' '),
  scope: { regions: ['cn-hangzhou'] },
  remove: [{ key: 'ci-*' }],
  limits: { maxPercent: 100, maxFailures: 100 },
};

const TESTS = {
  policy: 'planted',
  asOf: '2026-06-01T00:00:00Z',
  tests: [{ name: 'a', resource: { tags: { 'ci-run': '1' } }, removes: ['ci-run'] }],
};

let fn: Deployed;
let folder: string;
let told: readonly Told[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-planted-'));
  const fleet = ['eci-1', 'eci-2', 'eci-3'].map((id) => ({
    id,
    type: 'ContainerGroup' as const,
    region: 'cn-hangzhou',
    tags: { 'ci-run': id, team: 'a' },
  }));
  fn = await deployFunction({ emulator: { fleet }, function: { environment: TRUSTING } });
  const refuse = (secrets: readonly string[], api: readonly string[], times: number): void => {
    const message = echoOf(secrets);
    fn.emulator.faults.add({ fault: { kind: 'error', code: 'Refused', status: 400, message }, api, times });
  };
  refuse(OPERATOR, ['UntagResources', 'TagResources'], 2);
  told = await goThroughAll(fn, {
    folder,
    policy: POLICY,
    tests: TESTS,
    fileName: 'planted',
    resourceIds: ['eci-1'],
    beforeFunction: () =>
      refuse(FUNCTION, ['UntagResources', 'DescribeContainerGroups', 'DescribeContainerGroupStatus'], 4),
    events: FUNCTION.flatMap((secret) => [
      { mode: secret },
      { policy: secret },
      { [secret]: 1 },
      { policy: { ...POLICY, limits: { maxPercent: secret } } },
      { policy: { ...POLICY, [secret]: 1 } },
    ]),
  });
}, 120_000);

afterAll(async () => {
  await fn?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('secrets', () => {
  it('stand in nothing that leaves the command line or the function', () => {
    const hidden = [...OPERATOR, ...FUNCTION, SIGNATURE, ...[...OPERATOR, ...FUNCTION].map(base64)];
    const leaks = told.flatMap(({ where, text }) =>
      leaksIn(text, hidden).map(
        (secret) =>
          `${where}: ${secret.slice(0, 20)} in ${JSON.stringify(text.slice(Math.max(0, text.indexOf(secret) - 100), text.indexOf(secret) + 100))}`,
      ),
    );

    expect(leaks).toEqual([]);
  });

  it('were there to be told', () => {
    const hidden = told.filter(({ text }) => text.includes('[redacted]')).map(({ where }) => where);

    expect(hidden).toEqual(
      expect.arrayContaining([
        'invoke stderr (1)',
        'its answer',
        'what the functions printed',
        'record batch_completed',
        'record run_completed',
      ]),
    );
  });
});
