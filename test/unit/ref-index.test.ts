import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRefIndex } from '../../lib/ref-index.ts';
import { RESOURCE_TYPES, resourceKey } from '../../lib/resource.ts';

const ref = fc.record({
  region: fc.constantFrom('cn-hangzhou', 'cn-beijing'),
  type: fc.constantFrom(...RESOURCE_TYPES),
  id: fc.string({ maxLength: 3 }),
});

describe('createRefIndex', () => {
  it('numbers each resource once, in the order of its first coming, as a map would', () => {
    fc.assert(
      fc.property(fc.array(ref, { maxLength: 400 }), fc.array(ref, { maxLength: 20 }), (added, others) => {
        const index = createRefIndex();
        const numbers = new Map<string, number>();

        for (const one of added) {
          const known = numbers.get(resourceKey(one)) ?? numbers.size;
          numbers.set(resourceKey(one), known);
          expect(index.add(one)).toBe(known);
        }

        expect(index.size).toBe(numbers.size);
        for (const one of [...added, ...others]) {
          const number = numbers.get(resourceKey(one)) ?? -1;
          expect(index.find(one.region, one.type, one.id)).toBe(number);
          if (number >= 0) expect(index.ids[number]).toBe(one.id);
        }
      }),
    );
  });
});
