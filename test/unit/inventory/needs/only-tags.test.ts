import { describe, expect, it } from 'vitest';
import { needsOnlyTags } from '../../../../lib/inventory/needs/only-tags.ts';
import { aPolicy } from '../../../support/builders.ts';

describe('needsOnlyTags', () => {
  it.each([
    { description: 'rules alone', part: { remove: [{ key: 'ci-*' }, { except: ['team'] }] } },
    {
      description: 'conditions on tags, ids, regions and types',
      part: {
        select: {
          any: [{ tag: 'env', equals: 'dev' }, { not: { id: 'eci-*' } }, { all: [{ region: 'cn-*' }] }],
        },
        protect: [{ keys: ['owner'] }, { resources: { resourceType: 'ImageCache' } }],
      },
    },
  ])('is true of $description', ({ part }) => {
    expect(needsOnlyTags(aPolicy(part))).toBe(true);
  });

  it.each([
    { description: 'an age', part: { select: { age: { olderThan: '7d' } } } },
    { description: 'a name', part: { select: { name: 'ci-*' } } },
    { description: 'a status deep inside', part: { select: { not: { any: [{ status: 'Running' }] } } } },
    { description: 'a resource group', part: { select: { all: [{ resourceGroup: 'rg-1' }] } } },
    {
      description: 'a scope of resource groups',
      part: { scope: { regions: 'all', resourceGroups: ['rg-1'] } },
    },
    { description: 'a number of tags', part: { select: { tagCount: { atLeast: 2 } } } },
    { description: 'a tag of the cloud', part: { select: { tag: 'acs:rm:rgId', exists: true } } },
    { description: 'a protection by age', part: { protect: [{ resources: { age: { newerThan: '1d' } } }] } },
    {
      description: 'a protection by a tag of the cloud',
      part: { protect: [{ resources: { tag: 'aliyun.x', exists: true } }] },
    },
  ])('is false of $description', ({ part }) => {
    expect(needsOnlyTags(aPolicy(part))).toBe(false);
  });
});
