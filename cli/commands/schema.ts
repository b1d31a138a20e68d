import { policyTestJsonSchema } from '../../lib/plan/policy-test-schema.ts';
import { policyJsonSchema } from '../../lib/policy/json-schema.ts';
import { reportJsonSchema } from '../../lib/report/json-schema.ts';
import { encodeJson, safeText } from '../../lib/text.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../io.ts';

/** Loaded when asked for: that of a fleet is the emulator's. */
const SCHEMAS = {
  policy: async () => policyJsonSchema(),
  test: async () => policyTestJsonSchema(),
  report: async () => reportJsonSchema(),
  fleet: async () => (await import('../../emulator/fleet.ts')).fleetJsonSchema(),
};

export const command: Command = {
  usage: 'schema [policy|test|report|fleet]',
  description:
    'Prints the JSON Schema of a policy, for an editor or another program; or that of policy tests, of a\nreport, or of a fleet file of the emulator.\nIn a policy, this first line makes editors check and complete it:\n  # yaml-language-server: $schema=./schema.json',
  options: {},
  examples: [
    { line: 'schema > policies/schema.json', says: 'beside the policies' },
    { line: 'schema test > policies/test.schema.json', says: 'for *.test.yaml' },
    { line: 'schema report', says: 'for a program that reads `--json`' },
  ],
  words: { least: 0, most: 1 },
  run: async ({ positionals: [name = 'policy'] }, io) => {
    if (!isSchema(name))
      throw new UsageError(`There is no schema ${safeText(name)}: ask for policy, test, report or fleet.`);
    io.out(`${encodeJson(await SCHEMAS[name](), 2)}\n`);
    return 0;
  },
};

function isSchema(name: string): name is keyof typeof SCHEMAS {
  return Object.hasOwn(SCHEMAS, name);
}
