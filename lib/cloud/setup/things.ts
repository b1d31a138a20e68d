import { isDeepStrictEqual } from 'node:util';

/** The kinds of things around the function; each is made after those that it needs. */
export type ThingKind =
  | 'project'
  | 'store'
  | 'index'
  | 'search'
  | 'dashboard'
  | 'alarm'
  | 'queue'
  | 'role'
  | 'policy'
  | 'attachment';

/** JSON, as the service takes and gives it. */
export type Document = Readonly<Record<string, unknown>>;

/** One thing around the function, as it is to be. */
export interface Thing {
  readonly kind: ThingKind;
  readonly name: string;
  /** What it belongs to: a log store's name for its index, a role's for what is attached to it. */
  readonly of?: string;
  readonly document: Document;
  /** False for what must not be there, such as the right to change tags while it is not allowed. */
  readonly wanted: boolean;
}

/** A thing as it is. */
export interface Found {
  /** The parts that `Thing.document` speaks of. */
  readonly document: Document;
  /** Whether it says of itself that it was made for tagsweep, by us or by Terraform. */
  readonly ours: boolean;
}

/** Where things are kept. Every call rejects with an error that says what was tried. */
export interface Keeper {
  find(thing: Thing): Promise<Found | undefined>;
  make(thing: Thing): Promise<void>;
  change(thing: Thing): Promise<void>;
  remove(thing: Thing): Promise<void>;
}

/** What is to be done with a thing; `foreign` is one that somebody else made, which is left alone. */
export type Step = 'make' | 'change' | 'remove' | 'keep' | 'foreign';

/** What a thing needs to have done. */
export function stepFor(thing: Thing, found: Found | undefined): Step {
  if (found === undefined) return thing.wanted ? 'make' : 'keep';
  if (!found.ours) return 'foreign';
  if (!thing.wanted) return 'remove';
  return isDeepStrictEqual(found.document, thing.document) ? 'keep' : 'change';
}
