import type { Policy } from '../policy/policy.ts';
import type { Resource, ResourceRef, Tag } from '../resource.ts';
import { createJudge } from './judge.ts';
import { inScope } from './scope.ts';
import { type Trace, traceCondition, traceTests } from './trace.ts';
import { protectionsFor, rulesFor, type TagCase, type Turn, turnsOf } from './turn.ts';
import { turnsText } from './turn-text.ts';
import type { Decision, Judge, Truth } from './types.ts';

/** Everything that a policy says of one resource, and why. */
export interface Explanation {
  readonly resource: ResourceRef & { readonly name?: string };
  readonly scope: Truth;
  /** Left out where the policy selects every resource in scope. */
  readonly selection?: Trace;
  /** In the order of the resource's tags; empty where it has none. */
  readonly tags: readonly TagExplanation[];
  /** What was not seen of the resource, in the words of the policy language. */
  readonly unseen: readonly string[];
}

/** One tag: what becomes of it, what was asked, and what would turn it. */
export interface TagExplanation extends Decision {
  /** The rules that name the key and the protections that cover it, as far as they ask for something. */
  readonly asked: readonly { readonly label: string; readonly trace: Trace }[];
  /** The smallest sets of changes that turn the verdict, each of them tried; none where none is known. */
  readonly turns: readonly Turn[];
  /** The same in one sentence: what change would turn the verdict. What the whole resource was asked stands in `selection` and `asked`. */
  readonly change: string;
}

/**
 * Explains each tag of a resource: removed or kept, by which rule, with the values that were seen.
 *
 * @param asOfMs The instant that ages and dates are measured against, epoch milliseconds.
 * @param judge what decides; default: the policy alone, and not what was announced.
 */
export function explainResource(
  policy: Policy,
  resource: Resource,
  asOfMs: number,
  judge: Pick<Judge, 'decide'> = createJudge(policy, asOfMs),
): Explanation {
  const selection = policy.select && traceCondition(policy.select, resource, asOfMs);
  const { region, type, id, name } = resource;
  return {
    resource: { region, type, id, ...(name !== undefined && { name }) },
    scope: inScope(policy.scope, resource),
    ...(selection && { selection }),
    tags: judge
      .decide(resource)
      .map((decision, index) => explainTag(policy, resource, asOfMs, decision, resource.tags![index]!)),
    unseen: unseenOf(resource),
  };
}

function explainTag(
  policy: Policy,
  resource: Resource,
  asOfMs: number,
  decision: Decision,
  tag: Tag,
): TagExplanation {
  const about: TagCase = { policy, resource, tag, asOfMs };
  const asked = [
    ...protectionsFor(about).flatMap(({ label, resources }) =>
      resources ? [{ label, trace: traceCondition(resources, resource, asOfMs) }] : [],
    ),
    ...rulesFor(policy, tag.key).flatMap(({ label, when }) =>
      when ? [{ label, trace: traceTests(when, tag.value, asOfMs) }] : [],
    ),
  ];
  const turns = isForNotice(decision) ? [] : turnsOf(about, decision);
  return { ...decision, asked, turns, change: turnsText(decision, turns, asked) };
}

/** Kept for its notice alone: nothing of the policy or the resource has to change. */
function isForNotice({ reason }: Decision): boolean {
  return reason === 'noticed' || reason === 'unnoticed';
}

function unseenOf(resource: Resource): readonly string[] {
  const unseen: string[] = [];
  if (resource.tags === undefined) unseen.push('tags');
  if (resource.name === undefined) unseen.push('name');
  if (resource.status === undefined) unseen.push('status');
  if (resource.createdAtMs === undefined) unseen.push('age');
  if (resource.resourceGroupId === undefined) unseen.push('resourceGroup');
  return unseen;
}
