import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import type { CoverGroup } from '../lib/batch/types.ts';
import { createGrouping, type Grouping } from './groups.ts';

/** A workload that cannot be read; the message says where and why. */
export class WorkloadError extends Error {}

const freePairs = z.enum(['absent', 'none']).default('absent');
const resource = z.object({
  id: z.string().min(1),
  type: z.string().min(1),
  region: z.string().min(1),
  tags: z.record(z.string(), z.string()),
  remove: z.array(z.string().min(1)),
});
const header = z.object({ free: freePairs });
const whole = z.object({ resources: z.array(z.unknown()), free: freePairs });

/**
 * Reads a workload: one JSON document, or one resource a line, headed by a line with `free` if wished. Blank lines
 * count for nothing, so that an empty file is a workload without resources.
 */
export async function readWorkload(file: string): Promise<CoverGroup[]> {
  const first = await firstLine(file);
  if (first === undefined) return [];
  const opening = tryJson(first);
  const isLines = isObject(opening) && !('resources' in opening) && ('id' in opening || 'free' in opening);
  return isLines ? readLines(file, opening) : readDocument(file);
}

async function readDocument(file: string): Promise<CoverGroup[]> {
  const text = withoutMark(await readFile(file, 'utf8'));
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new WorkloadError(
      `${file} is neither JSON nor one JSON object a line: ${(error as Error).message}`,
    );
  }
  if (Array.isArray(document)) document = { resources: document };
  const { resources, free } = check(whole, document, file);
  const intake = createIntake(createGrouping(free));
  for (const [i, item] of resources.entries()) intake.add(item, `${file}: resources[${i}]`);
  return intake.finish();
}

async function readLines(file: string, opening: Record<string, unknown>): Promise<CoverGroup[]> {
  let isHeader = !('id' in opening);
  const free = isHeader ? check(header, opening, `${file}:1`).free : 'absent';
  const intake = createIntake(createGrouping(free));
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line++;
    if (text.trim() === '') continue;
    if (isHeader) {
      isHeader = false;
      continue;
    }
    const item = tryJson(line === 1 ? withoutMark(text) : text);
    if (item === undefined) throw new WorkloadError(`${file}:${line}: this line is not JSON.`);
    intake.add(item, `${file}:${line}`);
  }
  return intake.finish();
}

async function firstLine(file: string): Promise<string | undefined> {
  const input = createReadStream(file);
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity }))
      if (text.trim() !== '') return withoutMark(text);
    return undefined;
  } finally {
    input.destroy();
  }
}

/** Without the mark that some editors put before UTF-8. */
function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function createIntake(grouping: Grouping): {
  add(item: unknown, where: string): void;
  finish(): CoverGroup[];
} {
  const seen = new Set<string>();
  return {
    add(item, where) {
      const { id, type, region, tags, remove } = check(resource, item, where);
      const name = `${region}/${type}/${id}`;
      if (seen.has(name))
        throw new WorkloadError(`${where}: ${name} was there before; ids are unique in a region and type.`);
      seen.add(name);
      const going = new Set(remove);
      grouping.add({ id, type, region, remove, keep: Object.keys(tags).filter((key) => !going.has(key)) });
    },
    finish() {
      seen.clear();
      return grouping.finish();
    },
  };
}

function check<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new WorkloadError(`${where}${path.length > 0 ? `: ${path.map(String).join('.')}` : ''}: ${message}`);
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
