import { CleanupError } from '../../errors.ts';
import type { Lab } from '../lab.ts';
import { type RawItem, readPage } from '../raw.ts';
import { OWN_NAME } from '../write-guard.ts';
import { KEYS } from './keys.ts';
import type { DoctorNote, DoctorNotes } from './note.ts';

/** What the user gives for a group to be made: never anything that ECI would make by itself. */
export interface GroupSpec {
  readonly vSwitchId: string;
  readonly securityGroupId: string;
  /** Left out: the busybox image that ECI keeps in each region. */
  readonly image?: string;
}

/** The smallest group there is. */
const CPU = 0.25;
const MEMORY_GIB = 0.5;
/** It ends by itself, whatever becomes of us. */
const ACTIVE_DEADLINE_SECONDS = 600;
/** How long its container sleeps: long enough for the probes, short enough to see it end. */
const SLEEP_SECONDS = 60;

/** Pauses while something is waited for that the service does in its own time. */
const PATIENCE_MS = [250, 500, 1000, 2000, 4000, 8000, 15_000, 30_000, 30_000] as const;

/** What the group costs an hour, as text with its currency; undefined where the price cannot be asked for. */
export async function readPrice(lab: Lab): Promise<string | undefined> {
  const asked = await lab.ask({
    action: 'DescribeContainerGroupPrice',
    parameters: { Cpu: CPU, Memory: MEMORY_GIB },
  });
  if (!asked.ok) return undefined;
  const { PriceInfo } = asked.body as {
    PriceInfo?: { Price?: { TradePrice?: unknown; Currency?: unknown } };
  };
  const perSecond = Number(PriceInfo?.Price?.TradePrice);
  if (!Number.isFinite(perSecond)) return undefined;
  const currency = typeof PriceInfo?.Price?.Currency === 'string' ? PriceInfo.Price.Currency : 'CNY';
  return `${(perSecond * 3600).toFixed(4)} ${currency} an hour, ${ACTIVE_DEADLINE_SECONDS / 60} minutes at the most`;
}

/**
 * Makes the group, noted before and after; resolves with its id.
 *
 * @throws {CleanupError} code `ECI` when the service refuses.
 */
export async function makeGroup(lab: Lab, run: string, spec: GroupSpec, notes: DoctorNotes): Promise<string> {
  const name = `${OWN_NAME}${run}`;
  const note: DoctorNote = { run, region: lab.region, name };
  notes.keep(note);
  const asked = await lab.ask({
    action: 'CreateContainerGroup',
    parameters: {
      ContainerGroupName: name,
      Cpu: CPU,
      Memory: MEMORY_GIB,
      RestartPolicy: 'Never',
      ActiveDeadlineSeconds: ACTIVE_DEADLINE_SECONDS,
      VSwitchId: spec.vSwitchId,
      SecurityGroupId: spec.securityGroupId,
      AutoCreateEip: false,
      ClientToken: name.slice(0, 64),
      Container: [
        {
          Name: 'sleep',
          Image: spec.image ?? `registry-vpc.${lab.region}.aliyuncs.com/eci_open/busybox:1.30`,
          Command: ['sleep', String(SLEEP_SECONDS)],
        },
      ],
      Tag: [KEYS.pending, KEYS.end, KEYS.stays].map((Key) => ({ Key, Value: 'doctor' })),
    },
  });
  if (!asked.ok) {
    // Whatever it says, it may have been made: the note stays until the name is found nowhere.
    throw new CleanupError('ECI', asked.error.message, { cause: asked.error });
  }
  const id = asked.body.ContainerGroupId;
  if (typeof id !== 'string' || id === '')
    throw new CleanupError('ECI', 'CreateContainerGroup answered without an id.');
  lab.made.add(id);
  notes.keep({ ...note, id });
  return id;
}

/**
 * Takes away what a note tells of, and looks until it is gone: a group by its id and by its name, or the
 * doctor's own tags of a resource that the user named. The note goes last.
 *
 * @returns whether nothing is left; else the note stays.
 */
export async function cleanUp(lab: Lab, note: DoctorNote, notes: DoctorNotes): Promise<boolean> {
  const isGone =
    note.name === undefined ? await removeOwnTags(lab, note) : await removeGroups(lab, note, note.name);
  if (isGone) notes.forget(note);
  else {
    lab.say({
      check: 'clean-up',
      status: 'failed',
      text: `${note.id ?? note.name} is not seen to be gone yet`,
      todo: 'Run tagsweep doctor --cleanup again, or delete it in the console; a group that the doctor made ends by itself.',
    });
  }
  return isGone;
}

async function removeGroups(lab: Lab, note: DoctorNote, name: string): Promise<boolean> {
  if (note.id !== undefined) lab.made.add(note.id);
  let emptyLooks = 0;
  for (const pauseMs of PATIENCE_MS) {
    const left = await findGroups(lab, note, name);
    if (left?.length === 0) {
      // A group whose creation was not answered may show only later.
      emptyLooks += 1;
      if (note.id !== undefined || emptyLooks > 3) return true;
    }
    for (const id of left ?? []) {
      lab.made.add(id);
      await lab.ask({ action: 'DeleteContainerGroup', parameters: { ContainerGroupId: id } });
    }
    await lab.clock.sleep(pauseMs);
  }
  return false;
}

/** Groups of exactly this name, and the one of the note; undefined where it cannot be told. */
async function findGroups(lab: Lab, note: DoctorNote, name: string): Promise<readonly string[] | undefined> {
  const action = 'DescribeContainerGroups';
  const byName = await lab.ask({ action, parameters: { ContainerGroupName: name } });
  if (!byName.ok) return undefined;
  const ids = readPage('ContainerGroup', byName.body)
    .items.filter(({ raw }) => raw.ContainerGroupName === name)
    .map(({ id }) => id);
  if (note.id === undefined || ids.includes(note.id)) return ids;
  const own = await readOne(lab, note.id);
  if (own === 'unknown') return undefined;
  return own === undefined ? ids : [...ids, note.id];
}

async function removeOwnTags(lab: Lab, note: DoctorNote): Promise<boolean> {
  const { id } = note;
  if (id === undefined) return true;
  lab.lent.add(id);
  for (const pauseMs of PATIENCE_MS) {
    const item = await readOne(lab, id);
    if (item === undefined) return true;
    if (item !== 'unknown') {
      const keys = ownKeys(item);
      if (keys.length === 0) return true;
      await lab.ask({
        action: 'UntagResources',
        parameters: { ResourceType: 'ContainerGroup', ResourceId: [id], TagKey: keys },
      });
    }
    await lab.clock.sleep(pauseMs);
  }
  return false;
}

/** The doctor's keys on a resource. */
export function ownKeys(item: RawItem): readonly string[] {
  return item.tags.map(({ key }) => key).filter((key) => key.toLowerCase().startsWith(OWN_NAME));
}

/** A group by its id; undefined where there is none, `unknown` where it cannot be told. */
export async function readOne(lab: Lab, id: string): Promise<RawItem | undefined | 'unknown'> {
  const asked = await lab.ask({
    action: 'DescribeContainerGroups',
    parameters: { ContainerGroupIds: JSON.stringify([id]) },
  });
  if (!asked.ok) return asked.error.kind === 'gone' ? undefined : 'unknown';
  return readPage('ContainerGroup', asked.body).items.find((item) => item.id === id);
}

/**
 * Looks at a group until it is as wanted.
 *
 * @returns how long that took, milliseconds; undefined where patience ended first.
 */
export async function waitUntil(
  lab: Lab,
  id: string,
  isSo: (item: RawItem) => boolean,
): Promise<number | undefined> {
  const startedAtMs = lab.clock.now();
  for (const pauseMs of PATIENCE_MS) {
    const item = await readOne(lab, id);
    if (item !== undefined && item !== 'unknown' && isSo(item)) return lab.clock.now() - startedAtMs;
    await lab.clock.sleep(pauseMs);
  }
  return undefined;
}
