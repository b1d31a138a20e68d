import type { Command } from './command.ts';
import type { CommandSummary } from './help.ts';

/** The commands as the overview shows them. */
export const GROUPS: Readonly<Record<string, readonly CommandSummary[]>> = {
  'Write policies': [{ name: 'validate', summary: 'check policies, every fault with its line and column' }],
};

/** Each command is loaded when it is called, so that none waits for the modules of another. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  validate: async () => (await import('./commands/validate.ts')).command,
};
