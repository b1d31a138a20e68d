import { SlsError } from './errors.ts';
import type { SearchNode } from './query.ts';

/** Where the words of a field end when its index names no delimiters. */
const DELIMITERS = [...', \'";=()[]{}?@&<>/:\n\t\r'];

/** How one field is cut into words. */
interface FieldIndex {
  readonly delimiters: ReadonlySet<string>;
  readonly caseSensitive: boolean;
}

const DEFAULT_INDEX: FieldIndex = { delimiters: new Set(DELIMITERS), caseSensitive: false };

/** Says of a row whether it matches. */
export type RowTest = (row: Readonly<Record<string, string>>) => boolean;

/**
 * Makes the test of a search. Words are compared whole; several words of one value must stand in the
 * field side by side, in order.
 *
 * @param index the log store's index; `undefined`: every field is indexed, regardless of case.
 * @throws {SlsError} `ParameterInvalid` for a field that the index does not have.
 */
export function compileSearch(
  node: SearchNode,
  index: Readonly<Record<string, unknown>> | undefined,
): RowTest {
  switch (node.kind) {
    case 'everything':
      return () => true;
    case 'not': {
      const test = compileSearch(node.of, index);
      return (row) => !test(row);
    }
    case 'and': {
      const tests = node.of.map((part) => compileSearch(part, index));
      return (row) => tests.every((test) => test(row));
    }
    case 'or': {
      const tests = node.of.map((part) => compileSearch(part, index));
      return (row) => tests.some((test) => test(row));
    }
    case 'term':
      return compileTerm(node, index);
  }
}

function compileTerm(
  node: Extract<SearchNode, { kind: 'term' }>,
  index: Readonly<Record<string, unknown>> | undefined,
): RowTest {
  const { field } = node;
  if (field === undefined) {
    const contains = compileWords(node, DEFAULT_INDEX);
    return (row) => Object.entries(row).some(([name, value]) => !name.startsWith('__') && contains(value));
  }
  const contains = compileWords(node, fieldIndex(field, index));
  return (row) => {
    const value = row[field];
    return value !== undefined && contains(value);
  };
}

/** Built into every index. */
const ALWAYS: ReadonlySet<string> = new Set(['__time__', '__topic__', '__source__']);

function fieldIndex(field: string, index: Readonly<Record<string, unknown>> | undefined): FieldIndex {
  if (index === undefined || ALWAYS.has(field)) return DEFAULT_INDEX;
  const keys = asObject(index.keys);
  const key = asObject(keys?.[field]);
  if (key === undefined)
    throw new SlsError('ParameterInvalid', `key (${field}) is not config as key value config`);
  const token = Array.isArray(key.token) ? key.token.map(String) : [];
  return { delimiters: new Set(token), caseSensitive: key.caseSensitive === true };
}

function compileWords(
  node: { readonly text: string; readonly prefix: boolean },
  index: FieldIndex,
): (value: string) => boolean {
  const wanted = words(node.text, index);
  if (wanted.length === 0) return node.prefix ? () => true : () => false;
  return (value) => {
    const held = words(value, index);
    for (let start = 0; start + wanted.length <= held.length; start++) {
      const same = wanted.every((word, i) => {
        const other = held[start + i] ?? '';
        return node.prefix && i === wanted.length - 1 ? other.startsWith(word) : other === word;
      });
      if (same) return true;
    }
    return false;
  };
}

function words(text: string, index: FieldIndex): readonly string[] {
  const found: string[] = [];
  let word = '';
  for (const character of index.caseSensitive ? text : text.toLowerCase()) {
    if (!index.delimiters.has(character)) word += character;
    else if (word !== '') {
      found.push(word);
      word = '';
    }
  }
  if (word !== '') found.push(word);
  return found;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
