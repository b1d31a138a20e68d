import type { Finding } from './finding.ts';

export interface IdentityCheckOptions {
  /** Who the credentials belong to, as the cloud says. */
  readonly identify: () => Promise<
    { readonly accountId: string; readonly arn: string } | { readonly fault: string }
  >;
  /** Whether they end by themselves. */
  readonly isTemporary: boolean;
  /** The account that the user says is meant. */
  readonly account?: string | undefined;
}

/** Whose credentials they are; the account is left out where nobody tells it. */
export async function checkIdentity({
  identify,
  isTemporary,
  account,
}: IdentityCheckOptions): Promise<{ readonly findings: readonly Finding[]; readonly accountId?: string }> {
  const check = 'credentials';
  const found = await identify();
  if ('fault' in found) {
    const todo = 'It needs a way to STS, and no permission; without it, plans name no account.';
    const text = `whose they are could not be asked: ${found.fault}`;
    return { findings: [{ check, status: 'warned', text, todo }] };
  }
  const { accountId, arn } = found;
  const life = isTemporary
    ? 'temporary: a role or a profile is asked again in time, keys that were pasted are not'
    : 'a lasting key';
  const own: Finding = { check, status: 'passed', text: `account ${accountId}, ${arn} (${life})` };
  if (account === undefined || account === accountId) return { findings: [own], accountId };
  const other: Finding = {
    check,
    status: 'failed',
    text: `they are of account ${accountId}, not of ${account}`,
    todo: 'Take other credentials (--profile NAME), or another --account.',
  };
  return { findings: [own, other], accountId };
}
