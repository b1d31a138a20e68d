import type { End } from '../change/ends.ts';
import type { FindingKind } from '../fleet/findings.ts';
import type { Reason } from '../plan/types.ts';
import type { ResourceType } from '../resource.ts';
import type { Language } from '../words/words.ts';

/**
 * What the pages show, as plain JSON: made from a plan, a run or a fleet on one side, drawn by the front end in
 * `pages/` on the other. Texts from elsewhere were made safe to print; times are ISO 8601, UTC; lengths milliseconds.
 */
export type Page = PlanPage | RunPage | FleetPage;

interface AnyPage {
  readonly language: Language;
  /** Of the program. */
  readonly version: string;
}

/** A line to be typed, with the name of what it is for. */
export interface CommandLine {
  readonly says: 'applyFile' | 'applyPolicy' | 'applyInvoke' | 'undoNote';
  readonly line: string;
}

/**
 * What becomes of a tag, each way once: rows name it by its number.
 */
export interface Fate {
  readonly goes: boolean;
  /** Of one that goes, its rule; of one that stays, the protection or rule that decided, where one did. */
  readonly label?: string;
  /** Of one that stays. */
  readonly reason?: Reason | 'other';
  /** The earlier plan does not have it. */
  readonly isNew?: true;
}

/**
 * Resources with their tags, as compact as text allows: keys and values are numbers of `texts`, places of `places`.
 * A row is place, id, name ('' where none is known), console address ('' where none) and the tags: key, value and
 * fate of each, one after the other.
 */
export interface TagRows {
  readonly texts: readonly string[];
  readonly places: readonly { readonly region: string; readonly type: ResourceType }[];
  readonly fates: readonly Fate[];
  readonly rows: readonly TagRow[];
  /** Tags that go in the whole, where only the first are listed. */
  readonly cutOf?: number;
}

export type TagRow = readonly [place: number, id: string, name: string, tags: readonly number[]];

/** One bar: how many tags, of how many resources. */
export interface Bar {
  readonly label: string;
  /** Beside the label, smaller. */
  readonly note?: string;
  readonly tags: number;
  readonly resources: number;
}

export interface LimitBar {
  readonly limit: string;
  readonly planned: number;
  readonly allowed: number;
  /** Part of what is allowed, 1 is all of it. */
  readonly used: number;
  readonly isPercent: boolean;
  readonly isLookedAt: boolean;
  readonly isPassed: boolean;
}

/** Why tags stay: how many for one reason, with one of them. */
export interface KeptGroup {
  readonly reason: Reason | 'other';
  readonly label?: string;
  readonly tags: number;
  readonly resources: number;
  readonly example: { readonly id: string; readonly key: string; readonly value: string };
}

/** A line of the policy; `count` where a rule or a protection begins on it. */
export interface PolicyLine {
  readonly text: string;
  readonly count?: { readonly does: 'removes' | 'keeps'; readonly tags: number };
}

export interface PlanPage extends AnyPage {
  readonly kind: 'plan';
  readonly policy: { readonly name: string; readonly mode: string; readonly digest: string };
  readonly digest: string;
  readonly accountId?: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly status: 'ready' | 'nothing' | 'refused' | 'incomplete';
  /** Why it would be refused. */
  readonly refusal?: string;
  readonly regions: readonly string[];
  readonly seen: number;
  readonly tags: number;
  readonly resources: number;
  readonly calls: { readonly untag: number; readonly lowerBound: number; readonly readingsBefore: number };
  readonly isCutByCanary: boolean;
  readonly canary: number;
  readonly untagMs: number;
  readonly limits: readonly LimitBar[];
  readonly percentFrom: number;
  readonly warnings: readonly string[];
  readonly boundReasons: readonly string[];
  readonly reading: string;
  readonly byKey: readonly Bar[];
  readonly byRule: readonly Bar[];
  readonly byPlace: readonly Bar[];
  readonly kept: readonly KeptGroup[];
  readonly keptOf: number;
  readonly policyLines: readonly PolicyLine[];
  readonly list: TagRows;
  readonly commands: readonly CommandLine[];
  readonly earlier?: EarlierPlan;
}

/** What an earlier plan would have removed beside this one; counts are tags. */
export interface EarlierPlan {
  readonly digest: string;
  readonly createdAt: string;
  readonly isOfOtherPolicy: boolean;
  readonly isSame: boolean;
  readonly both: number;
  readonly onlyNew: number;
  readonly onlyEarlier: number;
  readonly gone: TagRows;
}

/** Requests of one stretch of time. */
export interface TimelineSlot {
  /** From the beginning of the timeline. */
  readonly fromMs: number;
  readonly done: number;
  readonly failed: number;
  readonly unknown: number;
  readonly tags: number;
}

export interface Timeline {
  readonly from: string;
  readonly to: string;
  readonly slotMs: number;
  readonly slots: readonly TimelineSlot[];
  /** Waves, as the journal announced them before they began. */
  readonly waves: readonly { readonly atMs: number; readonly tags: number }[];
}

export interface RunPage extends AnyPage {
  readonly kind: 'run';
  readonly runId: string;
  readonly undoOf?: string;
  readonly isDryRun: boolean;
  readonly outcome: 'success' | 'partial' | 'failure' | 'refused' | 'unfinished';
  readonly reason: string;
  readonly code?: string;
  readonly policy: { readonly name: string; readonly digest: string };
  readonly planDigest?: string;
  readonly trigger: string;
  readonly actor: string;
  readonly accountId: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly durationMs: number;
  readonly planned: number;
  readonly resources: { readonly changed: number; readonly failed: number; readonly seen: number };
  readonly ends: readonly { readonly end: End; readonly tags: number }[];
  readonly calls: {
    readonly list: number;
    readonly change: number;
    readonly retries: number;
    readonly throttled: number;
    readonly lowerBound: number;
  };
  readonly timeline?: Timeline;
  readonly byKey: readonly Bar[];
  readonly failures: readonly {
    readonly region: string;
    readonly type: string;
    readonly id: string;
    readonly keys: readonly string[];
    readonly code: string;
    readonly message: string;
    readonly requestId: string;
  }[];
  readonly failuresCut: number;
  readonly proof?: {
    readonly verified: boolean;
    readonly foreign: number;
    readonly lost: number;
    readonly unread: number;
    readonly unexplained: number;
    readonly differences: readonly string[];
  };
  readonly records: readonly { readonly name: string; readonly count: number }[];
  readonly isSigned: boolean;
  readonly aside: readonly string[];
  readonly attempts: readonly {
    readonly runId: string;
    readonly attemptId: string;
    readonly startedAt: string;
    readonly outcome: RunPage['outcome'];
    readonly planned: number;
    readonly changed: number;
    readonly failed: number;
  }[];
  readonly warnings: readonly string[];
  readonly list: TagRows;
  readonly undo: 'possible' | 'nothing' | 'keysOnly' | 'isUndo';
  readonly commands: readonly CommandLine[];
}

/** A finding, with the policy that would clean it up. */
export interface FleetFinding {
  readonly kind: FindingKind;
  /** The first of them, most used first. */
  readonly keys: readonly FleetKey[];
  readonly keyCount: number;
  readonly resources: number;
  readonly tags: number;
  readonly remedy?: { readonly name: string; readonly text: string };
}

export interface FleetPage extends AnyPage {
  readonly kind: 'fleet';
  readonly accountId?: string;
  readonly asOf: string;
  readonly complete: boolean;
  readonly regions: readonly string[];
  readonly resources: number;
  readonly unseen: number;
  readonly tags: number;
  /** Names of the policies that keys are held against, and the folder that they are in. */
  readonly policies: readonly string[];
  readonly policiesDir: string;
  readonly warnings: readonly string[];
  /** The first of them, most used first. */
  readonly keys: readonly FleetKey[];
  readonly keyCount: number;
  /** How many resources have so many tags, from 0 on; those of the cloud do not count. */
  readonly byTagCount: readonly number[];
  /** Tags from which on a resource is nearly full. */
  readonly nearlyFullFrom: number;
  readonly findings: readonly FleetFinding[];
  /** The first of those that are nearly full, the fullest first. */
  readonly full: readonly {
    readonly region: string;
    readonly type: ResourceType;
    readonly id: string;
    readonly name: string;
    readonly tags: number;
  }[];
  readonly fullCount: number;
}

export interface FleetKey {
  readonly key: string;
  readonly resources: number;
  readonly values: number;
  readonly examples: readonly string[];
  /** Left out where there is no policy. */
  readonly isNamed?: boolean;
}
