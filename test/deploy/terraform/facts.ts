import facts from './provider-facts.json' with { type: 'json' };

/** What the provider says of one argument, or attribute, of a resource. */
export interface ArgumentFacts {
  readonly type: 'string' | 'number' | 'bool' | 'map' | 'list' | 'set';
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly deprecated?: boolean;
  /** The provider's version since which it is there, where that is known. */
  readonly since?: string;
  readonly oneOf?: readonly (string | number)[];
  /** The least and the most. */
  readonly between?: readonly number[];
  readonly matches?: string;
  /** The text must be JSON. */
  readonly json?: boolean;
  readonly default?: string | number | boolean;
  readonly conflictsWith?: readonly string[];
  readonly exactlyOneOf?: readonly string[];
  readonly minItems?: number;
  readonly maxItems?: number;
  /** Of a list, set or map of plain values. */
  readonly of?: string;
  /** Written as blocks that hold these. */
  readonly block?: Readonly<Record<string, ArgumentFacts>>;
}

export interface ResourceFacts {
  readonly since?: string;
  readonly arguments: Readonly<Record<string, ArgumentFacts>>;
}

/** The version of the provider that was read. */
export const PROVIDER_READ: string = facts.provider;

export const RESOURCES = facts.resources as unknown as Readonly<Record<string, ResourceFacts>>;
