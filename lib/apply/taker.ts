import { isKubernetesKey, isReservedKey } from '../policy/reserved.ts';
import type { Resource, Tag, TagKey } from '../resource.ts';

/** What a reading after a request shows of the kept tags of one resource. */
export interface Observed {
  /** As it was before the request. */
  readonly resource: Resource;
  readonly kept: readonly Tag[];
  readonly lost: readonly Tag[];
  readonly changed: readonly Tag[];
  /** The keys that were asked for. */
  readonly asked: readonly TagKey[];
}

/** A service that takes more than it is asked, as public clients and stand-ins were seen to do. */
interface Reading {
  /** Whether it takes a kept key where these are asked for. */
  readonly takes: (key: TagKey, asked: readonly TagKey[]) => boolean;
  /** One sentence. */
  readonly text: string;
}

const READINGS: readonly Reading[] = [
  {
    takes: (key, asked) => asked.some((other) => other.toLowerCase() === key.toLowerCase()),
    text: 'A service that compares keys without regard to their case would do this.',
  },
  {
    takes: (key, asked) => asked.some((other) => key.startsWith(other)),
    text: 'A service that takes a key for the beginning of others would do this.',
  },
  { takes: () => true, text: 'A service that removes more than the keys of a request would do this.' },
];

/** Who took kept tags, as far as what was seen tells. */
export interface Taker {
  /** One sentence. */
  readonly text: string;
  /** False: others, as far as can be told. */
  readonly isService: boolean;
  /** Whether a tag that went may be put back. */
  readonly mayGiveBack: (key: TagKey) => boolean;
}

/** Resources that have to speak for the service before a key of Kubernetes is written. */
const WITNESSES = 2;

/**
 * Tells whether the service took what went, or somebody else who was at work at the same time.
 *
 * A service takes by a rule: it is the taker where one rule tells of every resource that was looked at exactly what went
 * and what stayed. Where none does, others took it, and what they did is left as it is. By chance others may do on one
 * resource what a rule would: that is enough for putting a common tag back, and too little for one by which
 * Kubernetes finds a pod.
 *
 * @param observed - every resource that shows the effect of its request, with the kept tags that went, and those without.
 */
export function findTaker(observed: readonly Observed[]): Taker {
  const harmed = observed.filter(({ lost }) => lost.some(({ key }) => !isReservedKey(key)));
  const reading = harmed.length === 0 ? undefined : READINGS.find((one) => observed.every(isToldBy(one)));
  if (reading === undefined) {
    const text = observed.every(({ lost }) => lost.length === 0)
      ? 'Others may have done it, or this service changes more than it is asked to.'
      : 'No service that takes by a rule would do this, so others did it, as far as can be told.';
    return { text, isService: false, mayGiveBack: () => false };
  }
  const areSure = harmed.length >= WITNESSES;
  return {
    isService: true,
    text: areSure ? reading.text : reading.text.replace(/\.$/, ', or others did it.'),
    mayGiveBack: (key) => !isReservedKey(key) && (areSure || !isKubernetesKey(key)),
  };
}

/** Keys of the cloud are left out: no request changes them, whatever the service. */
function isToldBy({ takes }: Reading): (observed: Observed) => boolean {
  return ({ kept, lost, asked }) => {
    const went = new Set(lost.map(({ key }) => key));
    return kept.every(({ key }) => isReservedKey(key) || takes(key, asked) === went.has(key));
  };
}
