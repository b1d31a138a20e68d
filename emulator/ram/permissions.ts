import type { Identity } from '../identities.ts';
import { isAllowed } from './policy.ts';

/** That an identity asked for an action on a resource, however often. */
export interface PermissionUse {
  readonly accessKeyId: string;
  /** Such as `eci:UntagResources`. */
  readonly action: string;
  /** An ARN, or `*` where the service knows no finer resource. */
  readonly resource: string;
  readonly allowed: boolean;
}

/** Decides what each identity may do, and keeps what those with policies asked for. */
export class Permissions {
  readonly #uses = new Map<string, PermissionUse>();

  /** Every action on every resource that an identity with policies asked for, once, in the order of the first time. */
  get uses(): readonly PermissionUse[] {
    return [...this.#uses.values()];
  }

  /** True when the identity may do it on every one of the resources, which are named only where that matters. */
  allows(identity: Identity, action: string, resources: () => readonly string[]): boolean {
    if (isDeniedByName(identity, action)) return false;
    const { policies, accessKeyId } = identity;
    if (policies === undefined) return true;
    const uses = resources().map((resource) => ({
      accessKeyId,
      action,
      resource,
      allowed: isAllowed(policies, action, resource),
    }));
    for (const use of uses) this.#uses.set(`${accessKeyId} ${action} ${use.resource}`, use);
    return uses.every(({ allowed }) => allowed);
  }
}

/** `denies` names `*`, an action, or the action without its service. */
function isDeniedByName({ denies = [] }: Identity, action: string): boolean {
  const [, operation] = action.split(':');
  return denies.some((name) => name === '*' || name === action || name === operation);
}
