import { describe, expect, it } from 'vitest';
import type { PlanPage, TagRows } from '../../../lib/pages/model.ts';
import { writeTagRows } from '../../../lib/pages/tag-rows.ts';
import { aResource } from '../../support/builders.ts';
import { aPlanPage } from '../../support/pages.ts';

const POLICY = {
  remove: [{ key: 'ci-*' }, { key: 'old' }],
  protect: [
    { keys: ['owner'] },
    { resources: { tag: 'hold', exists: true }, reason: 'under hold' },
    { keys: ['never-there'] },
  ],
  limits: { maxPercent: 100, maxTags: 4, canary: 1 },
};

const FLEET = [
  aResource({ id: 'eci-1', name: 'api', tags: { 'ci-run': '1', 'ci-branch': 'main', owner: 'ann' } }),
  aResource({ id: 'eci-2', name: 'web', tags: { 'ci-run': '2', env: 'dev' } }),
  aResource({ id: 'eci-3', tags: { 'ci-run': '3', hold: 'yes' } }),
];

/** The rows as a reader sees them: id, and each tag with its sign and why. */
function spelledOut({ rows, texts, fates, places }: TagRows): readonly (readonly string[])[] {
  return rows.map(([place, id, name, tags]) => [
    `${places[place]!.region} ${id} ${name}`.trimEnd(),
    ...Array.from({ length: tags.length / 3 }, (_, at) => {
      const { goes, reason, label, isNew } = fates[tags[at * 3 + 2]!]!;
      const why = [reason, label, isNew && 'new'].filter(Boolean).join(' ');
      return `${goes ? '-' : ' '} ${texts[tags[at * 3]!]}=${texts[tags[at * 3 + 1]!]} (${why})`;
    }),
  ]);
}

describe('planPage', () => {
  it('lists each resource that loses a tag, with all its tags, and why each goes or stays', async () => {
    const { page } = await aPlanPage(FLEET, POLICY);

    expect(spelledOut(page.list)).toEqual([
      [
        'cn-hangzhou eci-1 api',
        '- ci-branch=main (remove[0] key "ci-*")',
        '- ci-run=1 (remove[0] key "ci-*")',
        '  owner=ann (protected protect[0] keys "owner")',
      ],
      ['cn-hangzhou eci-2 web', '- ci-run=2 (remove[0] key "ci-*")', '  env=dev (noRule)'],
    ]);
  });

  it('adds up what goes by key, rule and place, the most first', async () => {
    const { page } = await aPlanPage(FLEET, POLICY);

    expect(page.byKey).toEqual([
      { label: 'ci-run', tags: 2, resources: 2 },
      { label: 'ci-branch', tags: 1, resources: 1 },
    ]);
    expect(page.byRule).toEqual([{ label: 'remove[0] key "ci-*"', tags: 3, resources: 2 }]);
    expect(page.byPlace).toEqual([{ label: 'cn-hangzhou ContainerGroup', tags: 3, resources: 2 }]);
  });

  it('tells of every tag that was read why it stays, those of untouched resources too', async () => {
    const { page } = await aPlanPage(FLEET, POLICY);

    expect(page.kept).toEqual([
      {
        reason: 'protected',
        label: 'protect[1] under hold',
        tags: 2,
        resources: 1,
        example: { id: 'eci-3', key: 'ci-run', value: '3' },
      },
      {
        reason: 'protected',
        label: 'protect[0] keys "owner"',
        tags: 1,
        resources: 1,
        example: { id: 'eci-1', key: 'owner', value: 'ann' },
      },
      { reason: 'noRule', tags: 1, resources: 1, example: { id: 'eci-2', key: 'env', value: 'dev' } },
    ]);
    const told = page.kept.reduce((sum, { tags }) => sum + tags, page.tags);
    expect(told).toBe(FLEET.reduce((sum, { tags = [] }) => sum + tags.length, 0));
  });

  it('puts beside each rule and protection of the policy how many tags it decides, none included', async () => {
    const { page } = await aPlanPage(FLEET, POLICY);

    const counted = page.policyLines.filter(({ count }) => count !== undefined);

    expect(counted.map(({ text, count }) => [text.trim(), count])).toEqual([
      ['- key: ci-*', { does: 'removes', tags: 3 }],
      ['- key: old', { does: 'removes', tags: 0 }],
      ['- keys:', { does: 'keeps', tags: 1 }],
      ['- resources:', { does: 'keeps', tags: 2 }],
      ['- keys:', { does: 'keeps', tags: 0 }],
    ]);
  });

  it('says how near each limit is', async () => {
    const { page } = await aPlanPage(FLEET, POLICY);

    const tags = page.limits.find(({ limit }) => limit === 'maxTags');

    expect(tags).toMatchObject({ planned: 3, allowed: 4, used: 0.75, isPassed: false });
  });

  it.each([
    { description: 'ready', part: {}, status: 'ready' },
    {
      description: 'refused by a limit',
      part: { limits: { maxTags: 2, maxPercent: 100 } },
      status: 'refused',
    },
    { description: 'of nothing', part: { remove: [{ key: 'none' }] }, status: 'nothing' },
  ])('gives the line that applies it only where it can be applied: $description', async (one) => {
    const { page } = await aPlanPage(FLEET, { ...POLICY, ...one.part });

    expect(page.status).toBe(one.status);
    expect(page.commands).toHaveLength(one.status === 'ready' ? 1 : 0);
  });

  it('names what is new beside an earlier plan, and what is no longer there', async () => {
    const { plan: earlier } = await aPlanPage(
      [...FLEET.slice(1), aResource({ id: 'eci-0', name: 'zero', tags: { 'ci-run': '0' } })],
      POLICY,
    );

    const { page } = await aPlanPage(FLEET, POLICY, { earlier });

    expect(page.earlier).toMatchObject({ both: 1, onlyNew: 2, onlyEarlier: 1, isSame: false });
    expect(page.earlier?.isOfOtherPolicy).toBe(false);
    expect(newOf(page)).toEqual(['ci-branch=main', 'ci-run=1']);
    expect(spelledOut(page.earlier!.gone)).toEqual([
      ['cn-hangzhou eci-0 zero', '- ci-run=0 (remove[0] key "ci-*")'],
    ]);
  });

  function newOf(page: PlanPage): readonly string[] {
    return spelledOut(page.list)
      .flat()
      .flatMap((line) => (line.includes(' new)') ? [line.slice(2, line.indexOf(' ('))] : []));
  }
});

describe('writeTagRows', () => {
  const tag = (key: string, goes: boolean) => ({ key, value: '1', fate: { goes, label: 'rule' } });
  const ref = (id: string) => ({ region: 'cn-hangzhou', type: 'ContainerGroup' as const, id });

  it('stops at the most tags that a browser opens well, and tells of how many it is a part', () => {
    const writer = writeTagRows(3);

    for (const id of ['a', 'b', 'c'])
      writer.add(ref(id), '', [tag('x', true), tag('y', true), tag('z', false)]);

    const { rows, cutOf } = writer.close();
    expect(rows.map(([, id]) => id)).toEqual(['a']);
    expect(cutOf).toBe(6);
  });

  it('holds each text and each fate once, however many tags have it', () => {
    const writer = writeTagRows();

    for (let n = 0; n < 100; n += 1) writer.add(ref(`r${n}`), '', [tag('x', true), tag('y', false)]);

    const { texts, fates, places, cutOf } = writer.close();
    expect({ texts, fates: fates.length, places: places.length, cutOf }).toEqual({
      texts: ['x', '1', 'y'],
      fates: 2,
      places: 1,
      cutOf: undefined,
    });
  });
});
