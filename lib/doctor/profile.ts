import * as z from 'zod';
import { CleanupError } from '../errors.ts';
import { REGION_ID, type Region } from '../resource.ts';
import { ITEMS, type ItemName, type ItemValue } from './items.ts';
import type { Learned } from './lab.ts';

/** How long a profile is believed: services change. */
export const PROFILE_DAYS = 90;

const DAY_MS = 24 * 60 * 60 * 1000;

function learnedAs<T extends z.ZodType>(value: T) {
  return z.strictObject({
    value,
    /** RequestIds of the calls that showed it. */
    evidence: z.array(z.string().max(64)).max(10),
    /** The call that was made for it, in words. */
    probe: z.string().max(200),
  });
}

const items = Object.fromEntries(
  Object.entries(ITEMS).map(([name, item]) => [
    name,
    learnedAs('values' in item ? z.enum(item.values) : z.int().nonnegative()).optional(),
  ]),
);

/** The form of `tagsweep.profile.json`. */
const PROFILE = z.strictObject({
  version: z.literal(1),
  /** Left out where the account could not be asked for. */
  account: z
    .string()
    .regex(/^\d{4,20}$/, 'is no account id')
    .optional(),
  /** When it was made; it is good for 90 days. */
  date: z.iso.datetime(),
  regions: z.record(z.string().regex(REGION_ID, 'is no region id'), z.strictObject(items)),
});

/** What is known of one region: each item as it was learned, or left out. */
export type RegionProfile = {
  readonly [Name in ItemName]?: {
    readonly value: ItemValue<Name>;
    readonly evidence: readonly string[];
    readonly probe: string;
  };
};

/** What `doctor` learned of an account. It may make a run cheaper or more patient, never freer. */
export interface Profile {
  readonly version: 1;
  readonly account?: string;
  readonly date: string;
  readonly regions: Readonly<Record<Region, RegionProfile>>;
}

/**
 * Reads a profile.
 *
 * @throws {CleanupError} code `INVALID_SETTING`, with every fault and what to do.
 */
export function readProfile(text: string, file: string): Profile {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new CleanupError(
      'INVALID_SETTING',
      `${file} is no JSON: make it again with tagsweep doctor --out ${file}.`,
    );
  }
  const parsed = PROFILE.safeParse(document);
  if (parsed.success) return parsed.data as Profile;
  const faults = parsed.error.issues
    .slice(0, 10)
    .map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new CleanupError(
    'INVALID_SETTING',
    `${file} is no profile that this version knows; make it again with tagsweep doctor --out ${file}.\n${faults.join('\n')}`,
  );
}

/** A profile as the file that it is kept in. */
export function formatProfile(profile: Profile): string {
  return `${JSON.stringify(profile, undefined, 2)}\n`;
}

/** The profile of what was learned in each region, the latest sighting of an item counting. */
export function toProfile(
  learned: ReadonlyMap<Region, readonly Learned[]>,
  { account, atMs }: { readonly account?: string | undefined; readonly atMs: number },
): Profile {
  const regions = [...learned].map(([region, own]) => [
    region,
    Object.fromEntries(own.map(({ item, value, evidence, probe }) => [item, { value, evidence, probe }])),
  ]);
  return {
    version: 1,
    ...(account !== undefined && { account }),
    date: new Date(atMs).toISOString(),
    regions: Object.fromEntries(regions),
  };
}

/** Why a profile must not be used now, as a sentence; nothing: it may be. */
export function whyNotUsable(
  profile: Profile,
  { account, atMs }: { readonly account?: string | undefined; readonly atMs: number },
): string | undefined {
  const ageMs = atMs - Date.parse(profile.date);
  if (ageMs > PROFILE_DAYS * DAY_MS) {
    return `The profile of ${profile.date.slice(0, 10)} is older than ${PROFILE_DAYS} days and was left aside: run tagsweep doctor again.`;
  }
  if (ageMs < -DAY_MS)
    return `The profile is dated ${profile.date.slice(0, 10)}, which has not come yet, and was left aside: run tagsweep doctor again.`;
  if (profile.account !== undefined && account !== undefined && profile.account !== account) {
    return `The profile is of account ${profile.account}, not of ${account}, and was left aside.`;
  }
  return undefined;
}
