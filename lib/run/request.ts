import type { AuditRecord } from '../audit/record.ts';
import type { Signer } from '../audit/sign.ts';
import type { Chance, Clock } from '../clock.ts';
import type { Profile } from '../doctor/profile.ts';
import type { CleanupError } from '../errors.ts';
import type { Inventory, Narrowing } from '../inventory/inventory.ts';
import type { Mode, Policy } from '../policy/policy.ts';
import type { AuditLog, EciApi, Invoker, Notifier } from '../ports.ts';
import type { Trigger } from '../report/report.ts';
import type { ResourceRef } from '../resource.ts';
import type { Chain } from './chain.ts';

/** One reading that several runs share. */
export interface SharedReading {
  readonly inventory: Inventory;
  readonly observedAtMs: number;
}

/** What to do, once it is decided who asks. */
export interface CleanupRequest {
  readonly policy: Policy;
  readonly mode: Mode;
  /** When given, the run is refused unless the plan made now has this digest. */
  readonly planDigest?: string;
  readonly narrowing: Narrowing;
  /** The resources that an event told of, and nothing else; they may not be readable yet. */
  readonly created?: readonly ResourceRef[];
  readonly trigger: Trigger;
  /** New for each execution, deterministic for each cause (design, section 4). */
  readonly runId: string;
  readonly parentRunId?: string;
  /** Why it may not be carried out, found out by whoever asks: nothing is read or done, and the records say so. */
  readonly refusal?: CleanupError;
  /** What was read for several runs at once, this one among them; left out: it reads for itself. */
  readonly reading?: SharedReading;
  /** True where the policy came with the request, and cannot be found again by its name. */
  readonly policyIsInline?: boolean;
  /** Given when an earlier invocation handed over to this one. */
  readonly chain?: Chain;
}

/** What a run needs of the world. */
export interface RunPorts {
  /** One attempt a call; the run itself paces and retries. */
  readonly eci: EciApi;
  /** `null`: no place for records was named; then nothing may be removed. */
  readonly audit: AuditLog | null;
  /** Signs records, and tells which are; left out: the log is not signed. */
  readonly signer?: Signer;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Whether ListTagResources is relied on to list every tag of a region and type; default not. */
  readonly tagRows?: boolean;
  /** Whether `eci` sends changes in a body, so that no request is too long for a URL; default not. */
  readonly formBody?: boolean;
  /** What `doctor` learned of this account; left out: nothing is known, and the safe readings hold. */
  readonly profile?: Profile;
  /** Goes on where time ends, and does regions side by side; left out: the run does what it can by itself. */
  readonly invoker?: Invoker;
  /** Tells people; left out: the settings name no channel. */
  readonly notifier?: Notifier;
  /** Each record also goes here, as it is written: the handler prints it as one JSON line. */
  readonly echo?: (record: AuditRecord) => void;
}

export interface RunOptions {
  /** The instant by which the run must have ended, its records written; left out: none. Epoch milliseconds. */
  readonly deadlineAtMs?: number;
  readonly accountId?: string;
  /** Fields that every record carries, such as `service_name`, `function_name`, `request_id`, `actor`. */
  readonly identity: Readonly<Record<string, string>>;
  readonly onProgress?: (progress: Progress) => void;
  /** Asks the run to end in order: nothing more is sent, and what was done is written down. */
  readonly signal?: AbortSignal;
}

/** Where a run is, for a person who watches. */
export interface Progress {
  readonly step: 'inventory' | 'plan' | 'apply' | 'verify';
  readonly done: number;
  /** Left out: not known yet. */
  readonly total?: number;
  readonly text: string;
}
