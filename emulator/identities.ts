import type { RamPolicy } from './ram/policy.ts';

/** One set of credentials that the emulator knows, and what may be done with it. */
export interface Identity {
  readonly accountId: string;
  /** Of the user, or of the role where it is temporary; default `operator` and `tagsweep`. */
  readonly name?: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Given for temporary credentials; every request must then carry it. */
  readonly securityToken?: string;
  /** Epoch milliseconds; left out: never. */
  readonly tokenExpiresAtMs?: number;
  /** A key that was disabled. */
  readonly inactive?: boolean;
  /** Its RAM policies: what they do not allow is refused, and what it asks for is kept. Left out: it may do all. */
  readonly policies?: readonly RamPolicy[];
  /** Actions that are refused whatever else says, such as `UntagResources`; `*` is all of them. */
  readonly denies?: readonly string[];
}

/** The credentials that work unless others are given. They open nothing but this emulator. */
export const DEFAULT_IDENTITY: Identity = {
  accountId: '1234567890123456',
  accessKeyId: 'emulator-key-id',
  accessKeySecret: 'emulator-key-secret',
};

/** Temporary credentials that work unless others are given. */
export const DEFAULT_STS_IDENTITY: Identity = {
  accountId: DEFAULT_IDENTITY.accountId,
  accessKeyId: 'STS.emulator-key-id',
  accessKeySecret: 'emulator-sts-secret',
  securityToken: 'emulator-security-token',
};
