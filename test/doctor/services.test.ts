import { afterEach, describe, expect, it } from 'vitest';
import type { Behavior } from '../../emulator/behavior.ts';
import type { Emulator } from '../../emulator/server.ts';
import { diagnose, REGION, startService } from './bench.ts';

let emulator: Emulator | undefined;
afterEach(async () => {
  expect(emulator?.failures).toEqual([]);
  await emulator?.close();
  emulator = undefined;
});

/** What reading alone shows of the service as the reference assumes it. */
const AS_ASSUMED = {
  noTags: 'array',
  emptyValue: 'sent',
  limitWithoutIds: 'accepted',
  totalCount: 'exact',
  unknownId: 'left-out',
  formBody: 'accepted',
  keyFilter: 'exact',
  twoFilters: 'and',
  tagRows: 'complete',
  statusLimit: 'accepted',
  statusIds: 'complete',
};

describe('examine', () => {
  const SERVICES: readonly {
    readonly description: string;
    readonly behavior: Partial<Behavior>;
    readonly learns: Readonly<Record<string, string | number | undefined>>;
    readonly groups?: number;
  }[] = [
    { description: 'as the reference assumes', behavior: {}, learns: {} },
    {
      description: 'that refuses Limit without ids',
      behavior: { limitNeedsIds: true },
      learns: { limitWithoutIds: 'refused', statusLimit: 'refused' },
    },
    { description: 'that leaves out Tags', behavior: { noTags: 'absent' }, learns: { noTags: 'absent' } },
    {
      description: 'that sends Tags as null, and no empty values',
      behavior: { noTags: 'null', emptyValue: 'absent' },
      learns: { noTags: 'null', emptyValue: 'absent' },
    },
    {
      description: 'whose status list names pods alone',
      behavior: { statusList: 'podsOnly' },
      learns: { statusIds: 'incomplete' },
    },
    {
      description: 'whose status list leaves some out',
      behavior: { statusList: 'some' },
      learns: { statusIds: 'incomplete' },
    },
    {
      description: 'that refuses an id that is gone',
      behavior: { goneOnRead: '404' },
      learns: { unknownId: 'refused' },
    },
    {
      description: 'whose key filters find nothing',
      behavior: { filters: 'nothing' },
      learns: { keyFilter: 'less' },
    },
    {
      description: 'whose filters find every other',
      behavior: { filters: 'less' },
      learns: { keyFilter: 'less', twoFilters: 'and' },
    },
    {
      description: 'that lists no rows without ids',
      behavior: { tagRowsNeedIds: true },
      learns: { tagRows: 'refused', tagRowsPage: undefined },
    },
    {
      description: 'that counts a page',
      behavior: { totalCount: 'page' },
      groups: 30,
      learns: { totalCount: 'page' },
    },
    {
      description: 'with one token for all pages',
      behavior: { tokens: 'constant' },
      groups: 65,
      learns: { tokens: 'constant' },
    },
    {
      description: 'that does not hear forms',
      behavior: { formBody: 'ignore' },
      learns: { formBody: 'refused' },
    },
  ];

  it.each(SERVICES)(
    'learns of a service $description what is so, and nothing else',
    async ({ behavior, learns, groups }) => {
      emulator = await startService(behavior, groups === undefined ? {} : { groups });

      const { learned, findings, calls } = await diagnose(emulator);

      if (groups === undefined) {
        const expected = { ...AS_ASSUMED, ...learns };
        for (const [item, value] of Object.entries(expected))
          expect({ [item]: learned[item as keyof typeof learned] }).toEqual({ [item]: value });
      } else expect(learned).toMatchObject(learns);
      expect(findings.filter(({ status }) => status === 'failed')).toEqual([]);
      expect(calls[REGION]).toBeLessThanOrEqual(25);
      expect(emulator.counters.writes).toEqual([]);
    },
  );

  it('tells data caches that only their own bucket shows', async () => {
    emulator = await startService({ buckets: 'default' });
    emulator.state.addResource({ id: 'edc-1', type: 'DataCache', region: REGION });
    emulator.state.addResource({ id: 'edc-2', type: 'DataCache', region: REGION, bucket: 'models' });

    const { learned } = await diagnose(emulator, { buckets: ['models'] });

    expect(learned.buckets).toBe('default-only');
  });
});

describe('examineChanges', () => {
  it('tries a service as the reference assumes it, and leaves nothing behind', async () => {
    emulator = await startService();

    const { learned, findings } = await diagnose(emulator, { write: true });

    expect(learned).toMatchObject({
      whilePending: 'done',
      caseOfKeys: 'kept-apart',
      removesOnly: 'asked',
      absentKey: 'accepted',
      sameToken: 'accepted',
      tokenReused: 'refused',
      mixedIds: 'refused-whole',
      keysPerCall: 20,
      idsPerCall: 100,
      afterEnd: 'done',
      lastTag: 'array',
    });
    expect(findings.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(emulator.state.shelf(REGION, 'ContainerGroup')).toHaveLength(15);
  });

  it.each([
    {
      description: 'takes every tag',
      behavior: { untagTakes: 'everything' as const },
      learns: { removesOnly: 'more' },
      isBad: true,
    },
    {
      description: 'takes keys in any case',
      behavior: { untagTakes: 'anyCase' as const },
      learns: { caseOfKeys: 'one' },
      isBad: true,
    },
    {
      description: 'refuses changes while pending and after the end',
      behavior: { movingStatus: 'refuse' as const, endedGroups: 'refuse' as const },
      learns: { whilePending: 'refused', afterEnd: 'refused' },
      isBad: false,
    },
    {
      description: 'does a part before it refuses',
      behavior: { untag: 'partial' as const },
      learns: { mixedIds: 'refused-after-part' },
      isBad: false,
    },
    {
      description: 'passes over ids that are gone',
      behavior: { unknownId: 'ignore' as const },
      learns: { mixedIds: 'done' },
      isBad: false,
    },
    {
      description: 'takes 50 ids',
      behavior: { idsPerTagCall: 50 },
      learns: { idsPerCall: 50 },
      isBad: false,
    },
    {
      description: 'shows changes late',
      behavior: { visibilityDelayMs: 200 },
      learns: { removesOnly: 'asked' },
      isBad: false,
    },
  ])('sees that a service $description', async ({ behavior, learns, isBad }) => {
    emulator = await startService(behavior);

    const { learned, findings } = await diagnose(emulator, { write: true });

    expect(learned).toMatchObject(learns);
    expect(findings.some(({ status, check }) => status === 'failed' && check === 'changes')).toBe(isBad);
    expect(emulator.state.shelf(REGION, 'ContainerGroup')).toHaveLength(15);
  });
});
