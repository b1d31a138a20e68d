import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJudge } from '../../../lib/plan/judge.ts';
import type { Resource, Tag } from '../../../lib/resource.ts';
import { aPolicy } from '../../support/builders.ts';
import { PLANNED_AT_MS } from '../../support/planned.ts';
import { aDrawnPolicy, aDrawnResource } from '../../support/policy-arbitraries.ts';
import { aResource } from '../../support/resources.ts';

const HELD = aPolicy({
  remove: [{ key: 'ci-*', when: { equals: 'old' } }, { key: 'tmp' }],
  protect: [{ resources: { tag: 'legal-hold', exists: true } }],
});

/** The keys that go from a resource that was seen with these tags, the last sighting first. */
function going(policy: typeof HELD, last: Record<string, string>, ...others: Record<string, string>[]) {
  const seen = aResource({ tags: last });
  const otherTags = others.map((tags) => aResource({ tags }).tags!);
  return createJudge(policy, PLANNED_AT_MS)
    .removals({ ...seen, otherTags })
    .map((tag) => tag.key);
}

describe('underEachSighting', () => {
  it('keeps everything where one sighting showed what protects', () => {
    expect(going(HELD, { tmp: '1' }, { tmp: '1', 'legal-hold': 'x' })).toEqual([]);
    expect(going(HELD, { tmp: '1', 'legal-hold': 'x' }, { tmp: '1' })).toEqual([]);
  });

  it('lets a tag with two values go only if both may', () => {
    expect(going(HELD, { 'ci-1': 'old' }, { 'ci-1': 'new' })).toEqual([]);
    expect(going(HELD, { 'ci-1': 'new' }, { 'ci-1': 'old' })).toEqual([]);
    expect(going(HELD, { tmp: '1' }, { tmp: '2' })).toEqual(['tmp']);
  });

  it('lets a tag go that another sighting lacks, if it might go from there', () => {
    const selected = aPolicy({ remove: [{ key: 'tmp' }], select: { tag: 'env', equals: 'dev' } });

    expect(going(selected, { tmp: '1', env: 'dev' }, { env: 'dev' })).toEqual(['tmp']);
    expect(going(selected, { tmp: '1', env: 'dev' }, {})).toEqual([]);
  });

  it('names what keeps a tag, and calls no pair free that a sighting showed', () => {
    const judge = createJudge(HELD, PLANNED_AT_MS);
    const twice = {
      ...aResource({ tags: { tmp: '1' } }),
      otherTags: [aResource({ tags: { 'legal-hold': 'x' } }).tags!],
    };
    const once = { ...aResource({ tags: { a: '1' } }), otherTags: [aResource({ tags: { tmp: '1' } }).tags!] };

    expect(judge.decide(twice)).toMatchObject([{ key: 'tmp', verdict: 'keep', reason: 'seenTwice' }]);
    expect(judge.isFree(twice, 'tmp')).toBe(false);
    expect(judge.isFree(once, 'tmp')).toBe(false);
    expect(judge.freeClass?.(once)).not.toBe(judge.freeClass?.({ ...once, id: 'eci-2' }));
  });

  it('removes nothing that any sighting alone would keep', () => {
    fc.assert(
      fc.property(aDrawnPolicy, aDrawnResource, aDrawnResource, (policy, last, other) => {
        fc.pre(last.tags !== undefined && other.tags !== undefined);
        const judge = createJudge(policy, PLANNED_AT_MS);
        const earlier: Resource = { ...last, tags: other.tags as readonly Tag[] };
        const keysOf = (resource: Resource) => judge.removals(resource).map((tag) => tag.key);
        const both = keysOf({ ...last, otherTags: [earlier.tags!] });
        const alone = keysOf(last);
        const before = keysOf(earlier);
        for (const key of both) {
          expect(alone).toContain(key);
          if (earlier.tags!.some((tag) => tag.key === key)) expect(before).toContain(key);
        }
      }),
    );
  });
});
