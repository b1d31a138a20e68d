import fc from 'fast-check';
import { ITEMS } from '../../lib/doctor/items.ts';
import { formatProfile, type Profile, readProfile } from '../../lib/doctor/profile.ts';

/** Anything that a profile can say of the regions of `aDrawnResource`, true or not. */
export function aDrawnProfile(date: string): fc.Arbitrary<Profile> {
  const items = Object.fromEntries(
    Object.entries(ITEMS).map(([name, item]) => [
      name,
      ('values' in item ? fc.constantFrom(...item.values) : fc.nat(120)).map((value: string | number) => ({
        value,
        evidence: [],
        probe: 'drawn',
      })),
    ]),
  );
  const region = fc.record(items, { requiredKeys: [] });
  return fc
    .record({ 'cn-hangzhou': region, 'cn-beijing': region }, { requiredKeys: [] })
    .map((regions) =>
      readProfile(formatProfile({ version: 1, date, regions } as Profile), 'a drawn profile'),
    );
}
