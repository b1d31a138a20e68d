/** What a run takes with and without a profile of the account, under services that differ: `npm run bench:profile`. */
import type { Behavior } from '../emulator/behavior.ts';
import { DEFAULT_IDENTITY } from '../emulator/identities.ts';
import { startEmulator } from '../emulator/server.ts';
import { createSystemClock, systemChance } from '../lib/cloud/clock.ts';
import { createEciClient } from '../lib/cloud/eci/client.ts';
import { eciEndpoints } from '../lib/cloud/eci/endpoints.ts';
import { createProbeClient } from '../lib/cloud/eci/probe-client.ts';
import { examine, examineChanges } from '../lib/doctor/doctor.ts';
import type { Profile } from '../lib/doctor/profile.ts';
import type { DoctorNote } from '../lib/doctor/writing/note.ts';
import { parsePolicyDocument } from '../lib/policy/parse.ts';
import type { AuditLog } from '../lib/ports.ts';
import type { Report } from '../lib/report/report.ts';
import { runCleanup } from '../lib/run/cleanup.ts';

const REGION = 'cn-hangzhou';
const RESOURCES = 2000;

const SERVICES: readonly { readonly name: string; readonly behavior: Partial<Behavior> }[] = [
  { name: 'as the reference assumes', behavior: {} },
  { name: 'lists no rows without ids', behavior: { tagRowsNeedIds: true } },
  { name: 'refuses keys that a resource lacks', behavior: { absentKey: 'refuse' } },
  { name: 'takes 20 ids a call', behavior: { idsPerTagCall: 20 } },
  { name: 'refuses Limit, leaves out Tags', behavior: { limitNeedsIds: true, noTags: 'absent' } },
  { name: 'names some groups by status', behavior: { statusList: 'some' } },
  { name: 'filters find nothing', behavior: { filters: 'nothing' } },
  { name: 'passes over ids that are gone', behavior: { unknownId: 'ignore' } },
  { name: 'shows changes after 3 s', behavior: { visibilityDelayMs: 3000 } },
];

/** One in fifty has tags, of two kinds. */
const FLEET = Array.from({ length: RESOURCES }, (_, n) => ({
  id: `eci-${String(n).padStart(5, '0')}`,
  type: 'ContainerGroup' as const,
  region: REGION,
  tags: n % 50 === 0 ? (n % 100 === 0 ? { 'ci-run': `${n}`, team: 'a' } : { 'ci-job': 'x' }) : {},
}));

const POLICY = parsePolicyDocument(
  {
    version: 1,
    name: 'bench',
    scope: { regions: [REGION], resourceTypes: ['ContainerGroup'] },
    remove: [{ key: 'ci-*' }],
    limits: { maxPercent: 100, requireUndo: false },
  },
  'bench',
);

const NOWHERE: AuditLog = { place: { file: 'memory' }, write: async () => undefined, read: async () => [] };

async function learn(behavior: Partial<Behavior>): Promise<Profile> {
  const emulator = await startEmulator({
    fleet: FLEET.slice(0, 60),
    behavior: { groupRunMs: 2000, ...behavior },
  });
  const api = createProbeClient({
    ...eciEndpoints('public', new URL(emulator.url)),
    credentials: async () => DEFAULT_IDENTITY,
  });
  const kept = new Map<string, DoctorNote>();
  const notes = {
    keep: (note: DoctorNote) => void kept.set(note.run, note),
    forget: ({ run }: DoctorNote) => void kept.delete(run),
    all: () => [...kept.values()],
  };
  const ports = { api, clock: createSystemClock() };
  const make = { make: { vSwitchId: 'vsw-1', securityGroupId: 'sg-1' } };
  const { profile } = await examine(
    ports,
    { regions: [REGION], types: ['ContainerGroup'], buckets: [] },
    (lab) => examineChanges(lab, make, { run: 'bench', notes, ...ports }),
  );
  await emulator.close();
  return profile;
}

async function apply(behavior: Partial<Behavior>, profile?: Profile): Promise<Report> {
  const emulator = await startEmulator({ fleet: FLEET, behavior });
  const eci = createEciClient({
    ...eciEndpoints('public', new URL(emulator.url)),
    credentials: async () => DEFAULT_IDENTITY,
  });
  const ports = { eci, audit: NOWHERE, clock: createSystemClock(), chance: systemChance };
  const request = {
    policy: POLICY,
    mode: 'apply' as const,
    narrowing: {},
    trigger: { type: 'cli' as const, name: 'bench' },
    runId: 'bench',
  };
  const report = await runCleanup(request, { ...ports, ...(profile && { profile }) }, { identity: {} });
  await emulator.close();
  return report;
}

const told = ({ outcome, tags, calls, durationMs }: Report) =>
  `${calls.list} / ${calls.untag} | ${(durationMs / 1000).toFixed(1)} | ${tags.removed} of ${tags.planned}, ${outcome}`;

console.log(
  '| service | without: list / untag calls | s | removed | with: list / untag calls | s | removed |',
);
console.log('|---|---|---|---|---|---|---|');
for (const { name, behavior } of SERVICES) {
  const profile = await learn(behavior);
  const without = await apply(behavior);
  const withIt = await apply(behavior, profile);
  console.log(`| ${name} | ${told(without)} | ${told(withIt)} |`);
}
