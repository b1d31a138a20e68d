import type { Plan } from '../lib/plan/types.ts';
import type { Limits } from '../lib/policy/policy.ts';
import type { RunOptions } from '../lib/run/request.ts';
import { safeText } from '../lib/text.ts';
import { confirm, confirmByWord } from './ask.ts';
import type { Io } from './io.ts';
import { counted } from './numbers.ts';

/** As many regions are named one by one. */
const REGIONS_NAMED = 6;

/**
 * Asks a person whether a plan is to be applied: in whose account, as whom, where and how much. A plan of more tags
 * than `limits.confirmAbove` is agreed to by typing the policy's name.
 */
export function agreeToPlan(
  plan: Plan,
  { confirmAbove }: Pick<Limits, 'confirmAbove'>,
  { accountId, identity }: Pick<RunOptions, 'accountId' | 'identity'>,
  io: Io,
): Promise<boolean> {
  const tags = plan.removals.reduce((sum, removal) => sum + removal.tags.length, 0);
  const regions = [...new Set(plan.removals.map(({ region }) => region))];
  const where = regions.length > REGIONS_NAMED ? counted(regions.length, 'region') : regions.join(', ');
  const whose = accountId === undefined ? 'an account that is not known' : `account ${safeText(accountId)}`;
  const actor =
    identity.actor === undefined || identity.actor === '' ? '' : ` as ${safeText(identity.actor)}`;
  const place = `\nIn ${whose}${actor}, ${safeText(where)}:`;
  const what = `remove ${counted(tags, 'tag')} from ${counted(plan.removals.length, 'resource')}`;
  if (tags <= confirmAbove) return confirm(`${place}\n${capital(what)}?`, 'apply', io);
  const question = `${place}\n${capital(what)}: more than the ${counted(confirmAbove, 'tag')} of limits.confirmAbove. Type the policy's name (${safeText(plan.policy.name)}) to go on:`;
  return confirmByWord(question, plan.policy.name, 'apply', io);
}

/**
 * Asks whether to go on beside another run of the policy.
 *
 * @param what that it is under way, without the full stop.
 */
export function agreeToOverlap(what: string, io: Io): Promise<boolean> {
  const question = `\n${io.errPaint.yellow(safeText(what))}: it still goes on, or was killed. Two at once do no harm, but what both say they removed may overlap.\nGo on beside it?`;
  return confirm(question, 'apply', io);
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
