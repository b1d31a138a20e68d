import { describe, expect, it } from 'vitest';
import { createRemovalTable } from '../../../lib/plan/removal-table.ts';
import { aResource } from '../../support/builders.ts';

const RESOURCES = Array.from({ length: 300 }, (_, n) =>
  aResource({ id: `eci-${String(n).padStart(3, '0')}`, tags: { a: '1', b: String(n), c: '3' } }),
);

describe('createRemovalTable', () => {
  it('gives back each removal as it was added', () => {
    const table = createRemovalTable(RESOURCES);

    for (let n = 0; n < RESOURCES.length; n += 2) {
      const tags = RESOURCES[n]!.tags!.filter((_, at) => at !== n % 3);
      table.add(
        n,
        RESOURCES[n]!,
        tags.map((tag) => ({ ...tag, rule: `rule ${n}` })),
      );
    }

    expect(table.all()).toHaveLength(150);
    expect(table.all()[100]).toEqual({
      region: 'cn-hangzhou',
      type: 'ContainerGroup',
      id: 'eci-200',
      name: 'api-1',
      tags: [
        { key: 'a', value: '1', rule: 'rule 200' },
        { key: 'b', value: '200', rule: 'rule 200' },
      ],
    });
    expect(table.planned()[1]).toEqual({ resource: RESOURCES[2], removal: table.all()[1] });
  });

  it('takes no tag that its resource does not have', () => {
    const table = createRemovalTable(RESOURCES);

    expect(() => table.add(0, RESOURCES[0]!, [{ key: 'a', value: 'other', rule: 'r' }])).toThrow(
      'tag "a" is not one of eci-000',
    );
  });

  it('tells tags apart beyond what a byte counts', () => {
    const keys = Array.from({ length: 600 }, (_, n) => `k${String(n).padStart(3, '0')}`);
    const resource = aResource({ tags: Object.fromEntries(keys.map((key) => [key, key])) });
    const table = createRemovalTable([resource]);

    const tags = keys.map((key) => ({ key, value: key, rule: `rule of ${key}` }));
    table.add(0, resource, tags);

    expect(table.all()[0]!.tags).toEqual(tags);
  });
});
