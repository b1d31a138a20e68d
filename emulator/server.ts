import { createActionTrailService } from './actiontrail/service.ts';
import { type Behavior, DEFAULT_BEHAVIOR } from './behavior.ts';
import { Counters } from './counters.ts';
import { createDmService, type KeptMail } from './dm/service.ts';
import { connectEci } from './eci/connect.ts';
import { type FaultRule, Faults } from './faults.ts';
import type { Service } from './http.ts';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY, type Identity } from './identities.ts';
import { listen } from './listener.ts';
import { createMnsService, type KeptQueue } from './mns/service.ts';
import { createQuotas, type QuotaOptions } from './quotas.ts';
import { Permissions } from './ram/permissions.ts';
import { createRamService } from './ram/service.ts';
import { RamState } from './ram/state.ts';
import { seededRandom } from './random.ts';
import type { FleetResource } from './resource.ts';
import type { ServiceContext, ServiceFactory } from './service-context.ts';
import { createSlsService } from './sls/service.ts';
import { SlsState } from './sls/state.ts';
import { State } from './state.ts';
import { createStsService } from './sts/service.ts';

export type { ServiceFactory } from './service-context.ts';

export interface EmulatorOptions {
  /** Default 0: any free port. Always on 127.0.0.1. */
  readonly port?: number;
  readonly fleet?: Iterable<FleetResource>;
  /** Default: one long-lived key and one temporary one, both of the same account. */
  readonly identities?: readonly Identity[];
  /** Default: the machine's clock. */
  readonly now?: () => number;
  /** Seed of all chance: fault rates, short pages, new ids. Default 1. */
  readonly seed?: number;
  readonly faults?: readonly FaultRule[];
  /** Choices where the service's behavior is unknown, limits and latency; see the README. */
  readonly behavior?: Partial<Behavior>;
  /** Default: the published quotas, in fixed minutes. */
  readonly quotas?: QuotaOptions;
  /** What DescribeRegions answers; default: the regions of the fleet, or cn-hangzhou. */
  readonly regions?: readonly string[];
  /** What the log service holds; default: one empty log store, `DEFAULT_LOGSTORE`. */
  readonly sls?: SlsState;
  /** Further services, asked before ECI, which answers the path `/` of whatever host. */
  readonly services?: readonly ServiceFactory[];
}

/** A running emulator. */
export interface Emulator {
  /** `http://127.0.0.1:PORT`, for every service. */
  readonly url: string;
  /** The same URL, under the name that a log client asks for. */
  readonly slsUrl: string;
  /** Likewise for Function Compute; missing when it does not run. */
  readonly fcUrl?: string;
  readonly state: State;
  /** What the log service holds and was sent. */
  readonly sls: SlsState;
  /** Roles, custom policies and attachments. */
  readonly ram: RamState;
  /** Message queues by name. */
  readonly queues: ReadonlyMap<string, KeptQueue>;
  /** Mails that were taken. */
  readonly mails: readonly KeptMail[];
  readonly faults: Faults;
  readonly counters: Counters;
  /** What identities with RAM policies asked for. */
  readonly permissions: Permissions;
  /** What went wrong in the emulator itself; a test should find it empty. */
  readonly failures: readonly unknown[];
  /** Changes behavior while it runs. */
  setBehavior(changes: Partial<Behavior>): void;
  /** Changes quotas while it runs; what was used of them is forgotten. */
  setQuotas(options: QuotaOptions): void;
  /** Closes the connections on which nothing is under way, as servers do after a while. */
  closeIdleConnections(): void;
  /** Closes every connection, those that hang included. */
  close(): Promise<void>;
}

/** Starts the emulator on loopback; resolves once it listens. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const now = options.now ?? Date.now;
  const random = seededRandom(options.seed ?? 1);
  const closing = new AbortController();
  const failures: unknown[] = [];
  const context: ServiceContext = {
    now,
    random,
    identities: [...(options.identities ?? [DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY])],
    permissions: new Permissions(),
    state: new State(now, options.fleet),
    faults: new Faults(random, options.faults),
    counters: new Counters(),
    closing: closing.signal,
  };
  const quotas = createQuotas(options.quotas);
  let behavior = DEFAULT_BEHAVIOR;
  const setBehavior = (changes: Partial<Behavior>): void => {
    behavior = { ...behavior, ...changes };
    context.state.visibilityDelayMs = behavior.visibilityDelayMs;
    context.state.lateListsMs = behavior.lateListsMs;
    context.state.listingDelayMs = behavior.listingDelayMs;
  };
  setBehavior(options.behavior ?? {});
  const eci = connectEci(context, {
    behavior: () => behavior,
    quotas,
    regions: () => options.regions ?? regionsOf(context.state),
  });
  const sls = options.sls ?? new SlsState();
  const ram = new RamState();
  const queues = new Map<string, KeptQueue>();
  const mails: KeptMail[] = [];
  const factories: ServiceFactory[] = [
    ...(options.services ?? []),
    createStsService,
    (shared) => createActionTrailService(shared, () => behavior.trailDelayMs),
    createSlsService(sls),
    (shared) => createRamService(shared, ram),
    (shared) => createMnsService(shared, queues),
    (shared) => createDmService(shared, mails),
  ];
  const services = [...factories.map((create) => create(context)), eci];
  const listener = await listen({
    port: options.port ?? 0,
    services,
    counters: context.counters,
    onFault: (error) => failures.push(error),
  });
  const url = `http://127.0.0.1:${listener.port}`;
  return {
    url,
    slsUrl: url,
    ...(has(services, 'fc') ? { fcUrl: url } : {}),
    state: context.state,
    sls,
    ram,
    queues,
    mails,
    faults: context.faults,
    counters: context.counters,
    permissions: context.permissions,
    failures,
    setBehavior,
    setQuotas: (changes) => quotas.configure(changes),
    closeIdleConnections: () => listener.closeIdle(),
    close: async () => {
      closing.abort();
      await listener.close();
    },
  };
}

function has(services: readonly Service[], name: string): boolean {
  return services.some((service) => service.name === name);
}

function regionsOf(state: State): readonly string[] {
  return state.regions.length === 0 ? ['cn-hangzhou'] : state.regions;
}
