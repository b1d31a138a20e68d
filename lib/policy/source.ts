import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { POLICY_BOUNDS } from './fields.ts';
import type { Fault, IssuePath } from './issue.ts';

/** A place in a text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A text that was read as YAML or JSON: a plain value, and where each part of it stands. */
export interface Source {
  readonly value: unknown;
  readonly faults: readonly (Fault & Partial<Position>)[];
  /** Where the value at a path stands (or its key); the nearest parent where the path leads nowhere. */
  locate(path: IssuePath, atKey?: boolean): Position;
}

/** Aliases may repeat a part this often; beyond, a short text would become a huge one. */
const MAX_ALIASES = 100;

/**
 * Deeper than any policy within its bound of conditions. Without aliases this also keeps a hostile text from
 * exhausting the stack of what walks the value later.
 */
const MAX_DEPTH = 2 * POLICY_BOUNDS.conditionDepth + 16;

/** Reads YAML 1.2 or JSON; the faults are those of the text, not of the policy. */
export function readSource(text: string): Source {
  const start: Position = { line: 1, column: 1 };
  const refuse = (message: string): Source => ({
    value: undefined,
    faults: [{ path: [], message, ...start }],
    locate: () => start,
  });
  if (new TextEncoder().encode(text).length > POLICY_BOUNDS.documentBytes) {
    return refuse(`is larger than ${POLICY_BOUNDS.documentBytes / 1024} KiB`);
  }
  const lines = new LineCounter();
  try {
    return readYaml(text, lines);
  } catch (error) {
    if (error instanceof RangeError) return refuse('is nested too deep');
    if (error instanceof ReferenceError) {
      const missing = error.message.startsWith('Unresolved');
      return refuse(missing ? `cannot be read: ${error.message}` : 'repeats too much through aliases');
    }
    throw error;
  }
}

function readYaml(text: string, lines: LineCounter): Source {
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    resolveKnownTags: false,
    merge: false,
    strict: true,
    stringKeys: true,
    uniqueKeys: true,
    prettyErrors: false,
    lineCounter: lines,
  });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (document.errors.some((error) => error.message.includes('call stack'))) throw new RangeError('too deep');
  const faults: (Fault & Partial<Position>)[] = [...document.errors, ...document.warnings].map((problem) => ({
    path: [],
    message: plainMessage(problem.code, problem.message),
    ...at(problem.pos[0]),
  }));
  if (document.directives?.yaml.explicit && document.directives.yaml.version !== '1.2') {
    faults.push({ path: [], message: 'is read as YAML 1.2 only: leave the %YAML line out', ...at(0) });
  }
  const value: unknown = faults.length > 0 ? undefined : document.toJS({ maxAliasCount: MAX_ALIASES });
  return {
    value,
    faults: [...faults, ...structureFaults(value)],
    locate: (path, atKey) => at(offsetOf(document, path, atKey === true)),
  };
}

/** What is wrong with a plain value before it is looked at as a policy: too deep, circular, or a key that is a trap. */
export function structureFaults(value: unknown): readonly Fault[] {
  const faults: Fault[] = [];
  const tooDeep = (item: unknown, path: IssuePath): boolean => {
    if (typeof item !== 'object' || item === null) return false;
    if (path.length > MAX_DEPTH) {
      faults.push({ path: path.slice(0, 3), message: 'is nested too deep' });
      return true;
    }
    const entries: [string | number, unknown][] = Array.isArray(item)
      ? item.map((entry, index) => [index, entry])
      : Object.entries(item);
    for (const [step, entry] of entries) {
      if (isTrap(step, path)) {
        faults.push({ path: [...path, step], message: 'is not a key of a policy', atKey: true });
      }
      if (tooDeep(entry, [...path, step])) return true;
    }
    return false;
  };
  tooDeep(value, []);
  return faults;
}

/** A tag may be named as what every object has: it is data there, and looked up as such. But for the one that reading loses. */
function isTrap(step: string | number, path: IssuePath): boolean {
  if (step === '__proto__') return true;
  const ofTags = path.at(-1) === 'tags' || path.at(-1) === 'because';
  return (step === 'constructor' || step === 'prototype') && !ofTags;
}

function plainMessage(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'holds this key twice';
  if (code === 'MULTIPLE_DOCS') return 'holds more than one document: one policy a file';
  return `cannot be read: ${message}`;
}

function offsetOf(document: Document, path: IssuePath, atKey: boolean): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const found = childOf(node, step);
    if (!found) return offset;
    const last = index === path.length - 1;
    offset =
      (last && atKey ? found.keyOffset : undefined) ?? startOf(found.node) ?? found.keyOffset ?? offset;
    node = found.node;
  }
  return offset;
}

function childOf(
  node: unknown,
  step: string | number,
): { node: unknown; keyOffset: number | undefined } | undefined {
  if (isSeq(node) && typeof step === 'number') {
    const item: unknown = node.items[step];
    return item === undefined ? undefined : { node: item, keyOffset: undefined };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(step));
  return pair && { node: pair.value, keyOffset: startOf(pair.key) };
}

function startOf(node: unknown): number | undefined {
  const range = (node as Node | null)?.range;
  return range ? range[0] : undefined;
}
