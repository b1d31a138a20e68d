import { PolicyError, type PolicyIssue } from '../errors.ts';
import { safeText } from '../text.ts';
import { codeFrame } from './code-frame.ts';
import { type Fault, formatPath } from './issue.ts';
import type { Position, Source } from './source.ts';

/** So many faults stand in the message; the error's `issues` hold them all. */
const SHOWN_ISSUES = 20;

/**
 * Makes one error of all faults, in the order of their lines, each with its place and a code frame.
 *
 * @param read The text that was read, where there is one; a document given as an object has paths only.
 * @param what How the message calls what was read.
 */
export function policyError(
  file: string,
  faults: readonly (Fault & Partial<Position>)[],
  read?: { readonly source: Source; readonly text: string },
  what = 'the policy',
): PolicyError {
  const issues = faults
    .map((fault): PolicyIssue => {
      const position = fault.line === undefined ? read?.source.locate(fault.path, fault.atKey) : fault;
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
  const shown = issues.slice(0, SHOWN_ISSUES).map((issue) => describeIssue(file, issue, what, read?.text));
  const rest = issues.length - shown.length;
  const parts = [
    `${safeText(file)}: ${what} has ${count}`,
    ...shown,
    ...(rest > 0 ? [`… and ${rest} more`] : []),
  ];
  return new PolicyError(file, issues, parts.join('\n\n'));
}

function describeIssue(file: string, issue: PolicyIssue, what: string, text: string | undefined): string {
  const place = issue.line === undefined ? '' : `:${issue.line}:${issue.column}`;
  const subject = issue.path === '' ? what : issue.path;
  const hint = issue.suggestion === undefined ? '' : `; did you mean ${issue.suggestion}?`;
  const line = safeText(`${file}${place}: ${subject} ${issue.message}${hint}`);
  if (text === undefined || issue.line === undefined) return line;
  return `${line}\n${codeFrame(text, issue.line, issue.column ?? 1)}`;
}
