import * as z from 'zod';
import type { Fault, IssuePath } from './issue.ts';
import { nearest } from './suggest.ts';

interface Read {
  readonly document: unknown;
  readonly schema: z.ZodType;
}

/** What zod found, as faults: one per unknown key, with what was probably meant. */
export function schemaFaults(error: z.ZodError, document: unknown, schema: z.ZodType): readonly Fault[] {
  return error.issues.flatMap((issue) => faultsOf(issue, [], { document, schema }));
}

function faultsOf(issue: z.core.$ZodIssue, parent: IssuePath, read: Read): readonly Fault[] {
  const path = [...parent, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code === 'unrecognized_keys') {
    const allowed = allowedKeys(read.schema, path);
    const present = valueAt(read.document, path);
    const free = allowed.filter((key) => !(isRecord(present) && key in present));
    return issue.keys.map((key) => {
      const suggestion = nearest(key, free) ?? nearest(key, allowed);
      const message = 'is not a known key';
      return { path: [...path, key], message, atKey: true, ...(suggestion !== undefined && { suggestion }) };
    });
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    const value = valueAt(read.document, path);
    if (value === undefined) return [{ path, message: issue.message }];
    const suggestion = typeof value === 'string' ? nearest(value, values) : undefined;
    const message = values.length > 1 ? `must be one of ${values.join(', ')}` : issue.message;
    return [{ path, message, ...(suggestion !== undefined && { suggestion }) }];
  }
  if (issue.code === 'invalid_union') return unionFaults(issue, path, read);
  return [{ path, message: issue.message }];
}

/** Of a union the branch that was meant is the one that got furthest. */
function unionFaults(issue: z.core.$ZodIssueInvalidUnion, path: IssuePath, read: Read): readonly Fault[] {
  const value = valueAt(read.document, path);
  const branches = issue.errors.map((errors) => errors.flatMap((inner) => faultsOf(inner, path, read)));
  const meant = Array.isArray(value)
    ? branches.find((faults) =>
        faults.some((fault) => fault.path.length > path.length || /list|least|more/.test(fault.message)),
      )
    : branches.find(
        (faults) => typeof value === 'string' && faults.every((fault) => !/must be/.test(fault.message)),
      );
  return meant ?? [{ path, message: issue.message }];
}

/** The keys that the schema allows in the mapping at a path. */
function allowedKeys(root: z.ZodType, path: IssuePath): readonly string[] {
  let schema: z.core.$ZodType | undefined = root;
  for (const step of path) {
    const inner: z.core.$ZodType | undefined = schema && unwrap(schema);
    if (inner instanceof z.ZodObject) schema = (inner.shape as Record<string, z.core.$ZodType>)[step];
    else if (inner instanceof z.ZodArray) schema = inner.element as z.core.$ZodType;
    else return [];
  }
  const found = schema && unwrap(schema);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const inner = (schema._zod.def as { innerType?: z.core.$ZodType }).innerType;
  return inner ? unwrap(inner) : schema;
}

function valueAt(document: unknown, path: IssuePath): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null
        ? (value as Record<string | number, unknown>)[step]
        : undefined,
    document,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
