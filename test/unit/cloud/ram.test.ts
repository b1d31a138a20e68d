import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  eciAction,
  functionPolicy,
  type RamPlace,
  type RamPolicy,
  ramTemplates,
  readerPolicy,
} from '../../../lib/cloud/ram.ts';
import { RESOURCE_TYPES } from '../../../lib/resource.ts';

const place: RamPlace = {
  accountId: '123',
  region: 'cn-hangzhou',
  functionName: 'tagsweep',
  logProject: 'audit',
  logStore: 'tagsweep',
};

const everything = { regions: 'all', resourceTypes: RESOURCE_TYPES } as const;

function actionsOf(policy: RamPolicy): string[] {
  return policy.Statement.flatMap((statement) => statement.Action);
}

describe('functionPolicy', () => {
  it('names every action, and none with a wildcard', () => {
    const actions = actionsOf(functionPolicy(everything, place));

    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    expect(new Set(actions).size).toBe(actions.length);
  });

  it('gives the actions of the types in scope alone', () => {
    const policy = functionPolicy({ regions: ['cn-shanghai'], resourceTypes: ['ImageCache'] }, place);

    expect(actionsOf(policy)).not.toContain('eci:DescribeContainerGroups');
    expect(policy.Statement[0]).toEqual({
      Effect: 'Allow',
      Action: ['eci:DescribeImageCaches'],
      Resource: ['acs:eci:cn-shanghai:123:imagecache/*'],
    });
  });

  it('can change no tag when it is for dry runs', () => {
    const actions = actionsOf(functionPolicy(everything, place, 'dry-run'));

    expect(actions).not.toContain('eci:UntagResources');
    expect(actions).not.toContain('eci:TagResources');
    expect(actions).toContain('log:PostLogStoreLogs');
  });

  it('stands on everything only where RAM has no finer resource', () => {
    const onEverything = functionPolicy(everything, place).Statement.filter((s) => s.Resource.includes('*'));

    expect(onEverything.flatMap((s) => s.Action)).toEqual(['eci:ListTagResources']);
  });
});

describe('readerPolicy', () => {
  it('can list and read records, and write nothing', () => {
    const actions = actionsOf(readerPolicy(everything, place));

    expect(actions).toContain('log:GetLogStoreLogs');
    expect(actions.filter((action) => /Untag|TagResources$|Post|Invoke|Send/.test(action))).toEqual([
      'eci:ListTagResources',
    ]);
  });
});

describe('eciAction', () => {
  it('asks for no permission to list regions', () => {
    expect(eciAction('DescribeRegions')).toBeUndefined();
    expect(eciAction('UntagResources')).toBe('eci:UntagResources');
  });
});

describe('policies/ram', () => {
  it.each(Object.entries(ramTemplates()))('%s is what `npm run ram` writes', (name, policy) => {
    const file = readFileSync(new URL(`../../../policies/ram/${name}.json`, import.meta.url), 'utf8');

    expect(JSON.parse(file)).toEqual(policy);
  });
});
