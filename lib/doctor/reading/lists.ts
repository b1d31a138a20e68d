import type { ResourceType } from '../../resource.ts';
import { counted } from '../../text.ts';
import type { Asked, Lab } from '../lab.ts';
import { listAction, type RawPage, readPage, readRows } from '../raw.ts';

/** The first page of each type that could be listed. */
export type FirstPages = ReadonlyMap<ResourceType, { readonly page: RawPage; readonly asked: Asked }>;

const CLOCK_TOLERANCE_MS = 60_000;
const CLOCK_LIMIT_MS = 15 * 60_000;

/**
 * Lists each type once, without Limit, as a run does: says of each whether this identity may, tells a list
 * that is denied from one that is empty, and compares the clocks by the way.
 */
export async function readFirstPages(lab: Lab, types: readonly ResourceType[]): Promise<FirstPages> {
  const pages = new Map<ResourceType, { page: RawPage; asked: Asked }>();
  for (const type of types) {
    const action = listAction(type);
    const sentAtMs = lab.clock.now();
    const asked = await lab.ask({ action, parameters: {} });
    if (!asked.ok) {
      lab.say({
        check: 'lists',
        status: 'failed',
        text: `${type}: ${asked.error.message}`,
        todo: `Allow it eci:${action} (tagsweep ram --for doctor), or leave ${type} or this region out of the scope.`,
        requestId: asked.requestId,
      });
      continue;
    }
    if (pages.size === 0) compareClocks(lab, asked.serverAtMs, sentAtMs);
    const page = readPage(type, asked.body);
    pages.set(type, { page, asked });
    if (page.items.length > 0) {
      const many = page.nextToken === undefined ? '' : ' on the first page';
      lab.say({
        check: 'lists',
        status: 'passed',
        text: `${type}: ${counted(page.items.length, 'resource')}${many}`,
        requestId: asked.requestId,
      });
    } else {
      await judgeEmpty(lab, type, asked);
    }
  }
  return pages;
}

/** ECI answers a list without permission with an empty one: another operation is the witness. */
async function judgeEmpty(lab: Lab, type: ResourceType, listed: Asked): Promise<void> {
  const asked = await lab.ask({ action: 'ListTagResources', parameters: { ResourceType: type } });
  const rows = asked.ok ? readRows(asked.body).rows : [];
  if (rows.length > 0) {
    lab.say({
      check: 'lists',
      status: 'failed',
      text: `${type}: the list is empty, but tags of ${rows[0]!.id} are known: the list looks denied`,
      todo: `Allow it eci:${listAction(type)} on this region (tagsweep ram --for doctor).`,
      requestId: listed.requestId,
    });
  } else if (
    !asked.ok &&
    asked.error.kind === 'rejected' &&
    /^(NoPermission|Forbidden)/.test(asked.error.apiCode)
  ) {
    lab.say({
      check: 'lists',
      status: 'failed',
      text: `${type}: the list is empty, and its witness ListTagResources is refused (${asked.error.apiCode}): nobody can tell an empty region from a denied one`,
      todo: 'Allow it eci:ListTagResources (tagsweep ram --for doctor).',
      requestId: asked.requestId,
    });
  } else if (!asked.ok) {
    lab.say({
      check: 'lists',
      status: 'warned',
      text: `${type}: the list is empty, and nothing could bear witness to it (${asked.error.apiCode})`,
      todo: 'Compare with the console: a list without permission is empty, too.',
      requestId: asked.requestId,
    });
  } else {
    lab.say({ check: 'lists', status: 'passed', text: `${type}: none here`, requestId: listed.requestId });
  }
}

function compareClocks(lab: Lab, serverAtMs: number | undefined, sentAtMs: number): void {
  if (serverAtMs === undefined) return;
  const receivedAtMs = lab.clock.now();
  // The service's clock lies somewhere between sending and receiving; its header has whole seconds.
  const skewMs = Math.max(0, sentAtMs - serverAtMs - 1000, serverAtMs - receivedAtMs);
  if (skewMs <= CLOCK_TOLERANCE_MS) {
    lab.say({
      check: 'clock',
      status: 'passed',
      text: `this machine and the service agree within ${Math.max(1, Math.ceil(skewMs / 1000))} s`,
    });
    return;
  }
  lab.say({
    check: 'clock',
    status: skewMs > CLOCK_LIMIT_MS ? 'failed' : 'warned',
    text: `this machine and the service differ by ${Math.round(skewMs / 1000)} s; at 900 s every call is refused`,
    todo: 'Set the clock of this machine (NTP).',
  });
}
