import { ApiError } from '../errors.ts';

export interface PolicyVersion {
  readonly id: string;
  readonly document: string;
}

export interface KeptPolicy {
  description: string;
  /** The oldest first. */
  versions: PolicyVersion[];
  defaultVersion: string;
}

export interface KeptRole {
  description: string;
  trust: string;
  /** Names of custom policies. */
  readonly attached: Set<string>;
}

/** RAM keeps this many versions of a policy. */
const MOST_VERSIONS = 5;

/** The roles and custom policies of an account, with the limits of the service. */
export class RamState {
  readonly roles = new Map<string, KeptRole>();
  readonly policies = new Map<string, KeptPolicy>();
  /** Policies that somebody attached to users or groups, beside the roles. */
  readonly attachedToPeople = new Set<string>();
  #versions = 0;

  role(name: string): KeptRole {
    const role = this.roles.get(name);
    if (role === undefined) throw missing('Role', `The role does not exist: ${name}.`);
    return role;
  }

  policy(name: string): KeptPolicy {
    const policy = this.policies.get(name);
    if (policy === undefined) throw missing('Policy', `The policy does not exist: ${name}.`);
    return policy;
  }

  createPolicy(name: string, document: string, description: string): void {
    if (this.policies.has(name)) throw exists('Policy', name);
    checkDocument(document);
    const version = this.#newVersion(document);
    this.policies.set(name, { description, versions: [version], defaultVersion: version.id });
  }

  /** The new version is the default one where that was asked for; a sixth needs the oldest to go. */
  addVersion(name: string, document: string, setAsDefault: boolean, rotate: boolean): PolicyVersion {
    const policy = this.policy(name);
    checkDocument(document);
    if (policy.versions.length >= MOST_VERSIONS) {
      const oldest = policy.versions.find(({ id }) => id !== policy.defaultVersion);
      if (!rotate || oldest === undefined)
        throw new ApiError(
          'LimitExceeded.Policy.Version',
          `A policy has ${MOST_VERSIONS} versions at most.`,
          {},
          409,
        );
      policy.versions = policy.versions.filter((version) => version !== oldest);
    }
    const version = this.#newVersion(document);
    policy.versions.push(version);
    if (setAsDefault) policy.defaultVersion = version.id;
    return version;
  }

  deletePolicy(name: string): void {
    const policy = this.policy(name);
    if (this.attachedToPeople.has(name)) throw conflict('Policy.User', 'it is attached to users');
    if ([...this.roles.values()].some(({ attached }) => attached.has(name)))
      throw conflict('Policy.Role', 'it is attached to roles');
    if (policy.versions.length > 1) throw conflict('Policy.Version', 'it has several versions');
    this.policies.delete(name);
  }

  deleteRole(name: string): void {
    if (this.role(name).attached.size > 0) throw conflict('Role.Policy', 'policies are attached to it');
    this.roles.delete(name);
  }

  #newVersion(document: string): PolicyVersion {
    this.#versions += 1;
    return { id: `v${this.#versions}`, document };
  }
}

export function exists(noun: string, name: string): ApiError {
  return new ApiError(`EntityAlreadyExists.${noun}`, `The ${noun.toLowerCase()} exists: ${name}.`, {}, 409);
}

function missing(noun: string, message: string): ApiError {
  return new ApiError(`EntityNotExist.${noun}`, message, {}, 404);
}

function conflict(what: string, why: string): ApiError {
  return new ApiError(`DeleteConflict.${what}`, `It cannot be deleted: ${why}.`, {}, 409);
}

export function checkDocument(text: string): void {
  try {
    if (JSON.parse(text).Version === '1') return;
  } catch {
    // Told below.
  }
  throw new ApiError('MalformedPolicyDocument', 'The document is not one of version 1.', {}, 400);
}
