import type { Command } from './command.ts';
import type { CommandSummary } from './help.ts';

/** The commands as the overview shows them. */
export const GROUPS: Readonly<Record<string, readonly CommandSummary[]>> = {};

/** Each command is loaded when it is called, so that none waits for the modules of another. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {};
