import type { Finding, KeyUse } from '../fleet/findings.ts';
import { NEARLY_FULL, surveyFleet } from '../fleet/findings.ts';
import { policyOfFinding } from '../fleet/first-policy.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Policy } from '../policy/policy.ts';
import { isReservedKey } from '../policy/reserved.ts';
import { compareText, type Resource } from '../resource.ts';
import { safeLines, safeText } from '../text.ts';
import type { Language } from '../words/words.ts';
import type { FleetFinding, FleetKey, FleetPage } from './model.ts';

/** A fleet as it was read, and the policies that its keys are held against. */
export interface FleetPageSource {
  readonly inventory: Pick<Inventory, 'complete' | 'regions' | 'resources' | 'gaps' | 'warnings'>;
  readonly policies: readonly Policy[];
  readonly policiesDir: string;
  readonly accountId?: string;
  /** When it was read, epoch milliseconds. */
  readonly asOfMs: number;
  readonly language: Language;
  readonly version: string;
}

/** Longer lists help nobody; their lengths are told. */
const MOST_KEYS = 1000;
const MOST_KEYS_OF_FINDING = 100;
const MOST_FULL = 200;
/** Each is tried on the whole fleet. */
const MOST_REMEDIES = 40;

/** What the page of a fleet shows: how tags stand today, and the policy that would clean up each finding. */
export function fleetPage(source: FleetPageSource): FleetPage {
  const { inventory, policies, asOfMs, accountId } = source;
  const { resources } = inventory;
  const survey = surveyFleet(resources, policies, asOfMs);
  const full = nearlyFull(resources);
  const names = new Set<string>();
  return {
    kind: 'fleet',
    language: source.language,
    version: source.version,
    ...(accountId !== undefined && { accountId: safeText(accountId) }),
    asOf: new Date(asOfMs).toISOString(),
    complete: inventory.complete,
    regions: inventory.regions.map(safeText),
    resources: survey.resources,
    unseen: survey.unseen,
    tags: survey.tags,
    policies: policies.map(({ name }) => safeText(name)),
    policiesDir: safeText(source.policiesDir),
    warnings: [
      ...inventory.warnings,
      ...inventory.gaps.map(({ region, code, message }) => `${region}: ${code}: ${message}`),
    ].map(safeText),
    keys: survey.keys.slice(0, MOST_KEYS).map(fleetKey),
    keyCount: survey.keys.length,
    byTagCount: survey.byTagCount,
    nearlyFullFrom: NEARLY_FULL,
    findings: survey.findings.map((finding, at) => ({
      kind: finding.kind,
      keys: finding.keys.slice(0, MOST_KEYS_OF_FINDING).map(fleetKey),
      keyCount: finding.keys.length,
      resources: finding.resources,
      tags: finding.tags,
      ...(at < MOST_REMEDIES && remedyOf(finding, names, resources, asOfMs)),
    })),
    full: full.slice(0, MOST_FULL),
    fullCount: full.length,
  };
}

function fleetKey({ key, resources, values, examples, isNamed }: KeyUse): FleetKey {
  return {
    key: safeText(key),
    resources,
    values,
    examples: examples.map(safeText),
    ...(isNamed !== undefined && { isNamed }),
  };
}

function remedyOf(
  finding: Finding,
  names: Set<string>,
  fleet: readonly Resource[],
  asOfMs: number,
): Pick<FleetFinding, 'remedy'> {
  const { policy } = finding;
  if (policy === undefined) return {};
  const name = nameFor(finding, names);
  const { policy: text } = policyOfFinding(name, { ...finding, policy }, fleet, asOfMs);
  return { remedy: { name, text: safeLines(text).trimEnd() } };
}

/** A name that a policy may have, and no other finding has. */
function nameFor({ kind, keys }: Finding, names: Set<string>): string {
  const words = `${kind.replace(/[A-Z]/g, (letter) => `-${letter}`)}-${keys[0]?.key ?? ''}`;
  const plain = words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 55)
    .replace(/-+$/, '');
  let name = plain;
  for (let n = 2; names.has(name); n += 1) name = `${plain}-${n}`;
  names.add(name);
  return name;
}

/** The fullest first. */
function nearlyFull(fleet: readonly Resource[]): FleetPage['full'] {
  const full: FleetPage['full'][number][] = [];
  for (const { region, type, id, name = '', tags = [] } of fleet) {
    const own = tags.filter(({ key }) => !isReservedKey(key)).length;
    if (own >= NEARLY_FULL) {
      full.push({ region: safeText(region), type, id: safeText(id), name: safeText(name), tags: own });
    }
  }
  return full.sort((a, b) => b.tags - a.tags || compareText(a.id, b.id));
}
