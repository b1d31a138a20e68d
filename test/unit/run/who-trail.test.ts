import { describe, expect, it } from 'vitest';
import type { CallTrail, TrailEvent } from '../../../lib/ports.ts';
import type { Taken } from '../../../lib/run/who.ts';
import { joinTrail } from '../../../lib/run/who-trail.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const AT = Date.parse('2026-11-24T12:00:00Z');
const MINUTE = 60_000;

function aTag(n: number, part: Partial<Taken> = {}): Taken {
  return {
    region: 'cn-hangzhou',
    type: 'ContainerGroup',
    id: 'eci-1',
    key: `k-${n}`,
    outcome: 'removed',
    at: new Date(AT).toISOString(),
    runId: 'r',
    attemptId: 'a',
    requestId: `request-${n}`,
    policy: { name: 'p', digest: 'd' },
    startedBy: { trigger: 'timer nightly', actor: 'acs:ram::1:assumed-role/tagsweep/one' },
    ...part,
  };
}

function anEvent(n: number, caller: Partial<TrailEvent['caller']> = {}): TrailEvent {
  return {
    requestId: `request-${n}`,
    eventId: `event-${n}`,
    at: '2026-11-24T12:00:00Z',
    caller: { type: 'assumed-role', name: 'tagsweep:one', accountId: '1', accessKeyId: 'STS.k', ...caller },
    sourceIp: '10.0.0.1',
    userAgent: 'tagsweep',
  };
}

/** A trail that gives these pages whatever it is asked, and keeps what it was asked. */
function aTrail(...pages: readonly (readonly TrailEvent[])[]) {
  const asked: Parameters<CallTrail['lookUp']>[0][] = [];
  let given = 0;
  const trail: CallTrail = {
    async *lookUp(query) {
      asked.push(query);
      for (const page of pages) {
        given += 1;
        yield page;
      }
    },
  };
  return { trail, asked, pages: () => given };
}

const clock = () => virtualClock(AT + 60 * MINUTE);

describe('joinTrail', () => {
  it('asks once for requests that lie close together, and stops at the page that has the last of them', async () => {
    const { trail, asked, pages } = aTrail([anEvent(9)], [anEvent(2), anEvent(1)], [anEvent(8)]);
    const taken = [aTag(1), aTag(2, { at: new Date(AT + 5 * MINUTE).toISOString() })];

    const answer = await joinTrail({ taken, warnings: [] }, trail, clock());

    expect(asked).toEqual([
      {
        region: 'cn-hangzhou',
        eventName: 'UntagResources',
        fromMs: AT - 15 * MINUTE,
        toMs: AT + 10 * MINUTE,
      },
    ]);
    expect(pages()).toBe(2);
    expect(answer.taken.map(({ trail: event }) => event?.eventId)).toEqual(['event-1', 'event-2']);
    expect(answer.warnings).toEqual([]);
  });

  it('asks each region, and each stretch of time, by itself', async () => {
    const { trail, asked } = aTrail([anEvent(1), anEvent(2), anEvent(3)]);
    const earlier = new Date(AT - 600 * MINUTE).toISOString();
    const taken = [aTag(1), aTag(2, { region: 'cn-beijing' }), aTag(3, { at: earlier })];

    await joinTrail({ taken, warnings: [] }, trail, clock());

    expect(asked.map(({ region, fromMs }) => [region, fromMs])).toEqual([
      ['cn-hangzhou', AT - 615 * MINUTE],
      ['cn-hangzhou', AT - 15 * MINUTE],
      ['cn-beijing', AT - 15 * MINUTE],
    ]);
  });

  it.each([
    ['another role', anEvent(1, { name: 'intruder:one' })],
    ['a user', anEvent(1, { type: 'ram-user', name: 'tagsweep' })],
  ])('says when the trail names %s than the records do', async (_, event) => {
    const { warnings } = await joinTrail({ taken: [aTag(1)], warnings: [] }, aTrail([event]).trail, clock());

    expect(warnings).toEqual([expect.stringContaining('made request request-1, and ActionTrail says that')]);
  });

  it('takes another session of one role for the same', async () => {
    const { trail } = aTrail([anEvent(1, { name: 'tagsweep:two' })]);

    const { warnings } = await joinTrail({ taken: [aTag(1)], warnings: [] }, trail, clock());

    expect(warnings).toEqual([]);
  });

  it('asks for nothing that lies further back than the trail, and says so', async () => {
    const { trail, asked } = aTrail([]);
    const taken = [aTag(1, { at: '2026-08-01T00:00:00Z' })];

    const { warnings } = await joinTrail({ taken, warnings: [] }, trail, clock());

    expect(asked).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('90 days')]);
  });

  it('keeps what it found when the trail breaks off', async () => {
    const trail: CallTrail = {
      async *lookUp() {
        yield [anEvent(1)];
        throw new Error('Throttling.User');
      },
    };

    const { taken, warnings } = await joinTrail(
      { taken: [aTag(1), aTag(2)], warnings: ['before'] },
      trail,
      clock(),
    );

    expect(taken.map(({ trail: event }) => event?.eventId)).toEqual(['event-1', undefined]);
    expect(warnings).toEqual(['before', expect.stringContaining('Throttling.User')]);
  });
});
