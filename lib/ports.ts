import type { AuditRecord } from './audit/record.ts';
import type { ListApi } from './kinds.ts';
import type { Region, Resource, ResourceType, TagKey } from './resource.ts';

/** The ECI operations that this code uses; the names are the cloud's own, and quotas are counted by them. */
export type ApiName = 'DescribeRegions' | ListApi | 'ListTagResources' | 'UntagResources' | 'TagResources';

/** Tags are joined by and; a key alone means whatever its value. */
export interface TagFilter {
  readonly key: TagKey;
  readonly value?: string;
}

export interface ListQuery {
  readonly region: Region;
  readonly type: ResourceType;
  /** At most as many as the kind's list takes. */
  readonly ids?: readonly string[];
  readonly tags?: readonly TagFilter[];
  readonly status?: string;
  readonly resourceGroupId?: string;
  /** Of data caches alone; left out: whatever the service takes that for. */
  readonly bucket?: string;
  readonly nextToken?: string;
}

/** A page; only a missing `nextToken` is the end, however few the items. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
  /** How many items the service says there are: on all pages, or, as its words can be read, on this one. */
  readonly total?: number;
}

/** A container group without its tags and creation time, 200 a page. */
export interface ContainerGroupStatus {
  readonly id: string;
  readonly status?: string;
}

/** One row per resource and tag; a resource's rows may straddle two pages. */
export interface TagRow {
  readonly type: ResourceType;
  readonly id: string;
  readonly key: TagKey;
  readonly value: string;
}

export interface UntagRequest {
  readonly region: Region;
  readonly type: ResourceType;
  /** Never empty. */
  readonly ids: readonly string[];
  /** Never empty: a request without keys would mean all of them. */
  readonly keys: readonly TagKey[];
  /** ASCII, at most 64 characters. */
  readonly clientToken: string;
  /** Whether some of them are in a final status, which they do not leave: a refusal for it is not tried again. */
  readonly inFinalStatus?: boolean;
}

export interface TagRequest {
  readonly region: Region;
  readonly type: ResourceType;
  readonly ids: readonly string[];
  readonly tags: readonly { readonly key: TagKey; readonly value: string }[];
  /** As in `UntagRequest`. */
  readonly inFinalStatus?: boolean;
}

/** What a write call answers. */
export interface Receipt {
  readonly requestId: string;
}

/**
 * ECI, one attempt a call: no pace, no retry. Whatever goes wrong rejects with an `EciError`, and
 * nothing else.
 */
export interface EciApi {
  describeRegions(): Promise<readonly Region[]>;
  listResources(query: ListQuery): Promise<Page<Resource>>;
  listContainerGroupStatus(query: Omit<ListQuery, 'type' | 'status'>): Promise<Page<ContainerGroupStatus>>;
  listTagResources(
    query: Pick<ListQuery, 'region' | 'type' | 'ids' | 'tags' | 'nextToken'>,
  ): Promise<Page<TagRow>>;
  untagResources(request: UntagRequest): Promise<Receipt>;
  tagResources(request: TagRequest): Promise<Receipt>;
}

/** Where audit records are kept. */
export interface AuditLog {
  /** For the report: a project and a log store, or a file. */
  readonly place: { readonly project: string; readonly logstore: string } | { readonly file: string };
  /**
   * Resolves once the records are kept; rejects with code `AUDIT_UNAVAILABLE` when they cannot be. Records
   * may be kept twice: each carries its `event_id`, and readers drop repeats.
   */
  write(records: readonly AuditRecord[]): Promise<void>;
  /** All records that match, oldest first, without repeats; complete, or it rejects. */
  read(query: AuditQuery): Promise<readonly AuditRecord[]>;
}

export interface AuditQuery {
  readonly runId?: string;
  /** Also records of runs whose `parent_run_id` is `runId`. */
  readonly family?: boolean;
  /** Only of undos of this run. */
  readonly undoOf?: string;
  readonly eventNames?: readonly string[];
  /** Only of runs of the policy of this name. */
  readonly policyName?: string;
  /** Only of requests that named this resource. */
  readonly resourceId?: string;
  /** Only of requests that named this key. */
  readonly tagKey?: TagKey;
  /** Epoch milliseconds, half-open. Left out: from 0, to now. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** Starts the function itself again. */
export interface Invoker {
  /**
   * Asks for one asynchronous invocation.
   *
   * @param delaySeconds when it is to start at the earliest; left out: at once.
   * @returns `duplicate` when the task id was submitted before: as good as `accepted` where the id tells one payload from
   *   another.
   * @throws {CleanupError} code `INVOCATION_FAILED`.
   */
  submit(payload: unknown, taskId: string, delaySeconds?: number): Promise<'accepted' | 'duplicate'>;
  /** Invokes once and waits; what the function returned, or an `INVOCATION_FAILED` that tells its error. */
  call(payload: unknown): Promise<unknown>;
}

/** What is said to people: plain text, which each channel writes in its own form. */
export interface Message {
  /** One line. */
  readonly title: string;
  /** What it is about, for a program that receives it. */
  readonly about: {
    readonly kind: 'run' | 'notice' | 'removed';
    readonly runId: string;
    readonly policy: string;
    /** The value of the tag by which owners are told apart; left out: it is for everybody. */
    readonly group?: string;
  };
  /** Sentences; always sent whole. */
  readonly lines: readonly string[];
  /** One line each; a channel that has no room for all leaves out the last ones, and says how many. */
  readonly items: readonly string[];
  /** How many items there are beside. */
  readonly itemsCut: number;
  /** What to do, after the items; always sent. */
  readonly closing: readonly string[];
  /** Where more is to be seen. */
  readonly link?: string;
}

/** Tells people, over channels that the settings name. */
export interface Notifier {
  /** Names of the channels that there are. */
  readonly channels: ReadonlySet<string>;
  /** Those that hear of policies that name none. */
  readonly usual: readonly string[];
  /** The address at which a run can be looked at, where the settings know one. */
  linkTo(runId: string): string | undefined;
  /**
   * Resolves once the channel took the message; `leftOut` items had no room.
   *
   * @throws {Error} whose message may be shown: it holds no secret.
   */
  send(channel: string, message: Message): Promise<{ readonly leftOut: number }>;
}

/** One call as the account's own trail tells of it; what it does not tell is empty. */
export interface TrailEvent {
  /** The service's id of the request, by which it is joined to a record. */
  readonly requestId: string;
  readonly eventId: string;
  /** ISO 8601, whole seconds. */
  readonly at: string;
  readonly caller: {
    /** Such as `ram-user`, `assumed-role`, `root-account`. */
    readonly type: string;
    /** Of a role: `role:session`. */
    readonly name: string;
    readonly accountId: string;
    readonly accessKeyId: string;
  };
  readonly sourceIp: string;
  readonly userAgent: string;
}

/** The trail of calls that the cloud keeps for an account, whoever made them. */
export interface CallTrail {
  /**
   * Page by page, newest first; epoch milliseconds.
   *
   * @throws {Error} when it may not be asked, cannot be reached, or tells of more than is looked through.
   */
  lookUp(query: {
    readonly region: Region;
    readonly eventName: string;
    readonly fromMs: number;
    readonly toMs: number;
  }): AsyncIterable<readonly TrailEvent[]>;
}
