import { encodeJson } from '../text.ts';
import { makeRecord } from './make-record.ts';
import type { AuditRecord } from './record.ts';
import type { Signer } from './sign.ts';

/** That somebody approves a plan, or takes that back. */
export interface ApprovalFact {
  readonly digest: string;
  /** The ARN, as Security Token Service tells it. */
  readonly actor: string;
  readonly accountId: string;
  readonly atMs: number;
  /** Left out: it is taken back. */
  readonly untilMs?: number;
  /** Tells this approval from any other. */
  readonly id: string;
  readonly identity: Readonly<Record<string, string>>;
}

/** Writes an approval down; only what is signed is believed. */
export function makeApprovalRecord(fact: ApprovalFact, signer: Signer): AuditRecord {
  const { digest, actor, accountId, atMs, untilMs, id } = fact;
  const isGiven = untilMs !== undefined;
  const name = isGiven ? 'plan_approved' : 'approval_revoked';
  const until = isGiven ? new Date(untilMs).toISOString() : '';
  const record = makeRecord(
    { runId: id, attemptId: id, identity: fact.identity },
    { name, id: `${id}:${isGiven ? 'approve' : 'revoke'}`, atMs },
    {
      level: 'INFO',
      message: `Plan ${digest} ${isGiven ? `approved until ${until}` : 'not approved any more'} by ${encodeJson(actor)}`,
      plan_digest: digest,
      actor,
      account_id: accountId,
      until_time: until,
    },
  );
  return signer.sign(record);
}
