import type { Behavior } from '../behavior.ts';
import type { Identity } from '../identities.ts';
import type { Type } from '../resource.ts';
import type { ServiceContext } from '../service-context.ts';
import type { Pages } from './pages.ts';
import type { Parameters } from './parameters.ts';

/** What operations share. */
export interface EciContext extends ServiceContext {
  readonly behavior: () => Behavior;
  /** Regions that this account can use. */
  readonly regions: () => readonly string[];
  readonly pages: Pages;
}

/** One call, checked as far as it can be without knowing the operation. */
export interface Call {
  readonly api: string;
  /** Empty where the operation takes none. */
  readonly region: string;
  readonly parameters: Parameters;
  readonly identity: Identity;
  readonly requestId: string;
  readonly context: EciContext;
  /** Makes a change: tells the hooks before and after, and notes that something was done. */
  readonly change: (type: Type, ids: readonly string[], apply: () => void) => void;
}

/** A call that is well formed: what remains is to do it. */
export interface Work {
  /** Resources that no other call may change meanwhile; keys as `refKey` makes them. */
  readonly holds?: readonly string[];
  /** Does it and gives the body, without `RequestId`; throws `ApiError`. */
  readonly commit: () => Readonly<Record<string, unknown>>;
}

/** One operation of the API. */
export interface Operation {
  readonly name: string;
  readonly kind: 'read' | 'list' | 'write';
  /** The type that it is about; left out: what `ResourceType` says. */
  readonly type?: Type;
  /** Default: yes. */
  readonly needsRegion?: false;
  /** Default: GET and POST. */
  readonly postOnly?: true;
  /** What RAM judges the call on; default: everything. `none`: it is open to every identity. */
  readonly resources?: 'none' | ((call: Call) => readonly string[]);
  /** Tag operations refuse with a code of their own. */
  readonly refusal?: 'NoPermission.Tag';
  /** Checks the parameters; throws `ApiError`. */
  readonly prepare: (call: Call) => Work;
  /** What an identity without permission sees where such lists are empty. */
  readonly empty?: Readonly<Record<string, unknown>>;
}
