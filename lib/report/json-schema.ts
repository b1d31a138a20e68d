import * as z from 'zod';
import { reportSchema } from './report.ts';

/** The JSON Schema of a report, as the handler returns it and `--json` prints it. */
export function reportJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(reportSchema, {
    io: 'output',
    target: 'draft-7',
    reused: 'inline',
    // What stands in for a part that an older function left out is the reader's affair.
    override: ({ jsonSchema }) => {
      delete jsonSchema.default;
    },
  });
  return { ...schema, title: 'tagsweep report' };
}
