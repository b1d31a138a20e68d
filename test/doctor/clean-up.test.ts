import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../emulator/random.ts';
import type { Emulator } from '../../emulator/server.ts';
import { cleanUpAll, examine, examineChanges } from '../../lib/doctor/doctor.ts';
import type { ProbeApi } from '../../lib/doctor/probe-api.ts';
import { createNotes, portsOf, REGION, startService } from './bench.ts';

const MAKE = { make: { vSwitchId: 'vsw-1', securityGroupId: 'sg-1' } };

let emulator: Emulator;
afterEach(async () => {
  expect(emulator.failures).toEqual([]);
  await emulator.close();
});

/** An API that dies with the process: from a call on nothing is sent any more, or answered. */
function mortal(api: ProbeApi, lastCall: number, isAnswered: boolean): ProbeApi {
  let calls = 0;
  return {
    async ask(call) {
      calls += 1;
      if (calls > lastCall) throw new Killed();
      const answer = await api.ask(call);
      if (calls === lastCall && !isAnswered) throw new Killed();
      return answer;
    },
  };
}

class Killed extends Error {}

describe('cleanUpAll', () => {
  const random = seededRandom(7);
  const MOMENTS = Array.from({ length: 12 }, (_, n) => ({
    lastCall: n === 0 ? 1 : 1 + Math.floor(random() * 42),
    isAnswered: n % 3 !== 0,
  }));

  it.each(MOMENTS)(
    'finds what a kill after call $lastCall left behind (answered: $isAnswered)',
    async ({ lastCall, isAnswered }) => {
      emulator = await startService();
      const ports = portsOf(emulator);
      const notes = createNotes();
      const dying = { ...ports, api: mortal(ports.api, lastCall, isAnswered) };
      const dead = examine(dying, { regions: [REGION], types: [], buckets: [] }, (lab) =>
        examineChanges(lab, MAKE, { run: 'killed', notes, ...dying }),
      );
      await expect(dead).rejects.toThrow(Killed);
      const left = emulator.state.shelf(REGION, 'ContainerGroup').length - 15;
      expect(notes.all().length).toBe(1);

      const findings = await cleanUpAll(ports, notes);

      expect(findings.map(({ status }) => status)).toEqual(['passed']);
      expect(notes.all()).toEqual([]);
      expect(emulator.state.shelf(REGION, 'ContainerGroup')).toHaveLength(15);
      expect(left).toBe(1);
    },
  );

  it('takes its own tags from a group that was lent to it, and no others', async () => {
    emulator = await startService();
    const ref = { region: REGION, type: 'ContainerGroup', id: 'eci-1' } as const;
    const before = new Map(emulator.state.get(ref)?.tags);
    const ports = portsOf(emulator);
    const notes = createNotes();
    const dying = { ...ports, api: mortal(ports.api, 9, true) };
    const dead = examine(dying, { regions: [REGION], types: [], buckets: [] }, (lab) =>
      examineChanges(lab, { resourceId: 'eci-1' }, { run: 'killed', notes, ...dying }),
    );
    await expect(dead).rejects.toThrow(Killed);
    expect(emulator.state.get(ref)?.tags.size).toBeGreaterThan(before.size);

    await cleanUpAll(ports, notes);

    expect(new Map(emulator.state.get(ref)?.tags)).toEqual(before);
    expect(notes.all()).toEqual([]);
  });

  it('keeps the note, and says so, where nothing can be told', async () => {
    emulator = await startService();
    const notes = createNotes();
    notes.keep({ run: 'r', region: REGION, name: 'tagsweep-doctor-r' });
    emulator.faults.add({ api: 'DescribeContainerGroups', fault: { kind: 'error', code: 'NoPermission' } });

    const findings = await cleanUpAll(portsOf(emulator), notes);

    expect(findings).toMatchObject([{ status: 'failed', check: 'clean-up' }]);
    expect(notes.all()).toHaveLength(1);
  });
});
