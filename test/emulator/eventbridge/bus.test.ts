import { describe, expect, it } from 'vitest';
import { actionTrailEvent, type CloudEvent, EventBus, type Rule } from '../../../emulator/eventbridge/bus.ts';
import { seededRandom } from '../../../emulator/random.ts';
import type { WriteEvent } from '../../../emulator/state.ts';
import { decodeEvent } from '../../../functions/cleanup/event.ts';

function aWrite(id: string, api = 'CreateContainerGroup'): WriteEvent {
  return {
    phase: 'after',
    api,
    region: 'cn-hangzhou',
    accountId: '123',
    accessKeyId: 'key',
    requestId: `request-${id}`,
    atMs: Date.parse('2026-11-24T01:15:02Z'),
    type: 'ContainerGroup',
    ids: [id],
    parameters: new Map([['RegionId', 'cn-hangzhou']]),
  };
}

async function deliverAll(ids: readonly string[], rule: Partial<Rule>): Promise<string[]> {
  const seen: string[] = [];
  const bus = new EventBus(
    [
      {
        pattern: { data: { eventName: ['CreateContainerGroup'] } },
        deliver: async (event: CloudEvent) => {
          seen.push(String(event.data.resourceName));
        },
        ...rule,
      },
    ],
    seededRandom(3),
  );
  for (const id of ids) bus.publish(actionTrailEvent(aWrite(id)));
  await bus.settled();
  return seen;
}

const ids = Array.from({ length: 50 }, (_, index) => `eci-${index}`);

describe('EventBus', () => {
  it('delivers what a rule matches, once and in order, when nothing goes wrong', async () => {
    await expect(deliverAll(ids, {})).resolves.toEqual(ids);
  });

  it('delivers nothing that no rule matches', async () => {
    await expect(deliverAll(ids, { pattern: { source: ['acs.ecs'] } })).resolves.toEqual([]);
  });

  it('delivers some twice and some late, and loses none', async () => {
    const seen = await deliverAll(ids, { duplicateRate: 0.2, reorderRate: 0.2 });

    expect(seen.length).toBeGreaterThan(ids.length);
    expect([...new Set(seen)].sort()).toEqual([...ids].sort());
    expect([...new Set(seen)]).not.toEqual(ids);
  });

  it('tries a failed delivery three times', async () => {
    let tries = 0;

    await deliverAll(['eci-1'], {
      deliver: async () => {
        tries += 1;
        throw new Error('busy');
      },
    });

    expect(tries).toBe(3);
  });
});

describe('actionTrailEvent', () => {
  it('is what the handler takes for a creation', () => {
    const start = decodeEvent(Buffer.from(JSON.stringify(actionTrailEvent(aWrite('eci-new')))));

    expect(start).toMatchObject({
      kind: 'creations',
      events: { created: [{ region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-new' }] },
    });
  });

  it('is ignored by the handler when it tells of an untag call', () => {
    const start = decodeEvent(
      Buffer.from(JSON.stringify(actionTrailEvent(aWrite('eci-new', 'UntagResources')))),
    );

    expect(start).toMatchObject({ kind: 'creations', events: { created: [] } });
  });
});
