import type { Region } from '../resource.ts';
import { compilePolicy } from './compile.ts';
import type { Fault } from './issue.ts';
import type { Policy } from './policy.ts';
import { policyError } from './policy-error.ts';
import { unknownRegionFaults } from './regions.ts';
import { policySchema } from './schema.ts';
import { schemaFaults } from './schema-faults.ts';
import { semanticFaults } from './semantics.ts';
import { readSource, structureFaults } from './source.ts';

/** How strictly a policy is read. */
export interface PolicyReading {
  /** Given: a region that no list knows is a fault, unless it is one of these. Left out: any region id will do. */
  readonly newerRegions?: readonly Region[];
}

/**
 * Reads a policy written as YAML or JSON.
 *
 * @param file What the message calls it, as in `policies/strip-ci-markers.yaml:7:5`.
 * @throws {PolicyError} with every fault at once, each with line, column and a code frame.
 *
 * @example
 * const policy = parsePolicy('{version: 1, name: a, scope: {regions: all}, remove: [{key: "ci-*"}]}', 'a.yaml');
 */
export function parsePolicy(text: string, file: string, reading: PolicyReading = {}): Policy {
  const source = readSource(text);
  if (source.faults.length > 0) throw policyError(file, source.faults, { source, text });
  const result = checkDocument(source.value, reading);
  if ('policy' in result) return result.policy;
  throw policyError(file, result.faults, { source, text });
}

/**
 * Reads a policy given as an object, as a request or a plan file carries it.
 *
 * @param file What the message calls the place it came from; the path stands in place of line and column.
 * @throws {PolicyError} with every fault at once.
 */
export function parsePolicyDocument(document: unknown, file: string, reading: PolicyReading = {}): Policy {
  const broken = structureFaults(document);
  if (broken.length > 0) throw policyError(file, broken);
  const result = checkDocument(document, reading);
  if ('policy' in result) return result.policy;
  throw policyError(file, result.faults);
}

function checkDocument(
  document: unknown,
  { newerRegions }: PolicyReading,
): { policy: Policy } | { faults: readonly Fault[] } {
  if (document === null || document === undefined) {
    return { faults: [{ path: [], message: 'is empty: a policy needs version, name, scope and remove' }] };
  }
  const parsed = policySchema.safeParse(document);
  const faults = [
    ...(parsed.success ? [] : schemaFaults(parsed.error, document, policySchema)),
    ...semanticFaults(document),
    ...(newerRegions ? unknownRegionFaults(document, newerRegions) : []),
  ];
  if (parsed.success && faults.length === 0) return { policy: compilePolicy(parsed.data) };
  return { faults };
}
