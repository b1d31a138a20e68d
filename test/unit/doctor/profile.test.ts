import { describe, expect, it } from 'vitest';
import {
  formatProfile,
  type Profile,
  readProfile,
  toProfile,
  whyNotUsable,
} from '../../../lib/doctor/profile.ts';

const AT = Date.parse('2026-06-01T00:00:00Z');
const DAY = 24 * 60 * 60 * 1000;
const PROFILE: Profile = toProfile(
  new Map([
    ['cn-hangzhou', [{ item: 'tagRows', value: 'complete', evidence: ['A-1'], probe: 'ListTagResources' }]],
  ]),
  { account: '1234567890123456', atMs: AT },
);

describe('readProfile', () => {
  it('reads what was written', () => {
    expect(readProfile(formatProfile(PROFILE), 'p.json')).toEqual(PROFILE);
  });

  it.each([
    { description: 'no JSON', text: '{', says: 'is no JSON' },
    { description: 'another version', text: '{"version":2}', says: 'version' },
    {
      description: 'an item that is none',
      text: formatProfile(PROFILE).replace('tagRows', 'loosenTheGate'),
      says: 'loosenTheGate',
    },
    {
      description: 'a value that the item cannot have',
      text: formatProfile(PROFILE).replace('"complete"', '"everything"'),
      says: 'regions.cn-hangzhou.tagRows.value',
    },
    {
      description: 'a region that is none',
      text: formatProfile(PROFILE).replace('cn-hangzhou', 'evil.example'),
      says: 'region',
    },
  ])('refuses $description, and says how to make it again', ({ text, says }) => {
    expect(() => readProfile(text, 'p.json')).toThrow(says);
    expect(() => readProfile(text, 'p.json')).toThrow('tagsweep doctor --out p.json');
  });
});

describe('whyNotUsable', () => {
  it('is good for 90 days, and for its own account', () => {
    expect(whyNotUsable(PROFILE, { account: '1234567890123456', atMs: AT + 90 * DAY })).toBeUndefined();
    expect(whyNotUsable(PROFILE, { atMs: AT })).toBeUndefined();
  });

  it.each([
    {
      description: 'older than that',
      account: '1234567890123456',
      atMs: AT + 91 * DAY,
      says: 'older than 90 days',
    },
    {
      description: 'from the future',
      account: '1234567890123456',
      atMs: AT - 2 * DAY,
      says: 'has not come yet',
    },
    {
      description: 'of another account',
      account: '9999999999999999',
      atMs: AT,
      says: 'not of 9999999999999999',
    },
  ])('is left aside where it is $description', ({ account, atMs, says }) => {
    expect(whyNotUsable(PROFILE, { account, atMs })).toContain(says);
  });
});
