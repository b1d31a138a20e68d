import { describeCondition, describeTest } from '../policy/describe.ts';
import { DURATION_UNITS_MS } from '../policy/duration.ts';
import { compileCondition, compileTests, tagValue, textOf } from '../policy/evaluate.ts';
import type { Condition, ValueTest } from '../policy/policy.ts';
import type { Resource } from '../resource.ts';
import type { Truth } from './types.ts';

/** A condition with what was seen, and what came of it. */
export interface Trace {
  /** In the words of the policy language. */
  readonly text: string;
  readonly truth: Truth;
  /** What was looked at; left out where `parts` say it. */
  readonly seen?: string;
  readonly parts?: readonly Trace[];
}

/** Evaluates a condition on one resource, keeping every step. */
export function traceCondition(condition: Condition, resource: Resource, asOfMs: number): Trace {
  const truth = compileCondition(condition, asOfMs)(resource);
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const parts = condition.of.map((part) => traceCondition(part, resource, asOfMs));
      return { text: `${condition.kind} of`, truth, parts };
    }
    case 'not':
      return { text: 'not', truth, parts: [traceCondition(condition.of, resource, asOfMs)] };
    case 'tag': {
      const parts = condition.tests.map((test): Condition => ({ ...condition, tests: [test] }));
      if (parts.length === 1) break;
      return { text: 'all of', truth, parts: parts.map((part) => traceCondition(part, resource, asOfMs)) };
    }
  }
  return { text: describeCondition(condition), truth, seen: seenBy(condition, resource, asOfMs) };
}

/** Evaluates the tests of one value, keeping every step. */
export function traceTests(tests: readonly ValueTest[], value: string, asOfMs: number): Trace {
  const truth = compileTests(tests, asOfMs)(value);
  const [only] = tests;
  if (tests.length === 1 && only) return { text: describeTest(only), truth, seen: JSON.stringify(value) };
  const parts = tests.map((test) => traceTests([test], value, asOfMs));
  return { text: 'all of', truth, parts };
}

/** So many steps are named; the trace itself holds them all. */
const NAMED_STEPS = 4;

/**
 * The steps whose change would change the whole, as a clause: `tag env in "dev" (seen: env = "prod")`.
 *
 * They are joined by `and` where each would have to change, by `or` where one would do.
 */
export function stepsText(trace: Trace): string {
  const steps = decisiveSteps(trace);
  const joiner = isTurnedByOne(trace) ? ' or ' : ' and ';
  const named = steps
    .slice(0, NAMED_STEPS)
    .map(({ text, seen }) => (seen ? `${text} (seen: ${seen})` : text));
  const more = steps.length - named.length;
  return `${named.join(joiner)}${more > 0 ? `${joiner}${more} more` : ''}`;
}

function decisiveSteps(trace: Trace): readonly Trace[] {
  if (trace.parts === undefined) return [trace];
  const parts = trace.text === 'not' ? trace.parts : trace.parts.filter((part) => part.truth === trace.truth);
  return parts.flatMap(decisiveSteps);
}

function isTurnedByOne(trace: Trace): boolean {
  if (trace.text === 'not' && trace.parts?.[0]) return isTurnedByOne(trace.parts[0]);
  return trace.text === 'any of' ? trace.truth !== true : trace.text === 'all of' && trace.truth === true;
}

function seenBy(condition: Condition, resource: Resource, asOfMs: number): string {
  switch (condition.kind) {
    case 'tag': {
      if (resource.tags === undefined) return 'its tags were not seen';
      const value = tagValue(resource, condition.key);
      return value === undefined
        ? `${condition.key} is absent`
        : `${condition.key} = ${JSON.stringify(value)}`;
    }
    case 'text': {
      const text = textOf(resource, condition.field);
      return text === undefined ? `its ${condition.field} was not seen` : JSON.stringify(text);
    }
    case 'age': {
      if (resource.createdAtMs === undefined) return 'its creation time was not seen';
      const created = new Date(resource.createdAtMs).toISOString();
      return `created ${created}, ${ageText(Math.max(0, asOfMs - resource.createdAtMs))} ago`;
    }
    case 'tagCount':
      return resource.tags === undefined ? 'its tags were not seen' : `${resource.tags.length} tags`;
    default:
      return '';
  }
}

/** An age in whole days, from two days up, else in hours, else in minutes: `327d`, `30h`, `5m`. */
function ageText(ageMs: number): string {
  const unit = (['d', 'h'] as const).find((one) => ageMs >= 2 * DURATION_UNITS_MS[one]) ?? 'm';
  return `${Math.floor(ageMs / DURATION_UNITS_MS[unit])}${unit}`;
}
