import { describe, expect, it } from 'vitest';
import { findTaker, type Observed } from '../../../lib/apply/taker.ts';
import { aResource } from '../../support/resources.ts';

/** A resource that was asked for some keys, its kept tags, and those of them that went. */
function seen(asked: readonly string[], kept: readonly string[], lost: readonly string[]): Observed {
  const tags = (keys: readonly string[]) => keys.map((key) => ({ key, value: '1' }));
  return { resource: aResource(), kept: tags(kept), lost: tags(lost), changed: [], asked };
}

const POD = ['PodName', 'NameSpace', 'env'];

describe('findTaker', () => {
  it.each<[string, readonly Observed[], RegExp]>([
    ['all tags', [seen(['a'], ['b', 'c'], ['b', 'c']), seen(['a'], ['b'], ['b'])], /more than the keys/],
    ['keys of another case', [seen(['Env'], ['env', 'b'], ['env']), seen(['Env'], ['b'], [])], /their case/],
    ['longer keys', [seen(['ci'], ['ci-a', 'b'], ['ci-a']), seen(['ci'], ['b'], [])], /the beginning/],
  ])('knows a service that takes %s, and lets common tags come back', (_, observed, text) => {
    const taker = findTaker(observed);

    expect(taker.text).toMatch(text);
    expect(taker.mayGiveBack('b')).toBe(true);
  });

  it.each<[string, readonly Observed[]]>([
    ['one tag of several', [seen(['a'], ['b', 'c'], ['b'])]],
    ['all tags of one resource, and none of another', [seen(['a'], ['b'], ['b']), seen(['a'], ['b'], [])]],
    ['a key of the cloud alone', [seen(['a'], ['acs:x', 'b'], ['acs:x'])]],
  ])('takes others for the takers where they took %s, and leaves it to them', (_, observed) => {
    const taker = findTaker(observed);

    expect(taker).toMatchObject({ isService: false });
    expect(taker.text).toContain('others did it');
    expect(taker.mayGiveBack('b')).toBe(false);
  });

  it('lets a key of Kubernetes come back only where two resources speak for the service', () => {
    const one = findTaker([seen(['a'], POD, POD), seen(['a'], [], [])]);
    const two = findTaker([seen(['a'], POD, POD), seen(['a'], POD, POD)]);

    expect([one.mayGiveBack('env'), one.mayGiveBack('PodName')]).toEqual([true, false]);
    expect(one.text).toMatch(/or others did it\.$/);
    expect([two.mayGiveBack('env'), two.mayGiveBack('PodName')]).toEqual([true, true]);
  });

  it('never lets a key of the cloud come back, and does not ask whether it went', () => {
    const kept = ['acs:x', 'b'];

    const taker = findTaker([seen(['a'], kept, ['b']), seen(['a'], kept, kept)]);

    expect(taker.isService).toBe(true);
    expect(taker.mayGiveBack('acs:x')).toBe(false);
  });
});
