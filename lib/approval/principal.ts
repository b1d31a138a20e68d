/** Who acts, as RAM tells them apart. */
export interface Principal {
  readonly accountId: string;
  /** `user/NAME`, `role/NAME`, or `root`. A role is one, whoever wears it: session names are chosen by who asks. */
  readonly name: string;
}

const ARN =
  /^acs:ram::(\d{4,20}):(?:(root)|(user|role)\/([A-Za-z0-9._-]{1,64})|assumed-role\/([A-Za-z0-9._-]{1,64})\/.+)$/;

/** The principal of an ARN, as Security Token Service tells it; nothing for one that is none. */
export function principalOf(arn: string | undefined): Principal | undefined {
  const [, accountId, root, kind, name, role] = ARN.exec(arn ?? '') ?? [];
  if (accountId === undefined) return undefined;
  if (root !== undefined) return { accountId, name: 'root' };
  return { accountId, name: role === undefined ? `${kind}/${name}` : `role/${role}` };
}
