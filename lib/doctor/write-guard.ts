import { CleanupError } from '../errors.ts';
import type { ProbeCall } from './probe-api.ts';

/** Every tag that the doctor sets begins with this, whatever its case. */
export const OWN_KEY = 'tagsweep-doctor-';

/** How a group that the doctor made is named: this and the run. */
export const OWN_NAME = 'tagsweep-doctor-';

/**
 * Refuses every change that could touch what is not the doctor's: another resource, another's key, a
 * request without keys, which would mean all of them, or the switch that does.
 *
 * @throws {CleanupError} code `GATE_CLOSED`; nothing was sent.
 */
export function checkWrite(
  { action, parameters }: Omit<ProbeCall, 'region'>,
  { made, lent }: { readonly made: ReadonlySet<string>; readonly lent: ReadonlySet<string> },
): void {
  if (action === 'CreateContainerGroup') {
    if (!String(parameters.ContainerGroupName).startsWith(OWN_NAME))
      refuse('it would make what is not its own');
    for (const { Key } of listOf<{ Key?: unknown }>(parameters.Tag)) checkKey(Key);
    return;
  }
  if (Object.hasOwn(parameters, 'All')) refuse('it would send All');
  const ids =
    action === 'DeleteContainerGroup' ? [parameters.ContainerGroupId] : listOf(parameters.ResourceId);
  if (ids.length === 0) refuse('it names no resource');
  for (const id of ids) {
    const mayBe =
      typeof id === 'string' && (made.has(id) || (action !== 'DeleteContainerGroup' && lent.has(id)));
    if (!mayBe) refuse(`${String(id)} was neither made by it nor given to it`);
  }
  if (action === 'DeleteContainerGroup') return;
  const keys =
    action === 'UntagResources'
      ? listOf(parameters.TagKey)
      : listOf<{ Key?: unknown }>(parameters.Tag).map(({ Key }) => Key);
  if (keys.length === 0) refuse('it names no key');
  for (const key of keys) checkKey(key);
}

function checkKey(key: unknown): void {
  if (typeof key !== 'string' || !key.toLowerCase().startsWith(OWN_KEY))
    refuse(`the key ${String(key)} is not its own`);
}

function listOf<T = unknown>(value: unknown): readonly T[] {
  return Array.isArray(value) ? value : [];
}

function refuse(why: string): never {
  throw new CleanupError(
    'GATE_CLOSED',
    `A probe was not sent: ${why}. This is a defect; nothing was changed.`,
  );
}
