import { formatDuration } from './duration.ts';
import { operatorOf } from './operators.ts';
import type { Condition, ValueTest } from './policy.ts';

/** A condition in the words of the policy language, on one line. */
export function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return `${condition.kind} of (${condition.of.map(describeCondition).join('; ')})`;
    case 'not':
      return `not (${describeCondition(condition.of)})`;
    case 'tag':
      return `tag ${condition.key} ${condition.tests.map(describeTest).join(' and ')}`;
    case 'text':
      return `${condition.field} ${listText(condition.patterns)}`;
    case 'age':
      return `age ${bounds('older than', condition.olderThanMs, 'newer than', condition.newerThanMs, formatDuration)}`;
    case 'tagCount':
      return `tag count ${bounds('at least', condition.atLeast, 'at most', condition.atMost, String)}`;
  }
}

/** A test of a value in the words of the policy language. */
export function describeTest(test: ValueTest): string {
  if (test.op === 'not') return `not (${test.tests.map(describeTest).join(' and ')})`;
  return operatorOf(test.op).describe(test);
}

function bounds(
  lowerText: string,
  lower: number | undefined,
  upperText: string,
  upper: number | undefined,
  write: (value: number) => string,
): string {
  const parts = [];
  if (lower !== undefined) parts.push(`${lowerText} ${write(lower)}`);
  if (upper !== undefined) parts.push(`${upperText} ${write(upper)}`);
  return parts.join(' and ');
}

function listText(items: readonly string[]): string {
  return items.map((item) => JSON.stringify(item)).join(', ');
}
