import { createHash } from 'node:crypto';
import * as z from 'zod';
import { CleanupError } from '../errors.ts';
import { REGION_ID, RESOURCE_TYPES, type ResourceRef, resourceKey, type Tag } from '../resource.ts';
import { encodeJson } from '../text.ts';
import type { Collected } from './collect.ts';

const DAY_MS = 86_400_000;

const text = z.string().max(1024);
const planSchema = z.strictObject({
  formatVersion: z.literal(1),
  action: z.literal('put'),
  undoOf: text.min(1),
  accountId: text.exactOptional(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  puts: z.array(
    z.strictObject({
      region: z.string().regex(REGION_ID, 'is no region id such as cn-hangzhou'),
      resourceType: z.enum(RESOURCE_TYPES),
      resourceId: text.min(1),
      tags: z.array(z.strictObject({ key: text.min(1), value: text })).min(1),
    }),
  ),
  digest: z.string(),
});

/** An undo that was looked at, and is to be carried out exactly: every key and value that it would write. */
export type UndoPlan = Readonly<z.infer<typeof planSchema>>;

/** One resource and the tags that would be put back on it. */
export interface Put extends ResourceRef {
  readonly tags: readonly Tag[];
}

/** Makes the plan of an undo; it may be carried out for a day. */
export function buildUndoPlan(
  undoOf: string,
  puts: readonly Put[],
  { nowMs, accountId }: { readonly nowMs: number; readonly accountId?: string | undefined },
): UndoPlan {
  const plan = {
    formatVersion: 1 as const,
    action: 'put' as const,
    undoOf,
    ...(accountId !== undefined && { accountId }),
    createdAt: new Date(nowMs).toISOString(),
    expiresAt: new Date(nowMs + DAY_MS).toISOString(),
    puts: puts.map(({ region, type, id, tags }) => ({
      region,
      resourceType: type,
      resourceId: id,
      tags: tags.map(({ key, value }) => ({ key, value })),
    })),
  };
  return { ...plan, digest: digestOf(plan) };
}

/** Writes the plan of an undo, one resource a line. */
export function* formatUndoPlan(plan: UndoPlan): Generator<string> {
  const { puts, digest, ...head } = plan;
  yield `{\n${Object.entries(head)
    .map(([name, value]) => `  ${JSON.stringify(name)}: ${encodeJson(value)},\n`)
    .join('')}  "puts": [`;
  for (const [at, put] of puts.entries()) yield `${at === 0 ? '' : ','}\n    ${encodeJson(put)}`;
  yield `\n  ],\n  "digest": ${encodeJson(digest)}\n}\n`;
}

/** Whether a text is meant as the plan of an undo, and not as one of removals. */
export function isUndoPlan(content: string): boolean {
  return /"action"\s*:\s*"put"/.test(content.slice(0, 4096));
}

/**
 * Reads the plan of an undo back, and refuses any that is not as it was written, or is a day old.
 *
 * @param file - how messages name it.
 * @throws {CleanupError} code `INVALID_PLAN_FILE`, or `PLAN_REFUSED` past its end.
 */
export function readUndoPlan(content: string, file: string, nowMs: number): UndoPlan {
  const again = 'Make it again with `tagsweep undo RUN --out FILE`.';
  let document: unknown;
  try {
    document = JSON.parse(content);
  } catch (error) {
    throw new CleanupError('INVALID_PLAN_FILE', `${file}: not JSON, or cut off. ${again}`, { cause: error });
  }
  const parsed = planSchema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined ? '' : `${issue.path.join('.') || 'top level'}: ${issue.message}`;
    throw new CleanupError('INVALID_PLAN_FILE', `${file}: no plan of an undo: ${where}. ${again}`);
  }
  const { digest, ...rest } = parsed.data;
  if (digestOf(rest) !== digest) {
    throw new CleanupError('INVALID_PLAN_FILE', `${file}: it was changed after it was written. ${again}`);
  }
  if (nowMs > Date.parse(rest.expiresAt)) {
    throw new CleanupError(
      'PLAN_REFUSED',
      `${file}: it could be carried out until ${rest.expiresAt}. Nothing was put back. ${again}`,
    );
  }
  return parsed.data;
}

function digestOf(plan: Omit<UndoPlan, 'digest'>): string {
  const { undoOf, accountId = null, createdAt, expiresAt, puts } = plan;
  const hash = createHash('sha256');
  hash.update(`${JSON.stringify(['tagsweep undo plan', 1, undoOf, accountId, createdAt, expiresAt])}\n`);
  for (const { region, resourceType, resourceId, tags } of puts) {
    hash.update(
      `${JSON.stringify([region, resourceType, resourceId, tags.map(({ key, value }) => [key, value])])}\n`,
    );
  }
  return `sha256:${hash.digest('hex')}`;
}

/** Of what the records say, just what a plan names, with its values: a plan cannot put back what was never removed. */
export function keepPlanned(collected: Collected, { puts }: UndoPlan): Collected {
  const planned = new Map(
    puts.map(({ region, resourceType, resourceId, tags }) => [
      resourceKey({ region, type: resourceType, id: resourceId }),
      new Map(tags.map(({ key, value }) => [key, value])),
    ]),
  );
  const valueKept: boolean[] = [];
  const asked: boolean[] = [];
  let slot = 0;
  const changes = collected.changes.flatMap((change) => {
    const own = planned.get(resourceKey(change));
    const tags = change.tags.filter((tag) => {
      const at = slot++;
      if (own?.get(tag.key) !== tag.value) return false;
      valueKept.push(collected.valueKept[at] === true);
      asked.push(collected.asked[at] === true);
      return true;
    });
    return tags.length === 0 ? [] : [{ ...change, tags }];
  });
  return { changes, valueKept, asked };
}
