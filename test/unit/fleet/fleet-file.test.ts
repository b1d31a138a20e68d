import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFleet } from '../../../emulator/fleet.ts';
import { fleetFile, readFleet } from '../../../lib/fleet/fleet-file.ts';
import { compareText, resourceKey } from '../../../lib/resource.ts';
import { aResource } from '../../support/builders.ts';
import { aDrawnResource } from '../../support/policy-arbitraries.ts';

const text = (...arguments_: Parameters<typeof fleetFile>) => [...fleetFile(...arguments_)].join('');

describe('fleetFile', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.uniqueArray(aDrawnResource, { selector: resourceKey, maxLength: 6 }), (fleet) => {
        const sorted = [...fleet].sort((a, b) => compareText(resourceKey(a), resourceKey(b)));

        expect(readFleet(text(sorted), 'f.json')).toEqual(sorted);
      }),
      { numRuns: 100 },
    );
  });

  it('is what the emulator takes', () => {
    const fleet = [
      aResource({ id: 'eci-1', tags: { env: 'dev' } }),
      aResource({ id: 'eci-2', tags: undefined }),
    ];

    expect(parseFleet(text(fleet), 'f.json').map(({ id }) => id)).toEqual(['eci-1', 'eci-2']);
  });

  it('hashes values so that equal ones of a key stay equal, and empty ones stay empty', () => {
    const fleet = [
      aResource({ id: 'eci-1', tags: { owner: 'ann', team: 'ann', note: '' } }),
      aResource({ id: 'eci-2', tags: { owner: 'ann' } }),
    ];

    const [one, two] = readFleet(text(fleet, true), 'f.json');

    const values = Object.fromEntries(one!.tags!.map(({ key, value }) => [key, value]));
    expect(values.owner).toMatch(/^[0-9a-f]{16}$/);
    expect(values.team).not.toBe(values.owner);
    expect(values.note).toBe('');
    expect(two!.tags).toEqual([{ key: 'owner', value: values.owner }]);
  });
});

describe('readFleet', () => {
  it.each([
    { file: 'no json', says: 'it is not JSON' },
    { file: '{}', says: 'resources: ' },
    {
      file: '{"resources":[{"id":"a","type":"Pod","region":"cn-hangzhou"}]}',
      says: 'a type is one of ContainerGroup',
    },
    {
      file: '{"resources":[{"id":"a","type":"ImageCache","region":"cn-hangzhou"},{"id":"a","type":"ImageCache","region":"cn-hangzhou"}]}',
      says: 'resources.1: a stands there twice',
    },
  ])('says what is wrong, and where: $says', ({ file, says }) => {
    expect(() => readFleet(file, 'f.json')).toThrow(/^f\.json is no fleet file:/);
    expect(() => readFleet(file, 'f.json')).toThrow(says);
  });
});
