import { compileKeyTest } from '../policy/key-test.ts';
import type { Policy, Protection, RemoveRule } from '../policy/policy.ts';
import { compileWildcards } from '../policy/wildcard.ts';
import type { Resource, ResourceRef } from '../resource.ts';
import { createJudge, protectionsAt } from './judge.ts';
import { inScope } from './scope.ts';
import { stepsText, type Trace, traceCondition, traceTests } from './trace.ts';
import type { Decision, Truth } from './types.ts';

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
  /** One sentence: what change would turn the verdict. What the whole resource was asked stands in `selection` and `asked`. */
  readonly change: string;
}

interface Case {
  readonly policy: Policy;
  readonly resource: Resource;
  readonly asOfMs: number;
  readonly selection: Trace | undefined;
}

/**
 * Explains each tag of a resource: removed or kept, by which rule, with the values that were seen.
 *
 * @param asOfMs The instant that ages and dates are measured against, epoch milliseconds.
 */
export function explainResource(policy: Policy, resource: Resource, asOfMs: number): Explanation {
  const selection = policy.select && traceCondition(policy.select, resource, asOfMs);
  const about: Case = { policy, resource, asOfMs, selection };
  const { region, type, id, name } = resource;
  return {
    resource: { region, type, id, ...(name !== undefined && { name }) },
    scope: inScope(policy.scope, resource),
    ...(selection && { selection }),
    tags: createJudge(policy, asOfMs)
      .decide(resource)
      .map((decision) => explainTag(about, decision)),
    unseen: unseenOf(resource),
  };
}

function explainTag(about: Case, decision: Decision): TagExplanation {
  const { policy, resource, asOfMs } = about;
  const rules = policy.remove.filter((rule) => compileKeyTest(rule.keys)(decision.key));
  const protections = [...protectionsAt(policy, asOfMs).values()].filter(
    ({ keys }) => keys === undefined || compileWildcards(keys)(decision.key),
  );
  const asked = [
    ...protections.flatMap(({ label, resources }) =>
      resources ? [{ label, trace: traceCondition(resources, resource, asOfMs) }] : [],
    ),
    ...rules.flatMap(({ label, when }) =>
      when ? [{ label, trace: traceTests(when, decision.value, asOfMs) }] : [],
    ),
  ];
  return { ...decision, asked, change: changeOf(about, decision, rules, protections, asked) };
}

function changeOf(
  about: Case,
  decision: Decision,
  rules: readonly RemoveRule[],
  protections: readonly Protection[],
  asked: TagExplanation['asked'],
): string {
  const traceOf = (label: string | undefined) => asked.find((one) => one.label === label)?.trace;
  const steps = (trace: Trace | undefined) => (trace ? stepsText(trace) : 'it holds for every resource');
  const either = rules.length > 0 ? '' : ', and if a rule under remove named it, which none does';
  switch (decision.reason) {
    case 'reservedKey':
      return 'Nothing turns this: keys that begin with acs: or aliyun belong to the cloud.';
    case 'kubernetesKey':
      return `Kubernetes needs this key; it would go only if unprotect named ${decision.key} exactly and a rule named it.`;
    case 'outOfScope':
      return `It would be looked at if the scope held ${outsideText(about)}.`;
    case 'protected': {
      const protection = protections.find(({ label }) => label === decision.rule);
      const trace = traceOf(decision.rule);
      const lapse =
        protection?.untilMs === undefined ? '' : `, or after ${new Date(protection.untilMs).toISOString()}`;
      const lifted = trace ? 'no longer held' : 'did not name the key';
      return `It could go if ${decision.rule} ${lifted}${lapse}${either}.`;
    }
    case 'protectionUnknown':
      return `It stays until ${decision.rule} can be decided.`;
    case 'notSelected':
      return `It could go if the resource were selected${either}.`;
    case 'selectionUnknown':
      return about.selection?.truth === 'unknown'
        ? `It stays until the selection can be decided${either}.`
        : `It stays until the resource group is seen, which the scope asks for${either}.`;
    case 'valueUnknown':
      return `It stays while its value cannot be read as ${decision.rule} asks: ${steps(traceOf(decision.rule))}.`;
    case 'noRule': {
      const near = rules.find(({ when }) => when !== undefined);
      if (!near) return 'It would go if a rule under remove named its key, which none does.';
      return `It would go if its value passed ${near.label}, which fails on ${steps(traceOf(near.label))}.`;
    }
    case 'matched': {
      const when = traceOf(decision.rule);
      const value = when ? `, if its value no longer passed ${steps(when)}` : '';
      const selected = about.selection ? ', if the resource were no longer selected' : '';
      return `It would stay if a protection named it${selected}${value}, or without ${decision.rule}.`;
    }
  }
}

function outsideText({ policy, resource }: Case): string {
  const { regions, resourceTypes } = policy.scope;
  if (!resourceTypes.includes(resource.type)) return `the resource type ${resource.type}`;
  if (regions !== 'all' && !regions.includes(resource.region)) return `the region ${resource.region}`;
  return `the resource group ${resource.resourceGroupId}`;
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
