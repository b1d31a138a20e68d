import type { Inventory } from '../inventory/inventory.ts';
import { diffPlans } from '../plan/diff.ts';
import { limitUses, PERCENT_FROM_RESOURCES } from '../plan/limits.ts';
import { compareResources } from '../plan/order.ts';
import type { Judge, Plan, Removal } from '../plan/types.ts';
import type { Limits, Policy } from '../policy/policy.ts';
import { compareText, type Resource, resourceKey } from '../resource.ts';
import { safeText } from '../text.ts';
import type { Language } from '../words/words.ts';
import type { Bar, CommandLine, EarlierPlan, Fate, KeptGroup, LimitBar, PlanPage } from './model.ts';
import { policyLines } from './policy-lines.ts';
import { type ListedTag, writeTagRows } from './tag-rows.ts';

/** A plan that was just made, and what is known beside it. */
export interface PlanPageSource {
  readonly plan: Plan;
  readonly policy: Pick<Policy, 'mode' | 'limits'>;
  /** Of the same policy at the instant of the plan; says why tags stay. */
  readonly judge: Judge;
  readonly inventory: Pick<Inventory, 'resources'>;
  readonly warnings: readonly string[];
  readonly boundReasons: readonly string[];
  readonly reading: string;
  readonly isCutByCanary: boolean;
  readonly readingsBefore: number;
  readonly untagMs: number;
  /** Why it could not be applied as it is. */
  readonly refusal?: string;
  readonly commands: readonly CommandLine[];
  readonly language: Language;
  readonly version: string;
  /** A plan that was made before, to be held against it. */
  readonly earlier?: Plan;
}

/** What the page of a plan shows. */
export function planPage(source: PlanPageSource): PlanPage {
  const { plan, policy, refusal, earlier } = source;
  const compared = earlier && comparePlans(plan, earlier);
  const list = writeTagRows();
  const kept = createKeptCount();
  const removals = new Map<string, Removal>();
  for (const removal of plan.removals) removals.set(resourceKey(removal), removal);
  const going = createBars();
  let keptOf = 0;
  for (const resource of inOrder(source.inventory.resources)) {
    if (resource.tags === undefined) continue;
    keptOf += 1;
    const key = resourceKey(resource);
    const removal = removals.get(key);
    const tags = listTags(resource, removal, source.judge, compared?.isNew);
    kept.add(resource, tags);
    if (removal === undefined) continue;
    removals.delete(key);
    going.add(removal);
    list.add(resource, resource.name ?? '', tags);
  }
  // Of an inventory that was read by id in part, or a plan that was not made here.
  for (const removal of removals.values()) {
    going.add(removal);
    list.add(removal, removal.name ?? '', goingTags(removal, compared?.isNew));
  }
  const { calls, inventory } = plan;
  return {
    kind: 'plan',
    language: source.language,
    version: source.version,
    policy: { name: safeText(plan.policy.name), mode: policy.mode, digest: plan.policy.digest },
    digest: plan.digest,
    ...(plan.accountId !== undefined && { accountId: safeText(plan.accountId) }),
    createdAt: plan.createdAt,
    expiresAt: plan.expiresAt,
    status: statusOf(plan, refusal),
    ...(refusal !== undefined && { refusal: safeText(refusal) }),
    regions: inventory.regions.map(safeText),
    seen: inventory.resourcesSeen,
    tags: going.tags(),
    resources: plan.removals.length,
    calls: { ...calls, readingsBefore: source.readingsBefore },
    isCutByCanary: source.isCutByCanary,
    canary: policy.limits.canary,
    untagMs: source.untagMs,
    limits: limitBars(plan, policy.limits),
    percentFrom: PERCENT_FROM_RESOURCES,
    warnings: source.warnings.map(safeText),
    boundReasons: source.boundReasons.map(safeText),
    reading: safeText(source.reading),
    ...going.bars(),
    kept: kept.groups(),
    keptOf,
    policyLines: policyLines(plan.policy.document, new Map([...going.byLabel(), ...kept.byLabel()])),
    list: list.close(),
    commands: refusal === undefined && plan.removals.length > 0 ? source.commands : [],
    ...(compared && { earlier: compared.page }),
  };
}

function statusOf({ inventory, removals }: Plan, refusal: string | undefined): PlanPage['status'] {
  if (!inventory.complete) return 'incomplete';
  if (refusal !== undefined) return 'refused';
  return removals.length === 0 ? 'nothing' : 'ready';
}

function inOrder(resources: readonly Resource[]): readonly Resource[] {
  for (let at = 1; at < resources.length; at += 1) {
    if (compareResources(resources[at - 1]!, resources[at]!) > 0)
      return [...resources].sort(compareResources);
  }
  return resources;
}

type IsNew = (removal: Removal, key: string) => boolean;

/** What goes is what the plan says; why the rest stays is what the judge says. */
function listTags(
  resource: Resource,
  removal: Removal | undefined,
  judge: Judge,
  isNew: IsNew | undefined,
): readonly ListedTag[] {
  const going = removal === undefined ? [] : goingTags(removal, isNew);
  const keys = new Set(going.map(({ key }) => key));
  const staying = judge.decide(resource).flatMap(({ key, value, verdict, reason, rule }): ListedTag[] => {
    if (keys.has(key)) return [];
    const fate: Fate =
      verdict === 'remove'
        ? { goes: false, reason: 'other' }
        : { goes: false, reason, ...(rule !== undefined && { label: rule }) };
    return [{ key, value, fate }];
  });
  return [...going, ...staying];
}

function goingTags(removal: Removal, isNew: IsNew | undefined): readonly ListedTag[] {
  return removal.tags.map(({ key, value, rule }) => ({
    key,
    value,
    fate: { goes: true, label: rule, ...(isNew?.(removal, key) && { isNew: true as const }) },
  }));
}

function limitBars(plan: Plan, limits: Limits): readonly LimitBar[] {
  const seen = plan.inventory.resourcesSeen;
  return limitUses(plan, limits).map(({ limit, planned, allowed, isLookedAt, isPassed }) => {
    const isPercent = limit === 'maxPercent';
    const value = isPercent ? (planned * 100) / Math.max(seen, 1) : planned;
    const used = allowed === 0 ? (value === 0 ? 0 : 1) : value / allowed;
    return { limit, planned: value, allowed, used, isPercent, isLookedAt, isPassed };
  });
}

interface Count {
  tags: number;
  resources: number;
}

/** Counts under labels; a resource counts once under each. */
function createCounts(): { add(labels: readonly string[]): void; all(): ReadonlyMap<string, Count> } {
  const counts = new Map<string, Count>();
  return {
    add(labels) {
      for (const [at, label] of labels.entries()) {
        const count = counts.get(label) ?? { tags: 0, resources: 0 };
        counts.set(label, count);
        count.tags += 1;
        if (labels.indexOf(label) === at) count.resources += 1;
      }
    },
    all: () => counts,
  };
}

function createBars() {
  const byKey = createCounts();
  const byRule = createCounts();
  const byPlace = createCounts();
  let tags = 0;
  return {
    add(removal: Removal) {
      tags += removal.tags.length;
      byKey.add(removal.tags.map(({ key }) => key));
      byRule.add(removal.tags.map(({ rule }) => rule));
      byPlace.add(removal.tags.map(() => `${removal.region} ${removal.type}`));
    },
    tags: () => tags,
    byLabel: () => [...byRule.all()].map(([label, count]): [string, number] => [label, count.tags]),
    bars: () => ({
      byKey: barsOf(byKey.all()),
      byRule: barsOf(byRule.all()),
      byPlace: barsOf(byPlace.all()),
    }),
  };
}

/** Most tags first. */
export function barsOf(counts: ReadonlyMap<string, Count>): readonly Bar[] {
  return [...counts]
    .map(([label, count]) => ({ label: safeText(label), ...count }))
    .sort((a, b) => b.tags - a.tags || compareText(a.label, b.label));
}

function createKeptCount() {
  const groups = new Map<string, { -readonly [Field in keyof KeptGroup]: KeptGroup[Field] }>();
  return {
    add({ id }: Resource, tags: readonly ListedTag[]) {
      const met = new Set<string>();
      for (const { key, value, fate } of tags) {
        const { goes, reason = 'other', label } = fate;
        if (goes) continue;
        const name = `${reason} ${label}`;
        const group = groups.get(name) ?? {
          reason,
          ...(label !== undefined && { label: safeText(label) }),
          tags: 0,
          resources: 0,
          example: { id: safeText(id), key: safeText(key), value: safeText(value) },
        };
        groups.set(name, group);
        group.tags += 1;
        if (!met.has(name)) group.resources += 1;
        met.add(name);
      }
    },
    byLabel: () =>
      [...groups.values()].flatMap(({ reason, label, tags }): [string, number][] =>
        reason === 'protected' && label !== undefined ? [[label, tags]] : [],
      ),
    groups: (): readonly KeptGroup[] => [...groups.values()].sort((a, b) => b.tags - a.tags),
  };
}

function comparePlans(plan: Plan, earlier: Plan): { readonly page: EarlierPlan; readonly isNew: IsNew } {
  const { onlyA, onlyB, both } = diffPlans(plan, earlier);
  const added = new Map(onlyA.map((one) => [resourceKey(one), new Set(one.tags.map(({ key }) => key))]));
  const gone = writeTagRows();
  for (const removal of onlyB) gone.add(removal, removal.name ?? '', goingTags(removal, undefined));
  return {
    isNew: (removal, key) => added.get(resourceKey(removal))?.has(key) === true,
    page: {
      digest: earlier.digest,
      createdAt: earlier.createdAt,
      isOfOtherPolicy: earlier.policy.digest !== plan.policy.digest,
      isSame: earlier.digest === plan.digest,
      both,
      onlyNew: tagsOf(onlyA),
      onlyEarlier: tagsOf(onlyB),
      gone: gone.close(),
    },
  };
}

function tagsOf(removals: readonly Removal[]): number {
  return removals.reduce((sum, { tags }) => sum + tags.length, 0);
}
