import type { WireLogGroup } from './protobuf.ts';
import { DEFAULT_WORDING, type SlsWording } from './readings.ts';

/** One log as it is kept. */
export interface StoredLog {
  /** Seconds. */
  readonly time: number;
  readonly timeNs: number | undefined;
  readonly topic: string;
  readonly source: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Order of arrival. */
  readonly sequence: number;
  /** Epoch milliseconds. */
  readonly receivedAtMs: number;
}

/** One request to the log service, kept for assertions. */
export interface SlsRequest {
  readonly atMs: number;
  readonly api: string;
  readonly project: string | undefined;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it was sent. */
  readonly body: Buffer;
  /** The status that was decided, before any fault on the line. */
  readonly status: number;
  /** `OK`, or the service's error code. */
  readonly code: string;
}

/** Where the reference leaves a choice, and what tests want to happen. */
export interface SlsSettings extends SlsWording {
  /** How long after arrival a log is missing from queries, milliseconds. */
  visibilityDelayMs: number;
  /** So many further queries answer `Incomplete`, with a part of what they found. */
  incompleteReads: number;
  /** Whether a body without `Content-Length` is taken. */
  acceptChunked: boolean;
  /** Whether a query needs an index; without, every field counts as indexed. */
  requireIndex: boolean;
  /** The code for a date too far off: the current one, or those of other pages. */
  skewCode: 'RequestTimeExpired' | 'RequestTimeTooSkewed' | 'InvalidRequestTime';
  /** Whether rows come as `reverse` asks, or the newest first all the same. */
  rowOrder: 'asked' | 'newestFirst';
  /** What the service's clock is ahead of the emulator's, milliseconds. */
  clockOffsetMs: number;
  /** How many requests are kept; the oldest go first. */
  keepRequests: number;
}

export const DEFAULT_SLS_SETTINGS: Readonly<SlsSettings> = {
  ...DEFAULT_WORDING,
  visibilityDelayMs: 0,
  incompleteReads: 0,
  acceptChunked: true,
  requireIndex: false,
  skewCode: 'RequestTimeExpired',
  rowOrder: 'asked',
  clockOffsetMs: 0,
  keepRequests: 10_000,
};

export interface Logstore {
  readonly name: string;
  /** As it was created. */
  config: Readonly<Record<string, unknown>>;
  index: Readonly<Record<string, unknown>> | undefined;
  readonly logs: StoredLog[];
  readonly createdAtMs: number;
}

/** Dashboards, saved searches and alerts, kept and given back as they came. */
export type DocumentKind = 'dashboards' | 'savedsearches' | 'alerts';

export interface Project {
  readonly name: string;
  description: string;
  readonly logstores: Map<string, Logstore>;
  readonly documents: Readonly<Record<DocumentKind, Map<string, Readonly<Record<string, unknown>>>>>;
}

/** The log store that exists unless others are named. */
export const DEFAULT_LOGSTORE = { project: 'tagsweep', logstore: 'audit' } as const;

/** The projects of one account, in memory. */
export class SlsState {
  readonly settings: SlsSettings = { ...DEFAULT_SLS_SETTINGS };
  readonly projects = new Map<string, Project>();
  readonly #requests: SlsRequest[] = [];
  #sequence = 0;

  constructor(
    logstores: readonly { readonly project: string; readonly logstore: string }[] = [DEFAULT_LOGSTORE],
  ) {
    for (const { project, logstore } of logstores) this.addLogstore(project, logstore);
  }

  addProject(name: string): Project {
    const known = this.projects.get(name);
    if (known !== undefined) return known;
    const project: Project = {
      name,
      description: '',
      logstores: new Map(),
      documents: { dashboards: new Map(), savedsearches: new Map(), alerts: new Map() },
    };
    this.projects.set(name, project);
    return project;
  }

  /** Adds a log store, and its project if need be. */
  addLogstore(
    project: string,
    name: string,
    config: Readonly<Record<string, unknown>> = {},
    nowMs = 0,
  ): Logstore {
    const logstore: Logstore = { name, config, index: undefined, logs: [], createdAtMs: nowMs };
    this.addProject(project).logstores.set(name, logstore);
    return logstore;
  }

  /** The fields of each log that was written, in the order of arrival; without those that the service adds. */
  records(project: string, logstore: string): readonly Readonly<Record<string, string>>[] {
    return (this.projects.get(project)?.logstores.get(logstore)?.logs ?? []).map((log) => log.fields);
  }

  /** The latest requests, oldest first. */
  get requests(): readonly SlsRequest[] {
    return this.#requests;
  }

  recordRequest(request: SlsRequest): void {
    this.#requests.push(request);
    if (this.#requests.length > this.settings.keepRequests) this.#requests.shift();
  }

  /** Keeps a whole group: all of its logs or, when it was refused before, none. */
  store(logstore: Logstore, group: WireLogGroup, receivedAtMs: number): void {
    for (const log of group.logs) {
      this.#sequence += 1;
      logstore.logs.push({
        time: log.time,
        timeNs: log.timeNs,
        topic: group.topic ?? '',
        source: group.source ?? '',
        fields: Object.fromEntries(log.contents),
        tags: Object.fromEntries(group.tags),
        sequence: this.#sequence,
        receivedAtMs,
      });
    }
  }
}
