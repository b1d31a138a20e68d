import { counted } from '../text.ts';
import { APPEARS_WITHIN_MS } from './await-listed.ts';
import { firstChain, notHandedOver, payloadOf, submitContinuation } from './continuation.ts';
import type { Observed } from './observe.ts';
import type { CleanupRequest } from './request.ts';
import type { Findings, Session } from './session.ts';

/** As many ids as fit well into what the platform takes for one asynchronous invocation. */
const MOST_LATER = 300;

/**
 * Whether what cannot be read yet is left to an invocation that starts later, so that nothing waits for it here: a
 * thousand events of resources that never appear must not hold a thousand instances.
 */
function mayLookLater({ ports }: Session, { created = [], chain, mode }: CleanupRequest): boolean {
  return (
    ports.invoker !== undefined && mode === 'apply' && chain === undefined && created.length <= MOST_LATER
  );
}

/** Whether a run has to wait for what it cannot read yet: nobody looks later, and it is not a later look itself. */
export function mustWait(session: Session, request: CleanupRequest): boolean {
  return request.mode === 'apply' && request.chain === undefined && !mayLookLater(session, request);
}

/** What becomes of the resources of an event that could not be read: another look later, or they are told as vanished. */
export async function withMissing(
  session: Session,
  request: CleanupRequest,
  { missing, mayAppear, inventory }: Observed,
  findings: Findings,
): Promise<Findings> {
  if (missing.length === 0 || !inventory.complete || findings.stop !== undefined) return findings;
  if (mayLookLater(session, request)) return { ...findings, ...(await lookLater(session, request, missing)) };
  if (mayAppear && request.mode === 'apply' && request.chain === undefined) {
    const reason = `Time ended before ${missing.length} of the created resources could be read.`;
    return { ...findings, stop: { kind: 'cut', code: 'TIME', reason } };
  }
  const names = missing.slice(0, 5).map(({ region, type, id }) => `${region}/${type}/${id}`);
  session.warnings.push(
    request.mode === 'dry-run'
      ? `Not readable yet, and a dry run does not wait: ${names.join(', ')}${missing.length > 5 ? ', …' : ''}.`
      : `Vanished: ${counted(missing.length, 'created resource')} did not appear within ${APPEARS_WITHIN_MS / 1000} seconds, and ${missing.length === 1 ? 'is' : 'are'} taken to be gone again: ${names.join(', ')}${missing.length > 5 ? ', …' : ''}.`,
  );
  return findings;
}

async function lookLater(
  session: Session,
  request: CleanupRequest,
  missing: Observed['missing'],
): Promise<Pick<Findings, 'continuation' | 'stop'>> {
  const { maxResources, maxTags, maxFailures } = request.policy.limits;
  const chain = {
    ...firstChain(request, session),
    hop: 1,
    allowance: { resources: maxResources, tags: maxTags, failures: maxFailures },
  };
  const payload = { ...payloadOf(request, chain, undefined, undefined), created: [...missing] };
  try {
    return { continuation: await submitContinuation(session, payload, APPEARS_WITHIN_MS / 1000) };
  } catch (error) {
    return { stop: notHandedOver(error) };
  }
}
