import type { Clock } from '../clock.ts';
import { CleanupError } from '../errors.ts';
import type { Region, ResourceType } from '../resource.ts';
import type { Finding } from './finding.ts';
import { createLab, type Lab, type Learned } from './lab.ts';
import type { ProbeApi } from './probe-api.ts';
import { type Profile, toProfile } from './profile.ts';
import { examineRegion } from './reading/region.ts';
import { cleanUp, type GroupSpec, makeGroup } from './writing/group.ts';
import type { DoctorNote, DoctorNotes } from './writing/note.ts';
import { probeChanges } from './writing/probes.ts';

/** What the doctor needs of the world. */
export interface DoctorPorts {
  readonly api: ProbeApi;
  readonly clock: Clock;
}

export interface DoctorOptions {
  readonly regions: readonly Region[];
  readonly types: readonly ResourceType[];
  readonly buckets: readonly string[];
  readonly account?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onCall?: (region: Region, action: string) => void;
}

/** What the doctor found out. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  readonly profile: Profile;
  readonly calls: Readonly<Record<Region, number>>;
}

/**
 * Looks at every region by reading alone, side by side.
 *
 * @param more - further looks, such as probes that change tags, made in the lab of their region afterwards.
 */
export async function examine(
  { api, clock }: DoctorPorts,
  options: DoctorOptions,
  more?: (lab: Lab) => Promise<void>,
): Promise<Diagnosis> {
  const { regions, types, buckets, signal, onCall } = options;
  const labs = regions.map((region) =>
    createLab({ api, clock, region, signal, onCall: (action) => onCall?.(region, action) }),
  );
  await Promise.all(
    labs.map(async (lab) => {
      await examineRegion(lab, { types, buckets });
      await more?.(lab);
    }),
  );
  return toDiagnosis(labs, options, clock.now());
}

function toDiagnosis(labs: readonly Lab[], { account }: DoctorOptions, atMs: number): Diagnosis {
  const learned = new Map<Region, readonly Learned[]>(labs.map((lab) => [lab.region, lab.learned]));
  return {
    findings: labs.flatMap((lab) => lab.findings),
    profile: toProfile(learned, { account, atMs }),
    calls: Object.fromEntries(labs.map((lab) => [lab.region, lab.calls])),
  };
}

/** What changes are tried on: a group to be made, or one that the user names. */
export type Subject = { readonly make: GroupSpec } | { readonly resourceId: string };

/**
 * Tries what only changes of tags can tell, on one resource, and takes away whatever was made for it,
 * whatever happens: an error, an interruption, a refusal.
 */
export async function examineChanges(
  lab: Lab,
  subject: Subject,
  { run, notes, api, clock }: { readonly run: string; readonly notes: DoctorNotes } & DoctorPorts,
): Promise<void> {
  let note: DoctorNote = { run, region: lab.region };
  try {
    if ('make' in subject) {
      note = { ...note, name: `tagsweep-doctor-${run}` };
      const id = await makeGroup(lab, run, subject.make, notes);
      note = { ...note, id };
      await probeChanges(lab, id, run, true);
    } else {
      note = { ...note, id: subject.resourceId };
      notes.keep(note);
      lab.lent.add(subject.resourceId);
      await probeChanges(lab, subject.resourceId, run, false);
    }
  } catch (error) {
    if (!(error instanceof CleanupError) || error.code !== 'ECI') throw error;
    lab.say({
      check: 'changes',
      status: 'failed',
      text: error.message,
      todo: 'What it needs is printed by tagsweep ram --for doctor-write; or lend it a group with --resource ID.',
    });
  } finally {
    // A lab of its own, which no interruption ends.
    const ward = createLab({ api, clock, region: lab.region });
    await cleanUp(ward, note, notes);
    for (const finding of ward.findings) lab.say(finding);
  }
}

/** Takes away what earlier doctors left behind; tells of each note whether it is gone. */
export async function cleanUpAll(
  { api, clock }: DoctorPorts,
  notes: DoctorNotes,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const note of notes.all()) {
    const lab = createLab({ api, clock, region: note.region });
    if (await cleanUp(lab, note, notes)) {
      const text = `${note.id ?? note.name} of an earlier run is gone`;
      findings.push({ check: 'clean-up', region: note.region, status: 'passed', text });
    }
    findings.push(...lab.findings);
  }
  return findings;
}
