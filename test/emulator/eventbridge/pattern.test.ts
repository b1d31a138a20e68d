import { describe, expect, it } from 'vitest';
import { matchesPattern, type Pattern } from '../../../emulator/eventbridge/pattern.ts';

const event = {
  source: 'acs.eci',
  time: '2026-01-01',
  list: ['a', 'b'],
  data: { eventName: 'CreateContainerGroup', size: 5, address: '10.1.2.3', empty: '' },
};

describe('matchesPattern', () => {
  it.each<{ pattern: Pattern; matches: boolean }>([
    { pattern: {}, matches: true },
    { pattern: { source: ['acs.eci'] }, matches: true },
    { pattern: { source: ['acs.ECI'] }, matches: false },
    { pattern: { source: ['acs.ecs', 'acs.eci'] }, matches: true },
    { pattern: { source: ['acs.eci'], time: ['2025-01-01'] }, matches: false },
    { pattern: { list: ['b'] }, matches: true },
    { pattern: { data: { eventName: ['CreateContainerGroup'] } }, matches: true },
    { pattern: { eventName: ['CreateContainerGroup'] }, matches: false },
    { pattern: { data: { eventName: [{ prefix: 'Create' }] } }, matches: true },
    { pattern: { data: { eventName: [{ suffix: 'Group' }] } }, matches: true },
    { pattern: { data: { eventName: [{ contains: 'Untag' }] } }, matches: false },
    { pattern: { data: { eventName: [{ 'anything-but': 'CreateContainerGroup' }] } }, matches: false },
    { pattern: { data: { eventName: [{ 'anything-but': ['UntagResources'] }] } }, matches: true },
    { pattern: { data: { eventName: [{ 'anything-but': { prefix: 'Create' } }] } }, matches: false },
    { pattern: { data: { size: [{ numeric: ['>', 3, '<=', 5] }] } }, matches: true },
    { pattern: { data: { size: [{ numeric: ['<', 5] }] } }, matches: false },
    { pattern: { data: { address: [{ cidr: '10.1.0.0/16' }] } }, matches: true },
    { pattern: { data: { address: [{ cidr: '10.2.0.0/16' }] } }, matches: false },
    { pattern: { data: { errorCode: [{ exists: false }] } }, matches: true },
    { pattern: { data: { eventName: [{ exists: false }] } }, matches: false },
    { pattern: { data: { empty: [''] } }, matches: true },
    { pattern: { data: { missing: [''] } }, matches: false },
  ])('$pattern → $matches', ({ pattern, matches }) => {
    expect(matchesPattern(pattern, event)).toBe(matches);
  });

  it.each<{ description: string; pattern: Pattern }>([
    { description: 'an empty list', pattern: { source: [] } },
    { description: 'a value outside a list', pattern: { source: 'acs.eci' } as unknown as Pattern },
    { description: 'an unknown operator', pattern: { source: [{ like: 'acs*' }] } },
    { description: 'an operator with two keys', pattern: { source: [{ prefix: 'a', suffix: 'i' }] } },
  ])('refuses $description', ({ pattern }) => {
    expect(() => matchesPattern(pattern, event)).toThrow(/pattern/);
  });
});
