import type { Command } from './command.ts';
import type { CommandSummary } from './help.ts';

/** The commands as the overview shows them. */
export const GROUPS: Readonly<Record<string, readonly CommandSummary[]>> = {
  'Write policies': [
    { name: 'init', summary: 'write a first policy with its tests, from questions or from a fleet' },
    { name: 'validate', summary: 'check policies, every fault with its line and column' },
    { name: 'test', summary: 'run the unit tests of policies' },
    { name: 'schema', summary: 'print the JSON Schema of a policy, for editors' },
  ],
  'Look before': [
    { name: 'plan', summary: 'what would go, and why; keep it for a review' },
    { name: 'explain', summary: 'why each tag of one resource goes or stays' },
    { name: 'fleet', summary: 'how tags stand today, and what could be cleaned up' },
    { name: 'diff', summary: 'what two policies would remove differently' },
  ],
  'Act, and look after': [
    { name: 'apply', summary: 'remove what a policy, or exactly what a saved plan says' },
    { name: 'approve', summary: 'say that a plan may be applied, where its policy asks for that' },
    { name: 'invoke', summary: 'call the deployed function, and print its report' },
    { name: 'verify', summary: 'account again for what a run removed' },
    { name: 'undo', summary: 'put back what a run removed' },
    { name: 'history', summary: 'the runs there were' },
    { name: 'show', summary: 'one run, told whole' },
    { name: 'who', summary: 'who took a tag, when, why, and whether it came back' },
  ],
  'Set up': [
    { name: 'doctor', summary: 'check an account, and learn how its ECI behaves' },
    { name: 'setup', summary: 'make what stands around the function, or take it away' },
    { name: 'ram', summary: 'print the least RAM policy that a policy needs' },
    { name: 'emulator', summary: 'a local stand-in for the cloud, to try things on' },
  ],
};

/** Each command is loaded when it is called, so that none waits for the modules of another. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./commands/init.ts')).command,
  validate: async () => (await import('./commands/validate.ts')).command,
  test: async () => (await import('./commands/test.ts')).command,
  schema: async () => (await import('./commands/schema.ts')).command,
  plan: async () => (await import('./commands/plan.ts')).command,
  explain: async () => (await import('./commands/explain.ts')).command,
  fleet: async () => (await import('./commands/fleet.ts')).command,
  diff: async () => (await import('./commands/diff.ts')).command,
  apply: async () => (await import('./commands/apply.ts')).command,
  approve: async () => (await import('./commands/approve.ts')).command,
  invoke: async () => (await import('./commands/invoke.ts')).command,
  verify: async () => (await import('./commands/verify.ts')).command,
  undo: async () => (await import('./commands/undo.ts')).command,
  history: async () => (await import('./commands/history.ts')).command,
  show: async () => (await import('./commands/show.ts')).command,
  who: async () => (await import('./commands/who.ts')).command,
  doctor: async () => (await import('./commands/doctor.ts')).command,
  setup: async () => (await import('./commands/setup.ts')).command,
  ram: async () => (await import('./commands/ram.ts')).command,
  emulator: async () => (await import('./commands/emulator.ts')).command,
};
