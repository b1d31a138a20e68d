import { PolicyError, type PolicyIssue } from '../errors.ts';
import { codeFrame, printable } from './code-frame.ts';
import { compilePolicy } from './compile.ts';
import { type Fault, formatPath } from './issue.ts';
import type { Policy } from './policy.ts';
import { policySchema } from './schema.ts';
import { schemaFaults } from './schema-faults.ts';
import { semanticFaults } from './semantics.ts';
import { type Position, readSource, structureFaults } from './source.ts';

/** So many faults stand in the message; the error's `issues` hold them all. */
const SHOWN_ISSUES = 20;

/**
 * Reads a policy written as YAML or JSON.
 *
 * @param file What the message calls it, as in `policies/strip-ci-markers.yaml:7:5`.
 * @throws {PolicyError} with every fault at once, each with line, column and a code frame.
 *
 * @example
 * const policy = parsePolicy('{version: 1, name: a, scope: {regions: all}, remove: [{key: "ci-*"}]}', 'a.yaml');
 */
export function parsePolicy(text: string, file: string): Policy {
  const source = readSource(text);
  if (source.faults.length > 0) throw policyError(file, source.faults, source.locate, text);
  const result = checkDocument(source.value);
  if ('policy' in result) return result.policy;
  throw policyError(file, result.faults, source.locate, text);
}

/**
 * Reads a policy given as an object, as a request or a plan file carries it.
 *
 * @param file What the message calls the place it came from; the path stands in place of line and column.
 * @throws {PolicyError} with every fault at once.
 */
export function parsePolicyDocument(document: unknown, file: string): Policy {
  const broken = structureFaults(document);
  if (broken.length > 0) throw policyError(file, broken);
  const result = checkDocument(document);
  if ('policy' in result) return result.policy;
  throw policyError(file, result.faults);
}

function checkDocument(document: unknown): { policy: Policy } | { faults: readonly Fault[] } {
  if (document === null || document === undefined) {
    return { faults: [{ path: [], message: 'is empty: a policy needs version, name, scope and remove' }] };
  }
  const parsed = policySchema.safeParse(document);
  const faults = [
    ...(parsed.success ? [] : schemaFaults(parsed.error, document)),
    ...semanticFaults(document),
  ];
  if (parsed.success && faults.length === 0) return { policy: compilePolicy(parsed.data) };
  return { faults };
}

function policyError(
  file: string,
  faults: readonly (Fault & Partial<Position>)[],
  locate?: (path: Fault['path'], atKey?: boolean) => Position,
  text?: string,
): PolicyError {
  const issues = faults
    .map((fault): PolicyIssue => {
      const position = fault.line === undefined ? locate?.(fault.path, fault.atKey) : fault;
      return {
        path: formatPath(fault.path),
        message: fault.message,
        ...(position?.line !== undefined && { line: position.line }),
        ...(position?.column !== undefined && { column: position.column }),
        ...(fault.suggestion !== undefined && { suggestion: fault.suggestion }),
      };
    })
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  const count = issues.length === 1 ? '1 fault' : `${issues.length} faults`;
  const shown = issues.slice(0, SHOWN_ISSUES).map((issue) => describeIssue(file, issue, text));
  const rest = issues.length - shown.length;
  const parts = [
    `${printable(file)}: the policy has ${count}`,
    ...shown,
    ...(rest > 0 ? [`… and ${rest} more`] : []),
  ];
  return new PolicyError(file, issues, parts.join('\n\n'));
}

function describeIssue(file: string, issue: PolicyIssue, text: string | undefined): string {
  const place = issue.line === undefined ? '' : `:${issue.line}:${issue.column}`;
  const subject = issue.path === '' ? 'the policy' : issue.path;
  const hint = issue.suggestion === undefined ? '' : `; did you mean ${issue.suggestion}?`;
  const line = printable(`${file}${place}: ${subject} ${issue.message}${hint}`);
  if (text === undefined || issue.line === undefined) return line;
  return `${line}\n${codeFrame(text, issue.line, issue.column ?? 1)}`;
}
