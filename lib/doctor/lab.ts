import type { Clock } from '../clock.ts';
import { EciError, type EciErrorKind } from '../errors.ts';
import type { Region } from '../resource.ts';
import type { Finding } from './finding.ts';
import type { ItemName, ItemValue } from './items.ts';
import type { ProbeAnswer, ProbeApi, ProbeCall } from './probe-api.ts';
import { checkWrite } from './write-guard.ts';

/** One thing that was learned, and how. */
export interface Learned {
  readonly item: ItemName;
  readonly value: string | number;
  /** RequestIds of the calls that showed it. */
  readonly evidence: readonly string[];
  /** The call that was made for it, in words. */
  readonly probe: string;
}

/** What comes of a call: its answer, or why there is none. */
export type Asked =
  | ({ readonly ok: true } & ProbeAnswer)
  | { readonly ok: false; readonly error: EciError; readonly requestId: string };

/** Where probes of one region are made, and what they say is noted. */
export interface Lab {
  readonly region: Region;
  readonly clock: Clock;
  /** Asks, paced; what failed for a passing reason is asked again a few times. Writes are never repeated. */
  ask(call: Omit<ProbeCall, 'region'>): Promise<Asked>;
  say(finding: Omit<Finding, 'region'>): void;
  learn<Name extends ItemName>(
    item: Name,
    value: ItemValue<Name>,
    probe: string,
    ...asked: readonly { readonly requestId: string }[]
  ): void;
  known<Name extends ItemName>(item: Name): ItemValue<Name> | undefined;
  readonly findings: readonly Finding[];
  readonly learned: readonly Learned[];
  /** Calls sent, those sent again included. */
  readonly calls: number;
  /** Ids that the doctor made itself: they alone may be deleted. */
  readonly made: Set<string>;
  /** Other ids whose tags may be changed: the one that the user named, and ids that were invented. */
  readonly lent: Set<string>;
}

export interface LabOptions {
  readonly api: ProbeApi;
  readonly clock: Clock;
  readonly region: Region;
  readonly signal?: AbortSignal | undefined;
  readonly onCall?: (action: string) => void;
}

/** Pause between two calls: a doctor must not use up what production needs. */
const GAP_MS = 150;

/** Pauses before a read is asked again. */
const AGAIN_MS = [1000, 3000] as const;

const PASSING: ReadonlySet<EciErrorKind> = new Set(['throttled', 'unavailable', 'unanswered']);

const WRITES: ReadonlySet<string> = new Set([
  'CreateContainerGroup',
  'DeleteContainerGroup',
  'TagResources',
  'UntagResources',
]);

/** Opens a lab for one region. */
export function createLab({ api, clock, region, signal, onCall }: LabOptions): Lab {
  const findings: Finding[] = [];
  const learned: Learned[] = [];
  const made = new Set<string>();
  const lent = new Set<string>();
  let calls = 0;
  let readyAtMs = Number.NEGATIVE_INFINITY;

  const once = async (call: Omit<ProbeCall, 'region'>): Promise<Asked> => {
    const waitMs = readyAtMs - clock.now();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    signal?.throwIfAborted();
    calls += 1;
    onCall?.(call.action);
    try {
      return { ok: true, ...(await api.ask({ ...call, region })) };
    } catch (error) {
      if (!(error instanceof EciError)) throw error;
      return { ok: false, error, requestId: error.requestId ?? '' };
    } finally {
      readyAtMs = clock.now() + GAP_MS;
    }
  };

  return {
    region,
    clock,
    findings,
    learned,
    made,
    lent,
    get calls() {
      return calls;
    },
    async ask(call) {
      const isWrite = WRITES.has(call.action);
      if (isWrite) checkWrite(call, { made, lent });
      let asked = await once(call);
      for (const pauseMs of isWrite ? [] : AGAIN_MS) {
        if (asked.ok || !PASSING.has(asked.error.kind)) break;
        await clock.sleep(pauseMs, signal);
        asked = await once(call);
      }
      return asked;
    },
    say: (finding) => void findings.push({ ...finding, region }),
    learn(item, value, probe, ...asked) {
      const evidence = asked.map(({ requestId }) => requestId).filter((id) => id !== '');
      learned.push({ item, value, evidence, probe });
    },
    known: (item) => learned.find((one) => one.item === item)?.value as never,
  };
}
