import { describe, expect, it } from 'vitest';
import { planView } from '../../cli/plan-view.ts';
import { planMarkdown } from '../../cli/render-markdown.ts';
import type { Resource } from '../../lib/resource.ts';
import { planCleanup } from '../../lib/run/cleanup.ts';
import { type Language, speaker } from '../../lib/words/words.ts';
import { aPolicy, aResource } from '../support/builders.ts';
import { fakeEci } from '../support/fake-eci.ts';
import { lookTwice } from '../support/hostile-text.ts';
import { aRequest } from '../support/runs.ts';
import { virtualClock } from '../support/virtual-clock.ts';

const APPLY = [{ says: 'applyFile', line: 'tagsweep apply plan.json' }] as const;

/** The comment on what is removed from these resources, and the digest of its plan. */
async function commentOn(
  resources: readonly Resource[],
  part: Readonly<Record<string, unknown>> = {},
  language: Language = 'en',
) {
  const limits = { maxPercent: 100, maxResources: 100_000 };
  const policy = aPolicy({ scope: { regions: ['cn-beijing', 'cn-hangzhou'] }, limits, ...part });
  const planned = await planCleanup(
    aRequest({ policy }),
    { eci: fakeEci({ resources }), audit: null, clock: virtualClock(), chance: () => 0.5 },
    { identity: {} },
  );
  const text = planMarkdown(planView(planned, policy), planned, APPLY, speaker(language));
  return { text, digest: planned.plan.digest };
}

const two = [
  aResource({ id: 'eci-1', region: 'cn-hangzhou', tags: { 'ci-run': '1' } }),
  aResource({ id: 'eci-2', region: 'cn-beijing', tags: { 'ci-run': '2', env: 'dev' } }),
];

describe('planMarkdown', () => {
  it('says what goes, where, how near the limits are, and how to apply exactly that', async () => {
    const { text, digest } = await commentOn(two);

    expect(text).toMatch(/^### Plan of <code>a-policy<\/code>\n/);
    expect(text).toContain('**2 tags** would go from **2 resources**, 100 % of the 2 seen, in **2 calls**');
    expect(text).toContain('| maxResources | 2 | 100,000 |  |');
    expect(text).toContain('| <code>ci-run</code> | 2 | <code>2</code>, <code>1</code> |');
    expect(text).toContain(
      '<details><summary>cn-beijing: 1 tag on 1 resource</summary>\n\n- <code>eci-2</code>',
    );
    expect(text).toContain(`Digest \`${digest}\``);
    expect(text).toMatch(/```sh\ntagsweep apply plan\.json\n```\n$/);
  });

  it('gives no line that applies a plan which would be refused, and says why', async () => {
    const { text, digest } = await commentOn(two, { limits: { maxTags: 1, maxPercent: 100 } });

    expect(text).toContain('> **This plan would be refused:**');
    expect(text).toContain('| maxTags | 2 | 1 | **passed** |');
    expect(text).toContain(digest);
    expect(text).not.toContain('```');
  });

  it('says that nothing goes where nothing does', async () => {
    const { text } = await commentOn(two, { remove: [{ key: 'none' }] });

    expect(text).toContain('Nothing to remove: none of the 2 resources seen has a tag');
    expect(text).not.toContain('<details>');
  });

  it('speaks Chinese, and leaves digest and command as they are', async () => {
    const { text, digest } = await commentOn(two, {}, 'zh-CN');

    expect(text).toContain('### 策略 <code>a-policy</code> 的计划');
    expect(text).toContain(`摘要 \`${digest}\``);
    expect(text).toContain('tagsweep apply plan.json');
  });

  it('draws nothing of what keys and values say', async () => {
    const nasty =
      '`x` | **b** [l](http://evil.example) @someone #1 <img src=x> ![i](//e) www.evil.example \u202e';
    const { text } = await commentOn([
      aResource({ region: 'cn-hangzhou', tags: { [`ci-${nasty}`]: nasty } }),
    ]);

    const body = text
      .replace(/<\/?(?:code|details|summary)>/g, '')
      .replace(/`sha256:\w+`|```[\s\S]*```/g, '');

    expect(lookTwice(text)).toEqual([]);
    expect(body).not.toMatch(/<|`x`|\*\*b|\]\(|@someone|http:|www\./);
    const rows = body.split('\n').filter((line) => line.startsWith('| ci-'));
    expect(rows.map((row) => row.split('|').length)).toEqual([6]);
  });

  it.each([
    { description: 'many resources', resources: 3000, keys: 1, value: 'x' },
    { description: 'many keys', resources: 300, keys: 20, value: 'x' },
    { description: 'values full of what must be escaped', resources: 500, keys: 3, value: '|'.repeat(128) },
  ])('stays under 60,000 characters with $description, and tells what it left out', async (one) => {
    const resources = Array.from({ length: one.resources }, (_, n) =>
      aResource({
        id: `eci-${String(n).padStart(5, '0')}`,
        region: n % 2 === 0 ? 'cn-hangzhou' : 'cn-beijing',
        tags: Object.fromEntries(
          Array.from({ length: one.keys }, (_, k) => [`ci-${n % 40}-${k}|`, `${one.value}${n}`]),
        ),
      }),
    );

    const { text, digest } = await commentOn(resources);

    expect(text.length).toBeLessThan(60_000);
    expect(text.length).toBeGreaterThan(40_000);
    expect(text).toMatch(/_Left out here, for length: .*\d+ resources.*The plan file has all of it\._/);
    expect(text.match(/<details>/g)).toHaveLength(2);
    expect(text.match(/<\/details>/g)).toHaveLength(2);
    expect(text).toContain(digest);
  });
});
