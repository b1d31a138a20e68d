import { createHash } from 'node:crypto';
import { compareText } from '../resource.ts';

/** JSON with sorted keys and no spaces: equal values give equal text, whatever the order they were written in. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value);
}

/**
 * The digest of a normalized policy document: what it would do, so without `mode`, which a request can
 * override, and without `description`.
 */
export function policyDigest(document: Readonly<Record<string, unknown>>): string {
  const { mode: _mode, description: _description, ...rest } = document;
  return `sha256:${createHash('sha256').update(canonicalJson(rest)).digest('hex')}`;
}
