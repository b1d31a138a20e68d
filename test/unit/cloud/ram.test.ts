import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  AUDIENCES,
  type Audience,
  type RamPlace,
  type RamPolicy,
  ramPolicy,
  ramTemplates,
} from '../../../lib/cloud/ram.ts';
import { RESOURCE_TYPES } from '../../../lib/resource.ts';

const place: RamPlace = {
  accountId: '123',
  region: 'cn-hangzhou',
  functionName: 'tagsweep',
  logProject: 'audit',
  logStore: 'tagsweep',
  platformLogStore: 'tagsweep-platform',
};

const everything = { regions: 'all', resourceTypes: RESOURCE_TYPES } as const;

function actionsOf(policy: RamPolicy): string[] {
  return policy.Statement.flatMap((statement) => statement.Action);
}

/** What has no finer resource, where it is more or less than what every reader has. */
const ON_EVERYTHING: Partial<Record<Audience, readonly string[]>> = {
  auditor: ['actiontrail:LookupEvents'],
  'function-changes': [],
  'function-mail': ['dm:SingleSendMail'],
  doctor: ['eci:ListTagResources', 'eci:ListUsage'],
  'doctor-write': ['eci:ListTagResources', 'eci:ListUsage', 'eci:DescribeContainerGroupPrice'],
};

describe('ramPolicy', () => {
  it.each(AUDIENCES)('names every action for %s, once, and none with a wildcard', (audience) => {
    const { Statement } = ramPolicy(audience, everything, place);
    const grants = Statement.flatMap(({ Action, Resource }) =>
      Action.flatMap((action) => Resource.map((resource) => `${action} on ${resource}`)),
    );

    expect(actionsOf({ Version: '1', Statement }).filter((action) => action.includes('*'))).toEqual([]);
    expect(new Set(grants).size).toBe(grants.length);
  });

  it('gives each list on its own type alone, and nothing of the types that are not in scope', () => {
    const policy = ramPolicy('reader', { regions: ['cn-shanghai'], resourceTypes: ['ImageCache'] }, place);

    expect(policy.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['eci:DescribeImageCaches'],
        Resource: ['acs:eci:cn-shanghai:123:imagecache/*'],
      },
      { Effect: 'Allow', Action: ['eci:ListTagResources'], Resource: ['*'] },
      {
        Effect: 'Allow',
        Action: ['log:GetLogStoreLogs'],
        Resource: ['acs:log:cn-hangzhou:123:project/audit/logstore/tagsweep'],
      },
    ]);
  });

  it('can change no tag when it is for dry runs', () => {
    const actions = actionsOf(ramPolicy('function-dry-run', everything, place));

    expect(actions).not.toContain('eci:UntagResources');
    expect(actions).not.toContain('eci:TagResources');
    expect(actions).toContain('log:PostLogStoreLogs');
  });

  it('gives a function the right to change tags by a policy of its own, beside the one for dry runs', () => {
    const grantsOf = (audience: Audience) =>
      ramPolicy(audience, everything, place).Statement.flatMap(({ Action, Resource }) =>
        Action.flatMap((action) => Resource.map((resource) => `${action} on ${resource}`)),
      );
    const [dry, changes] = [grantsOf('function-dry-run'), grantsOf('function-changes')];

    expect([...dry, ...changes].sort()).toEqual([...grantsOf('function')].sort());
    expect(dry.filter((grant) => changes.includes(grant))).toEqual([]);
  });

  it('lets a reader write nothing', () => {
    const actions = actionsOf(ramPolicy('reader', everything, place));

    expect(actions.filter((action) => !/:(Describe|List|Get)/.test(action))).toEqual([]);
  });

  it.each(AUDIENCES)('stands on everything only where RAM has no finer resource, for %s', (audience) => {
    const onEverything = ramPolicy(audience, everything, place).Statement.filter((statement) =>
      statement.Resource.includes('*'),
    );

    expect(onEverything.flatMap((statement) => statement.Action)).toEqual(
      ON_EVERYTHING[audience] ?? ['eci:ListTagResources'],
    );
  });
});

describe('policies/ram', () => {
  it.each(Object.entries(ramTemplates()))('%s is what `npm run ram` writes', (name, policy) => {
    const file = readFileSync(new URL(`../../../policies/ram/${name}.json`, import.meta.url), 'utf8');

    expect(JSON.parse(file)).toEqual(policy);
  });
});
