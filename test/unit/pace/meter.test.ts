import { describe, expect, it } from 'vitest';
import { meterEci } from '../../../lib/pace/meter.ts';
import { wasNotSent } from '../../../lib/pace/unsent.ts';
import { anUntagRequest as request, scriptedEci } from '../../support/scripted-eci.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const pace = { share: 0.5, concurrency: 8 };
const half = () => 0.5;

describe('meterEci', () => {
  it('sends the same request object again after a failure that passes', async () => {
    const clock = virtualClock();
    const cloud = scriptedEci(clock, ['unavailable', 'unanswered', 'throttled', 'busy']);
    const eci = meterEci(cloud.eci, { pace, clock, chance: half });

    const receipt = await eci.untagResources(request);

    expect(receipt).toEqual({ requestId: 'R' });
    expect(cloud.sent.map((call) => call.request)).toEqual(Array.from({ length: 5 }, () => request));
    expect(cloud.sent.every((call) => call.request === request)).toBe(true);
    expect(eci.counts).toEqual({
      list: 0,
      untag: 5,
      tag: 0,
      retries: 4,
      throttled: 1,
      byApi: { UntagResources: 5 },
    });
  });

  it.each(['gone', 'rejected', 'fatal'] as const)('does not send again what was %s', async (kind) => {
    const clock = virtualClock();
    const cloud = scriptedEci(clock, [kind]);
    const eci = meterEci(cloud.eci, { pace, clock, chance: half });

    await expect(eci.untagResources(request)).rejects.toMatchObject({ kind });

    expect(cloud.sent).toHaveLength(1);
  });

  it.each([
    ['busy', 4],
    ['unavailable', 6],
    ['unanswered', 5],
    ['throttled', 12],
  ] as const)('gives up on a call that stays %s after %i tries', async (kind, tries) => {
    const clock = virtualClock();
    const cloud = scriptedEci(
      clock,
      Array.from({ length: 50 }, () => kind),
    );
    const eci = meterEci(cloud.eci, { pace, clock, chance: half });

    await expect(eci.untagResources(request)).rejects.toMatchObject({
      kind,
      outcomeUnknown: kind === 'unanswered',
    });

    expect(cloud.sent).toHaveLength(tries);
  });

  it('keeps the outcome unknown when a later try was refused', async () => {
    const clock = virtualClock();
    const cloud = scriptedEci(clock, ['unanswered', 'rejected']);
    const eci = meterEci(cloud.eci, { pace, clock, chance: half });

    const error = await eci.untagResources(request).catch((caught: unknown) => caught);

    expect(error).toMatchObject({ kind: 'rejected', outcomeUnknown: true });
    expect(String(error)).toContain('may have been done');
  });

  it('spends at most the reserve on a service that is down', async () => {
    const clock = virtualClock();
    const cloud = scriptedEci(
      clock,
      Array.from({ length: 5000 }, () => 'unavailable' as const),
    );
    const eci = meterEci(cloud.eci, { pace: { share: 1, concurrency: 8 }, clock, chance: half });

    const results = await Promise.allSettled(Array.from({ length: 400 }, () => eci.untagResources(request)));

    expect(results.every((result) => result.status === 'rejected')).toBe(true);
    expect(eci.counts.retries).toBe(200);
  });

  it('ends everything that waits when a failure is fatal', async () => {
    const clock = virtualClock();
    const cloud = scriptedEci(clock, ['ok', 'fatal']);
    const eci = meterEci(cloud.eci, { pace: { share: 1, concurrency: 1 }, clock, chance: half });

    const results = await Promise.allSettled(Array.from({ length: 10 }, () => eci.untagResources(request)));
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));

    expect(cloud.sent).toHaveLength(2);
    expect(reasons[0]).toMatchObject({ kind: 'fatal' });
    expect(reasons.slice(1).every(wasNotSent)).toBe(true);
    await expect(eci.listResources({ region: 'cn-beijing', type: 'ImageCache' })).rejects.toMatchObject({
      apiCode: 'Stopped',
      cause: reasons[0],
    });
  });

  it('sends nothing from the deadline on, and says so at once', async () => {
    const clock = virtualClock();
    const startMs = clock.now();
    const cloud = scriptedEci(clock);
    const eci = meterEci(cloud.eci, {
      pace: { share: 0.01, concurrency: 8 },
      clock,
      chance: half,
      deadlineAtMs: startMs + 30_000,
    });

    const results = await Promise.allSettled(Array.from({ length: 12 }, () => eci.untagResources(request)));

    expect(cloud.sent).toHaveLength(10);
    expect(
      results.filter((result) => result.status === 'rejected' && wasNotSent(result.reason)),
    ).toHaveLength(2);
    expect(clock.now()).toBeLessThan(startMs + 30_000);
  });

  it('does not hide an unanswered try behind the deadline', async () => {
    const clock = virtualClock();
    const cloud = scriptedEci(clock, ['unanswered', 'unanswered', 'unanswered', 'unanswered', 'unanswered']);
    const eci = meterEci(cloud.eci, { pace, clock, chance: () => 0.99, deadlineAtMs: clock.now() + 350 });

    const error = await eci.untagResources(request).catch((caught: unknown) => caught);

    expect(error).toMatchObject({ outcomeUnknown: true });
    expect(wasNotSent(error)).toBe(false);
  });

  it('ends what waits when the signal aborts, and lets calls in flight end', async () => {
    const clock = virtualClock();
    const cloud = scriptedEci(clock, [], 5000);
    const abort = new AbortController();
    const eci = meterEci(cloud.eci, {
      pace: { share: 1, concurrency: 2 },
      clock,
      chance: half,
      signal: abort.signal,
    });

    const calls = Promise.allSettled(Array.from({ length: 5 }, () => eci.untagResources(request)));
    await clock.sleep(1000);
    abort.abort(new Error('enough'));
    const results = await calls;

    expect(results.map((result) => result.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ]);
  });

  it('keeps at most the given number of requests of a region in flight, over all its APIs', async () => {
    const clock = virtualClock();
    const cloud = scriptedEci(clock);
    const eci = meterEci(cloud.eci, { pace: { share: 1, concurrency: 3 }, clock, chance: half });

    await Promise.all([
      ...Array.from({ length: 20 }, () => eci.untagResources(request)),
      ...Array.from({ length: 20 }, () =>
        eci.listResources({ region: 'cn-hangzhou', type: 'ContainerGroup' }),
      ),
    ]);

    expect(cloud.peak()).toBe(3);
  });

  it('lets a listing through while removals wait for their pace', async () => {
    const clock = virtualClock();
    const startMs = clock.now();
    const cloud = scriptedEci(clock);
    const eci = meterEci(cloud.eci, { pace: { share: 0.01, concurrency: 2 }, clock, chance: half });
    const removals = Promise.all(Array.from({ length: 15 }, () => eci.untagResources(request)));
    await clock.sleep(5000);

    await eci.listResources({ region: 'cn-hangzhou', type: 'ContainerGroup' });

    expect(clock.now() - startMs).toBeLessThan(6000);
    await removals;
    expect(clock.now() - startMs).toBeGreaterThan(60_000);
  });

  it('uses the whole share when nothing throttles', async () => {
    const clock = virtualClock();
    const startMs = clock.now();
    const cloud = scriptedEci(clock);
    const eci = meterEci(cloud.eci, { pace, clock, chance: half });

    await Promise.all(Array.from({ length: 1500 }, () => eci.untagResources(request)));

    expect(clock.now() - startMs).toBeLessThan(2 * 60_250 + 500 * 15);
  });

  it('knows its slowest call on the wire, without what waited for its turn or for a retry', async () => {
    const clock = virtualClock();
    const cloud = scriptedEci(clock, ['unavailable', 'ok'], 700);
    const eci = meterEci(cloud.eci, { pace: { share: 0.001, concurrency: 1 }, clock, chance: half });

    expect(eci.slowestCallMs()).toBe(0);
    await Promise.all([eci.untagResources(request), eci.untagResources(request)]);

    expect(clock.now() - cloud.sent[0]!.atMs).toBeGreaterThan(60_000);
    expect(eci.slowestCallMs()).toBe(700);
  });

  it('reports the cause of a programming mistake unchanged', async () => {
    const clock = virtualClock();
    const mistake = new TypeError('not a function');
    const cloud = scriptedEci(clock);
    const broken = { ...cloud.eci, untagResources: () => Promise.reject(mistake) };
    const eci = meterEci(broken, { pace, clock, chance: half });

    await expect(eci.untagResources(request)).rejects.toBe(mistake);
  });

  it('passes every operation on as it is, and counts it by its own name', async () => {
    const clock = virtualClock();
    const asked: unknown[] = [];
    const operation = (name: string) => async (query?: unknown) => {
      asked.push([name, query]);
      return { name } as never;
    };
    const eci = meterEci(
      {
        describeRegions: operation('regions'),
        listResources: operation('list'),
        listContainerGroupStatus: operation('status'),
        listTagResources: operation('rows'),
        untagResources: operation('untag'),
        tagResources: operation('tag'),
      },
      { pace, clock, chance: half },
    );
    const query = { region: 'cn-hangzhou', type: 'DataCache' } as const;
    const tag = { ...query, ids: ['x'], tags: [{ key: 'a', value: '1' }] };

    const answers = [
      await eci.describeRegions(),
      await eci.listResources(query),
      await eci.listContainerGroupStatus({ region: 'cn-hangzhou' }),
      await eci.listTagResources(query),
      await eci.untagResources(request),
      await eci.tagResources(tag),
    ];

    expect(answers).toEqual(['regions', 'list', 'status', 'rows', 'untag', 'tag'].map((name) => ({ name })));
    expect(asked).toEqual([
      ['regions', undefined],
      ['list', query],
      ['status', { region: 'cn-hangzhou' }],
      ['rows', query],
      ['untag', request],
      ['tag', tag],
    ]);
    expect(eci.counts.byApi).toEqual({
      DescribeRegions: 1,
      DescribeDataCaches: 1,
      DescribeContainerGroupStatus: 1,
      ListTagResources: 1,
      UntagResources: 1,
      TagResources: 1,
    });
  });

  it('sends nothing where the signal was aborted before', async () => {
    const clock = virtualClock();
    const cloud = scriptedEci(clock);
    const signal = AbortSignal.abort(new Error('enough'));
    const eci = meterEci(cloud.eci, { pace, clock, chance: half, signal });

    await expect(eci.untagResources(request)).rejects.toMatchObject({
      apiCode: 'Stopped',
      cause: signal.reason,
    });
    await expect(eci.describeRegions()).rejects.toThrow('DescribeRegions in any region was not sent');
    expect(cloud.sent).toEqual([]);
  });

  it.each([
    { deadlineMs: 250, tries: 1, endsMs: 100 },
    { deadlineMs: 251, tries: 2, endsMs: 350 },
  ])(
    'does not wait for a try that would come at the deadline of $deadlineMs ms',
    async ({ deadlineMs, tries, endsMs }) => {
      const clock = virtualClock();
      const startMs = clock.now();
      const cloud = scriptedEci(clock, ['unavailable', 'unavailable', 'unavailable']);
      const eci = meterEci(cloud.eci, { pace, clock, chance: half, deadlineAtMs: startMs + deadlineMs });

      await expect(eci.untagResources(request)).rejects.toMatchObject({ apiCode: 'unavailable' });

      // A try takes 100 ms, and half of 300 ms is waited.
      expect(cloud.sent).toHaveLength(tries);
      expect(clock.now() - startMs).toBe(endsMs);
    },
  );
});
