import { ApiError, invalid, missing } from '../errors.ts';
import { isType, type Type } from '../resource.ts';

export interface TagFilter {
  readonly key: string | undefined;
  readonly value: string | undefined;
}

/** The parameters of one call: query and form merged, read strictly. */
export class Parameters {
  readonly map: ReadonlyMap<string, string>;

  constructor(pairs: readonly (readonly [string, string])[]) {
    this.map = new Map(pairs);
  }

  /** Left out and empty are the same: not given. */
  text(name: string): string | undefined {
    const value = this.map.get(name);
    return value === undefined || value === '' ? undefined : value;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw missing(name);
    return value;
  }

  boolean(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value !== 'true' && value !== 'false') throw invalid(name, 'it must be true or false');
    return value === 'true';
  }

  integer(name: string, least: number, most: number, otherwise: number): number {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most)) throw invalid(name, `it must be from ${least} to ${most}`);
    return number;
  }

  /** `Name.1`, `Name.2`, … in the order of their numbers; gaps are closed. */
  list(name: string): readonly string[] {
    return this.#numbered(name, /^$/).map(({ value }) => value);
  }

  /** A JSON array in a string, such as `["eci-1","eci-2"]`; `undefined` when not given. */
  jsonList(name: string, most: number): readonly string[] | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const list = parseJson(text);
    if (!Array.isArray(list) || !list.every((item): item is string => typeof item === 'string')) {
      throw invalid(name, 'it must be a JSON array of strings');
    }
    if (list.length > most)
      throw invalid(name, `it holds ${list.length} ids, and at most ${most} are allowed`);
    return list;
  }

  /** `Tag.N.Key` and `Tag.N.Value`; either may be missing, which means whatever it is. */
  tags(most: number): readonly TagFilter[] {
    const filters = new Map<number, { key?: string; value?: string }>();
    for (const { index, rest, value } of this.#numbered('Tag', /^\.(Key|Value)$/)) {
      const filter = filters.get(index) ?? {};
      if (rest === '.Key') filter.key = value;
      else filter.value = value;
      filters.set(index, filter);
    }
    if (filters.size > most) throw new ApiError('NumberExceed.Tags', `At most ${most} tags are allowed.`);
    return [...filters.values()].map(({ key, value }) => ({ key, value }));
  }

  resourceType(): Type {
    const type = this.required('ResourceType');
    if (!isType(type)) throw invalid('ResourceType', `"${type}" is not a resource type`);
    return type;
  }

  /** ASCII, at most 64 characters. */
  clientToken(): string | undefined {
    const token = this.text('ClientToken');
    if (token === undefined) return undefined;
    if (token.length > 64) {
      throw new ApiError('InvalidParameter.LengthExceeded', 'ClientToken may have at most 64 characters.');
    }
    if (!/^[\x20-\x7e]+$/.test(token)) throw invalid('ClientToken', 'it must be ASCII');
    return token;
  }

  #numbered(name: string, restPattern: RegExp): { index: number; rest: string; value: string }[] {
    const found: { index: number; rest: string; value: string }[] = [];
    for (const [full, value] of this.map) {
      if (!full.startsWith(`${name}.`)) continue;
      const parts = /^(\d{1,6})(.*)$/.exec(full.slice(name.length + 1));
      const rest = parts?.[2] ?? 'wrong';
      if (parts === null || !restPattern.test(rest)) throw invalid(full, 'there is no such parameter');
      found.push({ index: Number(parts[1]), rest, value });
    }
    return found.sort((a, b) => a.index - b.index);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
