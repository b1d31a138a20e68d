import { policyJsonSchema } from '../../lib/policy/json-schema.ts';
import { encodeJson } from '../../lib/text.ts';
import type { Command } from '../command.ts';

export const command: Command = {
  usage: 'schema',
  description:
    'Prints the JSON Schema of a policy, for an editor or another program.\nIn a policy, this first line makes editors check and complete it:\n  # yaml-language-server: $schema=./schema.json',
  options: {},
  examples: [{ line: 'schema > policies/schema.json', says: 'beside the policies' }],
  words: { least: 0, most: 0 },
  run: async (_args, io) => {
    io.out(`${encodeJson(policyJsonSchema(), 2)}\n`);
    return 0;
  },
};
