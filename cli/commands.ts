import type { Command } from './command.ts';
import type { CommandSummary } from './help.ts';

/** The commands as the overview shows them. */
export const GROUPS: Readonly<Record<string, readonly CommandSummary[]>> = {
  'Write policies': [
    { name: 'validate', summary: 'check policies, every fault with its line and column' },
    { name: 'schema', summary: 'the JSON Schema of a policy, for editors' },
  ],
  'Run it': [{ name: 'ram', summary: 'the least RAM policy that a policy needs' }],
};

/** Each command is loaded when it is called, so that none waits for the modules of another. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  validate: async () => (await import('./commands/validate.ts')).command,
  schema: async () => (await import('./commands/schema.ts')).command,
  ram: async () => (await import('./commands/ram.ts')).command,
};
