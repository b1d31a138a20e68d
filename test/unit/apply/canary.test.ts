import { describe, expect, it } from 'vitest';
import { proveCanary } from '../../../lib/apply/canary.ts';
import { createReader } from '../../../lib/proof/reader.ts';
import { totalsOf } from '../../../lib/report/totals.ts';
import type { Resource } from '../../../lib/resource.ts';
import { anApplyBench, type BenchOptions } from '../../support/apply-bench.ts';
import { anEciError } from '../../support/fake-eci.ts';
import { aBatch, aRemoval } from '../../support/removals.ts';
import { aResource } from '../../support/resources.ts';

const REMOVALS = [
  aRemoval('eci-1', { a: '1', b: '2' }),
  aRemoval('eci-2', { a: '1' }),
  aRemoval('eci-3', { a: '1' }),
];
/** The longest patience: the sum of all pauses. */
const PATIENCE_MS = 60_500;

/** A bench on which ECI answered that both tags of eci-1 and the one of eci-2 were removed. */
function answered(resources: readonly Resource[], options: BenchOptions = {}) {
  const bench = anApplyBench(REMOVALS, { ...options, resources });
  bench.context.book.noteSent(aBatch(['eci-1', 'eci-2'], ['a']));
  bench.context.book.noteSent(aBatch(['eci-1'], ['b']));
  for (const slot of [0, 1, 2]) bench.context.book.noteAnswered(slot);
  return bench;
}

const gone = (id: string, tags: Readonly<Record<string, string>> = {}) => aResource({ id, tags });

describe('proveCanary', () => {
  it('counts as removed what is seen to be gone, at once and in one call', async () => {
    const { context, eci, clock, ends } = answered([gone('eci-1'), gone('eci-2'), gone('eci-3', { a: '1' })]);
    const startMs = clock.now();

    await proveCanary(context);

    expect(ends()).toEqual(['eci-1 a: removed', 'eci-1 b: removed', 'eci-2 a: removed', 'eci-3 a: open']);
    expect([0, 1, 2, 3].filter(context.book.isAnswered)).toEqual([]);
    expect(context.brake.pulled).toBeUndefined();
    expect(eci.calls.map((call) => call.query.ids)).toEqual([['eci-1', 'eci-2']]);
    expect(clock.now()).toBe(startMs);
  });

  it('asks nothing where nothing was answered', async () => {
    const { context, eci } = anApplyBench(REMOVALS);
    context.book.noteSent(aBatch(['eci-1'], ['a']));

    await proveCanary(context);

    expect(eci.calls).toEqual([]);
    expect(context.brake.pulled).toBeUndefined();
  });

  it('stops the run where an answer of success did nothing, after growing pauses', async () => {
    const { context, clock, eci, ends } = answered([
      gone('eci-1', { a: '1', b: '2', other: '1' }),
      gone('eci-2', { b: '1' }),
    ]);
    const startMs = clock.now();

    await proveCanary(context);

    expect(ends()).toEqual(['eci-1 a: failed', 'eci-1 b: failed', 'eci-2 a: removed', 'eci-3 a: open']);
    expect([0, 1, 2, 3].filter(context.book.isAnswered)).toEqual([]);
    expect(context.brake.pulled).toEqual({
      code: 'CANARY',
      reason:
        'The canary could not be verified: 2 tags on 1 resource, eci-1 among them, not seen to be gone; nothing else was touched.',
    });
    expect(clock.now() - startMs).toBe(PATIENCE_MS);
    expect(eci.calls).toHaveLength(8);
    expect(eci.calls.slice(1).every((call) => String(call.query.ids) === 'eci-1')).toBe(true);
  });

  it('names the cause, and only the keys that are still there', async () => {
    const { context } = answered([gone('eci-1', { a: 'new', b: '2' }), gone('eci-2')]);

    await proveCanary(context);

    context.book.close();
    expect(totalsOf(context.book).failures).toEqual([
      {
        region: 'cn-hangzhou',
        resourceType: 'ContainerGroup',
        resourceId: 'eci-1',
        keys: ['b'],
        code: 'NotRemoved',
        message: expect.stringContaining('did not show it gone'),
      },
    ]);
  });

  it('takes a tag with another value for a new one: ours is gone', async () => {
    const { context, ends } = answered([gone('eci-1', { a: 'new', b: 'new' }), gone('eci-2')]);

    await proveCanary(context);

    expect(ends().slice(0, 3)).toEqual(['eci-1 a: removed', 'eci-1 b: removed', 'eci-2 a: removed']);
  });

  it('does not take fewer tags than before for the right ones', async () => {
    const { context } = answered([gone('eci-1', { a: '1' }), gone('eci-2')]);

    await proveCanary(context);

    expect(context.brake.pulled?.code).toBe('CANARY');
  });

  it('takes the tags of a resource that is gone for removed', async () => {
    const { context, ends } = answered([gone('eci-1')]);

    await proveCanary(context);

    expect(ends().slice(0, 3)).toEqual(['eci-1 a: removed', 'eci-1 b: removed', 'eci-2 a: removed']);
  });

  it('does not take tags that cannot be seen for gone', async () => {
    const { context, ends } = answered([aResource({ id: 'eci-1', tags: undefined }), gone('eci-2')]);

    await proveCanary(context);

    expect(ends().slice(0, 2)).toEqual(['eci-1 a: failed', 'eci-1 b: failed']);
  });

  it('waits for a change that shows late', async () => {
    const bench = answered([gone('eci-1', { a: '1', b: '2' }), gone('eci-2', { a: '1' })], {
      onList: (number) => {
        if (number === 2) for (const id of ['eci-1', 'eci-2']) bench.eci.put(gone(id));
      },
    });
    const startMs = bench.clock.now();

    await proveCanary(bench.context);

    expect(bench.ends().slice(0, 3)).toEqual(['eci-1 a: removed', 'eci-1 b: removed', 'eci-2 a: removed']);
    expect(bench.clock.now() - startMs).toBe(1500);
    expect(bench.context.brake.pulled).toBeUndefined();
  });

  it('reads again after a reading that failed', async () => {
    const { context, ends } = answered([gone('eci-1'), gone('eci-2')], {
      onList: (number) => {
        if (number === 0) throw anEciError();
      },
    });

    await proveCanary(context);

    expect(ends().slice(0, 3)).toEqual(['eci-1 a: removed', 'eci-1 b: removed', 'eci-2 a: removed']);
  });

  it('stops without an accusation when the time ends first', async () => {
    const { context, clock, ends } = answered([gone('eci-1', { a: '1', b: '2' }), gone('eci-2')], {
      timeMs: 1500,
    });
    const startMs = clock.now();

    await proveCanary(context);

    expect(context.brake.pulled).toEqual({
      code: 'TIME',
      reason: expect.stringContaining('before the canary could be verified'),
    });
    // Pauses of 0.5 and 1 s would leave nothing of the 1.5 s: the second is not begun.
    expect(clock.now() - startMs).toBe(500);
    expect(ends().slice(0, 3)).toEqual(['eci-1 a: open', 'eci-1 b: open', 'eci-2 a: removed']);
  });

  it('does not read a resource of another type with the same id', async () => {
    const removals = [
      aRemoval('x-1', { a: '1' }, { type: 'DataCache' }),
      aRemoval('x-1', { a: '1' }, { type: 'ImageCache' }),
    ];
    const { context, eci, ends } = anApplyBench(removals);
    context.book.noteSent(aBatch(['x-1'], ['a'], { type: 'DataCache' }));
    context.book.noteAnswered(0);
    eci.put(aResource({ id: 'x-1', type: 'DataCache' }));

    await proveCanary(context);

    expect(eci.calls.map((call) => call.api)).toEqual(['DescribeDataCaches']);
    expect(ends()).toEqual(['x-1 a: removed', 'x-1 a: open']);
  });

  it.each([
    {
      kind: 'unavailable',
      code: 'CANARY',
      says: /^Reading failed before the canary could be verified.* failed: X$/,
    },
    {
      kind: 'throttled',
      code: 'THROTTLED',
      says: /^Reading failed before the canary could be verified.* failed: X$/,
    },
    {
      kind: 'fatal',
      code: 'ECI',
      says: /^ECI refuses this account or its credentials before the canary.* failed: X$/,
    },
  ] as const)('stops without an accusation where reading stays $kind', async ({ kind, code, says }) => {
    const { context, ends, course } = answered([gone('eci-1'), gone('eci-2')], {
      onList: () => {
        throw anEciError({ kind, code: 'X' });
      },
    });

    await proveCanary(context);

    expect(context.brake.pulled).toEqual({ code, reason: expect.stringMatching(says) });
    expect(ends().slice(0, 3)).toEqual(['eci-1 a: open', 'eci-1 b: open', 'eci-2 a: open']);
    // Credentials that are refused are not tried again.
    expect(course).toHaveLength(kind === 'fatal' ? 1 : 8);
  });

  it('accuses only of what was read', async () => {
    const removals = [aRemoval('eci-1', { a: '1' }), aRemoval('eci-1', { a: '1' }, { type: 'DataCache' })];
    const bench = anApplyBench(removals);
    for (const { type } of removals) bench.context.book.noteSent(aBatch(['eci-1'], ['a'], { type }));
    for (const slot of [0, 1]) bench.context.book.noteAnswered(slot);
    const eci = {
      ...bench.eci,
      listResources: (query: Parameters<typeof bench.eci.listResources>[0]) =>
        query.type === 'DataCache'
          ? Promise.reject(anEciError({ code: 'X' }))
          : bench.eci.listResources(query),
    };

    await proveCanary({ ...bench.context, read: createReader(eci, 1) });

    expect(bench.ends()).toEqual(['eci-1 a: failed', 'eci-1 a: open']);
    expect(bench.context.brake.pulled?.reason).toContain('1 tag on 1 resource');
  });

  it('has nothing to stop for when the last reading shows all gone', async () => {
    const bench = answered([gone('eci-1', { a: '1', b: '2' }), gone('eci-2')], {
      onList: (number) => {
        if (number === 7) bench.eci.put(gone('eci-1'));
      },
    });

    await proveCanary(bench.context);

    expect(bench.context.brake.pulled).toBeUndefined();
    expect(bench.ends().slice(0, 3)).toEqual(['eci-1 a: removed', 'eci-1 b: removed', 'eci-2 a: removed']);
  });
});
