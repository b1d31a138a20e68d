import type { Behavior } from '../../emulator/behavior.ts';
import { DEFAULT_IDENTITY, type Identity } from '../../emulator/identities.ts';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import type { Clock } from '../../lib/clock.ts';
import { createProbeClient } from '../../lib/cloud/eci/probe-client.ts';
import { type Diagnosis, type DoctorPorts, examine, examineChanges } from '../../lib/doctor/doctor.ts';
import type { ItemName } from '../../lib/doctor/items.ts';
import type { DoctorNote, DoctorNotes } from '../../lib/doctor/writing/note.ts';
import { RESOURCE_TYPES } from '../../lib/resource.ts';

export const REGION = 'cn-hangzhou';

/** A clock that runs fifty times as fast: pauses of the doctor pass quickly, and in order. */
export const fastClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms / 50);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
};

/** Groups, two in three with tags, one of these empty; and a few data caches. */
export async function startService(
  behavior: Partial<Behavior> = {},
  { groups = 15, identities }: { readonly groups?: number; readonly identities?: readonly Identity[] } = {},
): Promise<Emulator> {
  const emulator = await startEmulator({
    behavior: { groupPendingMs: 60, groupRunMs: 500, ...behavior },
    ...(identities && { identities }),
  });
  for (let n = 0; n < groups; n++) {
    emulator.state.addResource({
      id: `eci-${n}`,
      type: 'ContainerGroup',
      region: REGION,
      tags: n % 3 === 0 ? {} : { env: n % 2 === 0 ? 'dev' : 'prod', team: 'a', empty: '' },
    });
  }
  return emulator;
}

export function portsOf(emulator: Pick<Emulator, 'url'>, identity: Identity = DEFAULT_IDENTITY): DoctorPorts {
  const api = createProbeClient({
    endpointFor: () => new URL(emulator.url).host,
    protocol: 'http',
    credentials: async () => identity,
    timeoutMs: 2000,
  });
  return { api, clock: fastClock };
}

/** Notes in memory. */
export function createNotes(): DoctorNotes {
  const notes = new Map<string, DoctorNote>();
  return {
    keep: (note) => void notes.set(note.run, note),
    forget: ({ run }) => void notes.delete(run),
    all: () => [...notes.values()],
  };
}

/** What the doctor says of a service; with `write`, changes are tried on a group that it makes. */
export async function diagnose(
  emulator: Emulator,
  options: { readonly write?: true; readonly buckets?: readonly string[]; readonly identity?: Identity } = {},
): Promise<Diagnosis & { readonly learned: Readonly<Partial<Record<ItemName, string | number>>> }> {
  const ports = portsOf(emulator, options.identity);
  const notes = createNotes();
  const change = { make: { vSwitchId: 'vsw-1', securityGroupId: 'sg-1' } };
  const diagnosis = await examine(
    ports,
    { regions: [REGION], types: RESOURCE_TYPES, buckets: options.buckets ?? [] },
    options.write && ((lab) => examineChanges(lab, change, { run: 'test', notes, ...ports })),
  );
  const items = Object.entries(diagnosis.profile.regions[REGION] ?? {});
  return { ...diagnosis, learned: Object.fromEntries(items.map(([name, { value }]) => [name, value])) };
}
