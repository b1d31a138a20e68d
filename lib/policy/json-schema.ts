import * as z from 'zod';
import { policySchema } from './schema.ts';

/** The JSON Schema of a policy document as it is written, with a text for each key that an editor shows. */
export function policyJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(policySchema, { io: 'input', target: 'draft-7', reused: 'inline' });
  return { ...schema, title: 'tagsweep policy' };
}
