import { DURATION_UNITS_MS } from './duration.ts';
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
      return `age ${bounds('older than', condition.olderThanMs, 'newer than', condition.newerThanMs, durationText)}`;
    case 'tagCount':
      return `tag count ${bounds('at least', condition.atLeast, 'at most', condition.atMost, String)}`;
  }
}

/** A test of a value in the words of the policy language. */
export function describeTest(test: ValueTest): string {
  switch (test.op) {
    case 'exists':
      return test.expected ? 'exists' : 'does not exist';
    case 'equals':
      return `equals ${JSON.stringify(test.value)}`;
    case 'in':
      return `in ${listText(test.values)}`;
    case 'like':
    case 'matches':
      return `${test.op} ${JSON.stringify(test.pattern)}`;
    case 'expired': {
      const grace = test.graceMs === 0 ? '' : `, grace ${durationText(test.graceMs)}`;
      return `expired as ${test.format}${grace} (${test.timeZone})`;
    }
    case 'before':
    case 'after':
      return `${test.op} ${new Date(test.atMs).toISOString()}`;
    case 'lessThan':
      return `less than ${test.than}`;
    case 'greaterThan':
      return `greater than ${test.than}`;
    case 'not':
      return `not (${test.tests.map(describeTest).join(' and ')})`;
  }
}

/** A length as the policy language writes it, in the largest unit that leaves nothing over. */
function durationText(ms: number): string {
  const unit = (['d', 'h', 'm'] as const).find((one) => ms > 0 && ms % DURATION_UNITS_MS[one] === 0) ?? 's';
  return `${ms / DURATION_UNITS_MS[unit]}${unit}`;
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
