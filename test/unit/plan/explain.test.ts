import { describe, expect, it } from 'vitest';
import { explainResource } from '../../../lib/plan/explain.ts';
import { stepsText } from '../../../lib/plan/trace.ts';
import { aPolicy, aResource, type ResourceDraft } from '../../support/builders.ts';

const ASOF = Date.UTC(2026, 5, 1);

function changeOf(part: Record<string, unknown>, draft: ResourceDraft, key = 'ci-run'): string {
  const { tags } = explainResource(aPolicy(part), aResource(draft), ASOF);
  return tags.find((tag) => tag.key === key)?.change ?? '(no such tag)';
}

describe('explainResource', () => {
  it('shows the conditions as a tree with the values seen', () => {
    const select = {
      any: [
        { tag: 'env', in: ['dev'] },
        { all: [{ age: { olderThan: '7d' } }, { not: { name: 'prod-*' } }] },
      ],
    };

    const { selection } = explainResource(
      aPolicy({ select }),
      aResource({ name: 'prod-1', createdAtMs: ASOF - 86_400_000, tags: { env: 'prod' } }),
      ASOF,
    );

    expect(selection).toEqual({
      text: 'any of',
      truth: false,
      parts: [
        { text: 'tag env in "dev"', truth: false, seen: 'env = "prod"' },
        {
          text: 'all of',
          truth: false,
          parts: [
            {
              text: 'age older than 7d',
              truth: false,
              seen: 'created 2026-05-31T00:00:00.000Z, 24h ago',
            },
            { text: 'not', truth: false, parts: [{ text: 'name "prod-*"', truth: true, seen: '"prod-1"' }] },
          ],
        },
      ],
    });
  });

  it.each([
    { ageMs: 90_000, seen: '1m ago' },
    { ageMs: 30 * 3_600_000, seen: '30h ago' },
    { ageMs: 327.9 * 86_400_000, seen: '327d ago' },
  ])('tells an age in its largest unit: $seen', ({ ageMs, seen }) => {
    const select = { age: { olderThan: '2w' } };

    const { selection } = explainResource(
      aPolicy({ select }),
      aResource({ createdAtMs: ASOF - ageMs }),
      ASOF,
    );

    expect(selection).toMatchObject({
      text: 'age older than 14d',
      seen: expect.stringContaining(`, ${seen}`),
    });
  });

  it('names the rule that removes, and the one that nearly does', () => {
    const part = {
      remove: [{ key: 'ci-*' }, { key: 'until', when: { expired: 'yyyy-MM-dd', grace: '3d' } }],
    };

    const { tags } = explainResource(
      aPolicy(part),
      aResource({ tags: { 'ci-run': '1', until: '2026-05-30' } }),
      ASOF,
    );

    expect(tags[0]).toMatchObject({ verdict: 'remove', rule: 'remove[0] key "ci-*"' });
    expect(tags[1]).toMatchObject({
      verdict: 'keep',
      asked: [{ label: 'remove[1] key "until"', trace: { truth: false, seen: '"2026-05-30"' } }],
      change:
        'It would go if its value passed remove[1] key "until", which fails on expired as yyyy-MM-dd, grace 3d (UTC) (seen: "2026-05-30").',
    });
  });

  it.each([
    ['a reserved key', {}, { tags: { 'acs:x': '' } }, 'acs:x', /^Nothing turns this/],
    ['a key of Kubernetes', {}, { tags: { PodName: '' } }, 'PodName', /unprotect named PodName exactly/],
    [
      'another region',
      { scope: { regions: ['cn-beijing'] } },
      { tags: { 'ci-run': '' } },
      'ci-run',
      /the region cn-hangzhou/,
    ],
    [
      'a protected key',
      { protect: [{ keys: ['ci-*'], until: '2026-07-01' }] },
      { tags: { 'ci-run': '' } },
      'ci-run',
      /if protect\[0] keys "ci-\*" did not name the key, or after 2026-07-02T00:00:00.000Z/,
    ],
    [
      'a protected resource',
      { protect: [{ resources: { tag: 'hold', exists: true } }] },
      { tags: { 'ci-run': '', hold: 'x' } },
      'ci-run',
      /It could go if protect\[0] resources no longer held\.$/,
    ],
    [
      'a resource not selected',
      { select: { any: [{ tag: 'env', equals: 'dev' }, { name: 'dev-*' }] } },
      { name: 'x', tags: { 'ci-run': '' } },
      'ci-run',
      /It could go if the resource were selected\.$/,
    ],
    [
      'a selection that cannot be decided',
      { select: { age: { olderThan: '7d' } } },
      { createdAtMs: undefined, tags: { 'ci-run': '' } },
      'ci-run',
      /^It could go if the selection could be decided, and held\.$/,
    ],
    [
      'a value that cannot be read',
      { remove: [{ key: 'n', when: { lessThan: 5 } }] },
      { tags: { n: 'many' } },
      'n',
      /^It would go if its value could be read, and passed remove\[0] key "n", which asks less than 5 \(seen: "many"\)\.$/,
    ],
    [
      'a protection that cannot be decided',
      { protect: [{ resources: { age: { newerThan: '7d' } } }] },
      { createdAtMs: undefined, tags: { 'ci-run': '' } },
      'ci-run',
      /^It could go if protect\[0].* could be decided, and did not hold\.$/,
    ],
    [
      'a value with two tests',
      { remove: [{ key: 'n', when: { greaterThan: 1, lessThan: 5 } }] },
      { tags: { n: '7' } },
      'n',
      /fails on less than 5 \(seen: "7"\)\.$/,
    ],
    [
      'a tag that several gates keep',
      {
        select: { name: 'dev-*' },
        protect: [{ keys: ['ci-*'], reason: 'hold' }, { resources: { age: { newerThan: '7d' } } }],
        remove: [{ key: 'ci-*', when: { equals: 'x' } }],
      },
      { name: 'x', createdAtMs: undefined, tags: { 'ci-run': '' } },
      'ci-run',
      /^It could go if protect\[0] hold did not name the key, if protect\[1] resources could be decided, and did not hold, if the resource were selected and if its value passed remove\[0] key "ci-\*", which fails on equals "x" \(seen: ""\)\.$/,
    ],
    [
      'a tag that two rules remove',
      { remove: [{ key: 'ci-*' }, { key: '*', when: { not: { equals: 'x' } } }, { key: 'env' }] },
      { tags: { 'ci-run': '' } },
      'ci-run',
      /^It would stay if a protection named it or without remove\[0] key "ci-\*" and remove\[1] key "\*"\.$/,
    ],
    [
      'a value that the selection looks at, too',
      {
        select: { tag: 'ci-run', equals: 'a' },
        remove: [{ key: 'ci-*', when: { equals: 'b' } }],
      },
      { tags: { 'ci-run': 'a' } },
      'ci-run',
      /^It could go if remove\[0] key "ci-\*" asked for no value\.$/,
    ],
    ['no rule', {}, { tags: { env: '' } }, 'env', /if a rule under remove named its key, which none does/],
  ])('says what would turn the verdict: %s', (_description, part, draft, key, expected) => {
    expect(changeOf(part, draft, key)).toMatch(expected);
  });

  it.each([
    [
      'a tag with two tests',
      { select: { tag: 'n', greaterThan: 1, lessThan: 5 } },
      { tags: { 'ci-run': '', n: '7' } },
      /n less than 5 \(seen: n = "7"\)$/,
    ],
    [
      'more steps than can be named',
      { select: { any: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name })) } },
      { name: 'x', tags: { 'ci-run': '' } },
      /name "d" \(seen: "x"\) or 2 more$/,
    ],
  ])('says of a selection what decided it: %s', (_description, part, draft, expected) => {
    const { selection } = explainResource(aPolicy(part), aResource(draft), ASOF);

    expect(stepsText(selection!)).toMatch(expected);
  });

  it('says what was not seen', () => {
    const { unseen, tags } = explainResource(aPolicy(), aResource({ tags: undefined }), ASOF);

    expect(unseen).toEqual(['tags']);
    expect(tags).toEqual([]);
  });
});
