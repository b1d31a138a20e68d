import type { Authority } from '../../lib/cloud/config.ts';
import { CleanupError } from '../../lib/errors.ts';
import type { Mode, Policy } from '../../lib/policy/policy.ts';
import type { CleanupRequest } from '../../lib/run/request.ts';

/** What an event asks for, once it is known which policy it means. */
export interface Ask {
  readonly policy: Pick<Policy, 'name' | 'mode' | 'journal'>;
  /** The mode that it names; left out: the policy's own. */
  readonly mode?: Mode | undefined;
  /** The digest of a plan that somebody reviewed. */
  readonly planDigest?: string | undefined;
  /** A timer's payload stands for every night to come, so that no review can stand behind it. */
  readonly isTimer: boolean;
}

/**
 * The mode in which an event's run goes, or why it may not go at all. No event carries rights: it may lower its
 * policy's mode, and raise it only as the settings say.
 *
 * @throws {CleanupError} code `NOT_ALLOWED`; the message says which setting would allow it.
 */
export function grantMode(ask: Ask, authority: Authority): Mode {
  const { policy, planDigest } = ask;
  const mode = ask.mode ?? policy.mode;
  if (mode === 'dry-run') return mode;
  if (policy.mode === 'dry-run') refuseRaise(ask, authority);
  if (authority.requireDigest && planDigest === undefined) {
    throw notAllowed(
      `an apply needs the planDigest of a reviewed plan here (TAGSWEEP_REQUIRE_DIGEST is on). Make a dry run of policy ${policy.name}, review it, and send its planDigest along`,
    );
  }
  if (policy.journal === 'keys' && !authority.allowUnjournaled) {
    throw notAllowed(
      `policy ${policy.name} keeps no values in its journal (journal: keys), so that nothing could be undone. Set journal: values in the policy, or TAGSWEEP_ALLOW_UNJOURNALED=on`,
    );
  }
  return mode;
}

/** The mode of a run; or why it may not go, which is written down as what it came to. */
export function granted(ask: Ask, authority: Authority): Pick<CleanupRequest, 'mode' | 'refusal'> {
  try {
    return { mode: grantMode(ask, authority) };
  } catch (refusal) {
    return { mode: 'apply', refusal: refusal as CleanupError };
  }
}

function refuseRaise({ policy, planDigest, isTimer }: Ask, { raiseMode }: Authority): void {
  const asked = `policy ${policy.name} is a dry run, and`;
  if (isTimer) {
    throw notAllowed(
      `${asked} a timer cannot raise it to apply. Set mode: apply in the policy once its dry runs are as they should be`,
    );
  }
  if (raiseMode === 'on' || (raiseMode === 'digest' && planDigest !== undefined)) return;
  const instead =
    raiseMode === 'off'
      ? 'no request can raise it (TAGSWEEP_RAISE_MODE is off). Set mode: apply in the policy'
      : 'a request raises it to apply only with the planDigest of a reviewed plan. Make a dry run, review it, and send its planDigest along, or set mode: apply in the policy';
  throw notAllowed(`${asked} ${instead}`);
}

/** An error that says that an event asks for more than the settings let it have. */
export function notAllowed(why: string): CleanupError {
  return new CleanupError('NOT_ALLOWED', `Nothing was done: ${why}.`);
}
