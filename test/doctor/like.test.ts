import { afterEach, describe, expect, it } from 'vitest';
import type { Behavior } from '../../emulator/behavior.ts';
import { behaviorLike } from '../../emulator/like.ts';
import type { Emulator } from '../../emulator/server.ts';
import { formatProfile } from '../../lib/doctor/profile.ts';
import { diagnose, startService } from './bench.ts';

const running: Emulator[] = [];
afterEach(async () => {
  for (const emulator of running.splice(0)) await emulator.close();
});

async function learn(behavior: Partial<Behavior>) {
  const emulator = await startService(behavior);
  running.push(emulator);
  return await diagnose(emulator, { write: true });
}

/** Times differ from one look to the next. */
function withoutTimes({ visibleById: _, visibleInList: __, ...rest }: Readonly<Record<string, unknown>>) {
  return rest;
}

describe('behaviorLike', () => {
  it.each<Partial<Behavior>>([
    {},
    { limitNeedsIds: true, noTags: 'absent', goneOnRead: '404' },
    { noTags: 'null', emptyValue: 'absent', formBody: 'ignore', statusList: 'some' },
    { filters: 'nothing', tagRowsNeedIds: true, unknownId: 'ignore', idsPerTagCall: 50 },
    { movingStatus: 'refuse', endedGroups: 'refuse', untag: 'partial' },
    { absentKey: 'refuse' },
    { untagTakes: 'anyCase' },
  ])('makes an emulator of which the doctor learns the same: %j', async (behavior) => {
    const seen = await learn(behavior);

    const again = await learn(behaviorLike(formatProfile(seen.profile)));

    expect(withoutTimes(again.learned)).toEqual(withoutTimes(seen.learned));
  });

  it.each([
    { description: 'is no profile', text: '{}', region: undefined, says: 'no profile of tagsweep doctor' },
    {
      description: 'does not know the region',
      text: '{"regions":{"cn-beijing":{}}}',
      region: 'cn-hangzhou',
      says: 'only of cn-beijing',
    },
  ])('says so of a file that $description', ({ text, region, says }) => {
    expect(() => behaviorLike(text, region)).toThrow(says);
  });
});
