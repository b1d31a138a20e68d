import type { Counters } from './counters.ts';
import type { Faults } from './faults.ts';
import type { Service } from './http.ts';
import type { Identity } from './identities.ts';
import type { Permissions } from './ram/permissions.ts';
import type { Random } from './random.ts';
import type { State } from './state.ts';

/** What every service of one emulator shares. */
export interface ServiceContext {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly random: Random;
  /** A service that gives out keys adds those whom it gave them. */
  readonly identities: Identity[];
  readonly permissions: Permissions;
  readonly state: State;
  readonly faults: Faults;
  readonly counters: Counters;
  /** Aborted when the emulator closes. */
  readonly closing: AbortSignal;
}

/** Makes a service for one emulator. */
export type ServiceFactory = (context: ServiceContext) => Service;
