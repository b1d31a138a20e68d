import { describe, expect, it } from 'vitest';
import type { PolicyError } from '../../../lib/errors.ts';
import { parsePolicy } from '../../../lib/policy/parse.ts';
import { regionFault } from '../../../lib/policy/regions.ts';

const policyIn = (regions: string) =>
  `version: 1\nname: a\nscope: { regions: ${regions} }\nremove: [{ key: "ci-*" }]\n`;

function faultsOf(text: string, newerRegions?: readonly string[]) {
  try {
    parsePolicy(text, 'a.yaml', newerRegions && { newerRegions });
    return [];
  } catch (error) {
    return (error as PolicyError).issues;
  }
}

describe('regionFault', () => {
  it('says nothing of a region of the service, nor of one that was named as newer', () => {
    expect(regionFault('cn-hangzhou')).toBeUndefined();
    expect(regionFault('ap-northeast-9', ['ap-northeast-9'])).toBeUndefined();
  });

  it('says what was probably meant, and of what is like none what to do', () => {
    expect(regionFault('cn-hangzou')).toMatchObject({ suggestion: 'cn-hangzhou' });
    expect(regionFault('moon-base-1')?.message).toContain('--offline-regions');
  });
});

describe('parsePolicy, of regions', () => {
  it('finds every region that no list knows, at its place', () => {
    expect(faultsOf(policyIn('[cn-hangzou, cn-beijing, ap-southeast-55]'), [])).toMatchObject([
      { path: 'scope.regions[0]', line: 3, column: 20, suggestion: 'cn-hangzhou' },
      { path: 'scope.regions[2]', line: 3, column: 44, suggestion: 'ap-southeast-5' },
    ]);
  });

  it.each([
    ['all', []],
    ['[cn-nowhere-1]', ['cn-nowhere-1']],
    ['[cn-nowhere-1]', undefined],
  ])('takes %s where %j are newer', (regions, newer) => {
    expect(faultsOf(policyIn(regions), newer)).toEqual([]);
  });

  it.each(['{ a: b }', '7', '[7]', '[[]]'])(
    'leaves what is no region at all to the schema: %s',
    (regions) => {
      expect(faultsOf(policyIn(regions), []).length).toBeGreaterThan(0);
    },
  );
});
