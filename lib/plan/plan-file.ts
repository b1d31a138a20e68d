import * as z from 'zod';
import { CleanupError } from '../errors.ts';
import { POLICY_BOUNDS } from '../policy/fields.ts';
import { parsePolicyDocument } from '../policy/parse.ts';
import type { Policy } from '../policy/policy.ts';
import { REGION_ID, RESOURCE_TYPES } from '../resource.ts';
import { encodeJson } from '../text.ts';
import { planDigest, planFileDigest } from './digest.ts';
import { compareRemovals } from './order.ts';
import { requestLimits } from './request-limits.ts';
import type { Plan, Removal } from './types.ts';
import { verifyBatches } from './verify.ts';

const FORMAT_VERSION = 1;

/** Largest plan file: room for a million resources, and near the longest text that there can be. */
export const MAX_PLAN_BYTES = 500_000_000;

/** Longer than any name or value of the cloud (ECI allows 128 characters in a key or value). */
const MAX_TEXT_LENGTH = 1024;

/** The label of a rule repeats its pattern, or three of them, between quotes. */
const MAX_RULE_LENGTH = 8 * POLICY_BOUNDS.patternLength;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hex digits');
const name = z.string().min(1).max(MAX_TEXT_LENGTH);
const region = z.string().regex(REGION_ID, 'is no region id such as cn-hangzhou');
const count = z.int().min(0);

const planSchema = z.strictObject({
  formatVersion: z.literal(FORMAT_VERSION),
  accountId: name.exactOptional(),
  madeBy: z.string().max(128).exactOptional(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  policy: z.strictObject({ name, digest, document: z.unknown() }),
  inventory: z.strictObject({ complete: z.boolean(), regions: z.array(region), resourcesSeen: count }),
  // JSON knows no infinity.
  requests: z.strictObject({
    resources: z.int().min(1),
    keys: z.int().min(1),
    bytes: z
      .int()
      .min(1)
      .nullable()
      .transform((bytes) => bytes ?? Number.POSITIVE_INFINITY),
  }),
  removals: z.array(
    z.strictObject({
      region,
      resourceType: z.enum(RESOURCE_TYPES),
      resourceId: name,
      resourceName: z.string().exactOptional(),
      tags: z
        .array(
          z.strictObject({
            key: name,
            value: z.string().max(MAX_TEXT_LENGTH),
            rule: z.string().max(MAX_RULE_LENGTH),
          }),
        )
        .min(1),
    }),
  ),
  batches: z.array(
    z.strictObject({
      region,
      resourceType: z.enum(RESOURCE_TYPES),
      resourceIds: z.array(name).min(1),
      tagKeys: z.array(name).min(1),
    }),
  ),
  calls: z.strictObject({ untag: count, lowerBound: count }),
  digest,
  fileDigest: digest,
});

/**
 * Writes a plan as JSON: one removal and one batch a line, so that plans can be compared line by line.
 *
 * In pieces, since the text of a large plan may be longer than a text can be.
 */
export function* formatPlanFile(plan: Plan): Generator<string> {
  const { removals, batches, ...rest } = plan;
  const head = Object.entries(rest).filter(([key]) => !LAST.has(key));
  yield ['{', ...head.map(([key, value]) => `  ${JSON.stringify(key)}: ${encodeJson(value)},`), ''].join(
    '\n',
  );
  yield '  "removals": ';
  yield* lines(removals, ({ region, type, id, name, tags }) => ({
    region,
    resourceType: type,
    resourceId: id,
    ...(name !== undefined && { resourceName: name }),
    tags,
  }));
  yield ',\n  "batches": ';
  yield* lines(batches, ({ region, type, ids, keys }) => ({
    region,
    resourceType: type,
    resourceIds: ids,
    tagKeys: keys,
  }));
  yield `,\n  "calls": ${encodeJson(plan.calls)},\n  "digest": ${encodeJson(plan.digest)},\n`;
  yield `  "fileDigest": ${encodeJson(plan.fileDigest)}\n}\n`;
}

const LAST: ReadonlySet<string> = new Set(['calls', 'digest', 'fileDigest']);

const PIECE_CHARACTERS = 1 << 20;

function* lines<T>(items: readonly T[], write: (item: T) => unknown): Generator<string> {
  let piece = '[';
  for (const [at, item] of items.entries()) {
    piece += `${at === 0 ? '' : ','}\n    ${encodeJson(write(item))}`;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  yield items.length === 0 ? '[]' : `${piece}\n  ]`;
}

/**
 * Reads a plan back, and refuses any that is not exactly what was written: another format, a changed
 * removal, value or rule, another policy, batches that do not cover it.
 *
 * @param file - how messages name it.
 * @throws {CleanupError} code `INVALID_PLAN_FILE`, with what is wrong and what to do.
 */
export function readPlanFile(text: string, file: string): Plan {
  const plan = parsePlan(parseJson(text, file), file);
  checkOrder(plan, file);
  const policy = checkPolicy(plan, file);
  checkDigest(plan, policy, file);
  checkRequests(plan, policy, file);
  checkBatches(plan, file);
  checkWhole(plan, file);
  return plan;
}

function fault(file: string, what: string, options?: ErrorOptions): CleanupError {
  return new CleanupError('INVALID_PLAN_FILE', `${file}: ${what}`, options);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw fault(file, 'not JSON, or cut off. Write it again with `tagsweep plan POLICY --out FILE`.', {
      cause: error,
    });
  }
}

function parsePlan(document: unknown, file: string): Plan {
  const version = (document as { formatVersion?: unknown } | null)?.formatVersion;
  if (version !== FORMAT_VERSION) {
    throw fault(
      file,
      version === undefined
        ? 'not a plan file: it has no formatVersion. Write one with `tagsweep plan POLICY --out FILE`.'
        : `has format version ${JSON.stringify(version)}, and this program reads version ${FORMAT_VERSION}. Plan again with this version.`,
    );
  }
  const parsed = planSchema.safeParse(document);
  if (!parsed.success) {
    const issues = parsed.error.issues
      .slice(0, 3)
      .map((issue) => `${issue.path.join('.') || 'top level'}: ${issue.message}`);
    throw fault(file, `not a plan as it was written: ${issues.join('; ')}. Plan again.`);
  }
  return {
    ...parsed.data,
    removals: parsed.data.removals.map(
      ({ region, resourceType: type, resourceId: id, resourceName, tags }) => ({
        region,
        type,
        id,
        ...(resourceName !== undefined && { name: resourceName }),
        tags,
      }),
    ),
    batches: parsed.data.batches.map(({ region, resourceType: type, resourceIds: ids, tagKeys: keys }) => ({
      region,
      type,
      ids,
      keys,
    })),
  };
}

function checkOrder({ removals }: Plan, file: string): void {
  removals.forEach((removal, at) => {
    const before = removals[at - 1];
    if (before !== undefined && compareRemovals(before, removal) >= 0) {
      throw fault(file, `removals[${at}] is twice there or out of order. ${EDITED}`);
    }
    if (!hasKeysInOrder(removal)) {
      throw fault(file, `removals[${at}].tags are twice there or out of order. ${EDITED}`);
    }
  });
}

function hasKeysInOrder({ tags }: Removal): boolean {
  return tags.every((tag, at) => at === 0 || tags[at - 1]!.key < tag.key);
}

const EDITED =
  'The file was changed after it was written. Plan again: what is applied is what was reviewed, or nothing.';

function checkDigest(plan: Plan, policy: Policy, file: string): void {
  const computed = planDigest(
    {
      ...(plan.accountId === undefined ? {} : { accountId: plan.accountId }),
      policyDigest: plan.policy.digest,
      inventory: plan.inventory,
      maxPercent: policy.limits.maxPercent,
      requests: plan.requests,
    },
    plan.removals,
  );
  if (computed !== plan.digest) {
    throw fault(file, `its digest is ${plan.digest}, and its content has ${computed}. ${EDITED}`);
  }
}

function checkWhole(plan: Plan, file: string): void {
  const whole = planFileDigest(plan);
  if (whole !== plan.fileDigest) {
    throw fault(
      file,
      `its fileDigest is ${plan.fileDigest}, and the file has ${whole}: a time, a count, a name or a request was changed. ${EDITED}`,
    );
  }
}

function checkPolicy({ policy }: Plan, file: string): Policy {
  const parsed = parsePolicy(policy.document, file);
  if (parsed.digest !== policy.digest || parsed.name !== policy.name) {
    throw fault(
      file,
      `its policy says digest ${policy.digest}, and the document beside it has ${parsed.digest} (name ${JSON.stringify(parsed.name)}). ${EDITED}`,
    );
  }
  return parsed;
}

function parsePolicy(document: unknown, file: string): Policy {
  try {
    return parsePolicyDocument(document, `${file}: policy.document`);
  } catch (error) {
    throw fault(file, `its policy cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** A profile may have made requests smaller than the policy lets them be, and never larger. */
function checkRequests({ requests }: Plan, { batch }: Policy, file: string): void {
  const { resources, keys, bytes } = requestLimits(batch);
  const isWithin =
    requests.resources <= resources &&
    requests.keys <= keys &&
    (requests.bytes <= bytes || requests.bytes === Number.POSITIVE_INFINITY);
  if (!isWithin) throw fault(file, `its requests are larger than its policy lets them be. ${EDITED}`);
}

function checkBatches(plan: Plan, file: string): void {
  if (plan.calls.untag !== plan.batches.length || plan.calls.lowerBound > plan.calls.untag) {
    throw fault(file, `calls do not fit its ${plan.batches.length} batches. ${EDITED}`);
  }
  try {
    // Whether the other pairs are free cannot be seen from the file: the gate asks the live resources.
    verifyBatches({
      removals: plan.removals,
      batches: plan.batches,
      isFree: () => true,
      limits: plan.requests,
    });
  } catch (error) {
    throw fault(file, `${(error as Error).message} ${EDITED}`, { cause: error });
  }
}
