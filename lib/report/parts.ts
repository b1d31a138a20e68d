import * as z from 'zod';
import { recordFields, reportSchema } from './report.ts';

/** One part of the report: a value that stands for itself, or a list. */
export interface ReportPart {
  /** Such as `tags.removed`. */
  readonly path: string;
  readonly meaning: string;
  /** The field of `run_completed` that carries it. */
  readonly field?: string;
}

/** Every part of the report, in the order in which it is described. */
export const REPORT_PARTS: readonly ReportPart[] = partsOf(reportSchema, '');

function partsOf(object: z.ZodObject, above: string): readonly ReportPart[] {
  return Object.entries(object.shape as Record<string, z.ZodType>).flatMap(([name, schema]) => {
    const path = `${above}${name}`;
    const layers = layersOf(schema);
    const inner = layers.at(-1);
    const field = layers.map((layer) => recordFields.get(layer)?.field).find((one) => one !== undefined);
    if (inner instanceof z.ZodObject && field === undefined) return partsOf(inner, `${path}.`);
    const meaning = layers.map((layer) => layer.description).find((one) => one !== undefined) ?? '';
    return [{ path, meaning, ...(field !== undefined && { field }) }];
  });
}

/** A schema and what it wraps, such as the list within a list with a default. */
function layersOf(schema: z.ZodType): readonly z.ZodType[] {
  const inner = (schema.def as { innerType?: z.ZodType }).innerType;
  return inner === undefined ? [schema] : [schema, ...layersOf(inner)];
}

/** The value at a part's path; undefined where the report leaves it out. */
export function valueAt(report: object, { path }: ReportPart): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], report);
}
