import { describe, expect, it } from 'vitest';
import { createJudge } from '../../../lib/plan/judge.ts';
import { parsePolicy } from '../../../lib/policy/parse.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aFleetPage } from '../../support/pages.ts';

const AS_OF_MS = Date.parse('2026-06-01T00:00:00Z');
const TWENTY = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`misc-${n}`, 'x']));

const FLEET = [
  aResource({ id: 'eci-1', tags: { team: 'a', 'expires-at': '2026-01-01' } }),
  aResource({ id: 'eci-2', tags: { team: 'a', Team: 'b' } }),
  aResource({ id: 'eci-3', name: 'full', tags: TWENTY }),
];

describe('fleetPage', () => {
  it('counts resources, tags and keys, and resources by their number of tags', () => {
    const page = aFleetPage(FLEET);

    expect(page).toMatchObject({ resources: 3, tags: 24, keyCount: 23, unseen: 0, fullCount: 1 });
    expect(page.byTagCount.flatMap((n, tags) => (n === 0 ? [] : [[tags, n]]))).toEqual([
      [2, 2],
      [20, 1],
    ]);
    expect(page.full).toMatchObject([{ id: 'eci-3', name: 'full', tags: 20 }]);
  });

  it('has a policy for what can be cleaned up, which can be read, and removes that', () => {
    const { findings } = aFleetPage(FLEET);

    const removed = findings.flatMap(({ kind, remedy }) => {
      if (remedy === undefined) return [];
      const judge = createJudge(parsePolicy(remedy.text, `${remedy.name}.yaml`), AS_OF_MS);
      return [[kind, FLEET.flatMap((one) => judge.removals(one).map(({ key }) => key)).length]];
    });
    expect(removed).toEqual([
      ['caseVariants', 1],
      ['pastDates', 1],
      ['families', 20],
      ['nearlyFull', 5],
    ]);
  });

  it('gives each remedy a name of its own, whatever the keys are called', () => {
    const tags = (n: number) => ({ [`标签${n}`]: '1', [`标签${n}x`]: '1', [`标签${n}X`]: '2' });
    const { findings } = aFleetPage([1, 2, 3].map((n) => aResource({ id: `eci-${n}`, tags: tags(n) })));

    const names = findings.flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy.name]));

    expect(names.length).toBeGreaterThan(2);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name))).toEqual([]);
  });

  it('tells which keys no policy names', () => {
    const policy = aPolicy({ remove: [{ key: 'misc-*' }], protect: [{ keys: ['team'] }] });

    const { findings } = aFleetPage(FLEET, [policy]);

    const unnamed = findings.find(({ kind }) => kind === 'unnamed');
    expect(unnamed?.keys.map(({ key }) => key)).toEqual(['Team', 'expires-at']);
    expect(unnamed?.remedy).toBeUndefined();
  });
});
