import { policyJsonSchema } from '../../lib/policy/json-schema.ts';
import { reportJsonSchema } from '../../lib/report/json-schema.ts';
import { encodeJson, safeText } from '../../lib/text.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../io.ts';

const SCHEMAS = { policy: policyJsonSchema, report: reportJsonSchema };

export const command: Command = {
  usage: 'schema [policy|report]',
  description:
    'Prints the JSON Schema of a policy, for an editor or another program, or that of a report.\nIn a policy, this first line makes editors check and complete it:\n  # yaml-language-server: $schema=./schema.json',
  options: {},
  examples: [
    { line: 'schema > policies/schema.json', says: 'beside the policies' },
    { line: 'schema report', says: 'for a program that reads `--json`' },
  ],
  words: { least: 0, most: 1 },
  run: async ({ positionals: [name = 'policy'] }, io) => {
    if (!isSchema(name))
      throw new UsageError(`There is no schema ${safeText(name)}: ask for policy or report.`);
    io.out(`${encodeJson(SCHEMAS[name](), 2)}\n`);
    return 0;
  },
};

function isSchema(name: string): name is keyof typeof SCHEMAS {
  return Object.hasOwn(SCHEMAS, name);
}
