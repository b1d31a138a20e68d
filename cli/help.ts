import type { OptionSpecs } from './arguments.ts';
import type { Command, Example } from './command.ts';
import { widthOf, wrapText } from './fit.ts';
import type { Io } from './io.ts';
import { HELP_OPTIONS } from './options.ts';

/** A command as the overview lists it. */
export interface CommandSummary {
  readonly name: string;
  readonly summary: string;
}

/** The page that `tagsweep --help` shows. */
export function overview(
  groups: Readonly<Record<string, readonly CommandSummary[]>>,
  paint: Io['paint'],
): string {
  const lines = [
    `${paint.bold('tagsweep')} removes tags from Alibaba Cloud ECI resources in bulk, under a policy kept as code.`,
    '',
    `${paint.bold('Usage')}  tagsweep COMMAND [options]`,
  ];
  for (const [title, commands] of Object.entries(groups)) {
    lines.push('', paint.bold(title));
    for (const { name, summary } of commands) lines.push(`  ${paint.cyan(name.padEnd(10))} ${summary}`);
  }
  lines.push(
    '',
    `${paint.bold('First steps')}`,
    ...exampleLines(FIRST_STEPS, paint),
    '',
    'Nothing is removed unless you say apply, and nothing before it is in the journal.',
    `Help for one command: ${paint.cyan('tagsweep COMMAND --help')}`,
    '',
  );
  return lines.join('\n');
}

const FIRST_STEPS: readonly Example[] = [
  { line: 'plan policies/strip-ci-markers.yaml', says: 'read-only: what would go, and why' },
  { line: 'plan POLICY --out plan.json', says: 'keep the plan for a review' },
  {
    line: 'apply plan.json --log-file tagsweep.jsonl',
    says: 'apply exactly that; undo can put it back',
  },
];

/** The page that `tagsweep COMMAND --help` shows. */
export function commandHelp(
  command: Command,
  shared: Readonly<Record<string, OptionSpecs>>,
  paint: Io['paint'],
): string {
  const lines = [`${paint.bold('Usage')}  tagsweep ${command.usage}`, '', joinLines(command.description)];
  const own = Object.fromEntries(
    Object.entries(command.options).filter(([name]) => !Object.values(shared).some((specs) => name in specs)),
  );
  for (const [title, specs] of Object.entries({ Options: own, ...shared })) {
    const rows = Object.entries(specs).filter(([name]) => name in command.options || specs === HELP_OPTIONS);
    if (rows.length === 0) continue;
    lines.push('', paint.bold(title), ...optionLines(rows, paint));
  }
  if (command.examples.length > 0) {
    lines.push('', paint.bold('Examples'), ...exampleLines(command.examples, paint));
  }
  return `${lines.join('\n')}\n`;
}

/** A paragraph is one line, which the terminal breaks where it has to; a list below a sentence stays as it is. */
function joinLines(text: string): string {
  return text.replace(/(?<![.:])\n(?! )/g, ' ');
}

/** Command lines with what they are for beside them, or above where there is no room; a broken one can still be run. */
function exampleLines(examples: readonly Example[], paint: Io['paint']): readonly string[] {
  const width = Math.max(...examples.map(({ line }) => line.length));
  const beside = examples.map(
    ({ line, says }) => `  tagsweep ${line.padEnd(width)}  ${paint.dim(`# ${says}`)}`,
  );
  if (beside.every((line) => widthOf(line) <= paint.columns)) return beside;
  return examples.flatMap(({ line, says }) => [
    `  ${paint.dim(`# ${says}`)}`,
    `  ${wrapText(`tagsweep ${line}`, Math.max(1, paint.columns - EXAMPLE_MARGIN)).join(' \\\n    ')}`,
  ]);
}

/** The indentation of a command line that goes on, and the backslash before it. */
const EXAMPLE_MARGIN = 6;

function optionLines(
  rows: readonly (readonly [string, OptionSpecs[string]])[],
  paint: Io['paint'],
): string[] {
  const heads = rows.map(([name, spec]) => {
    const short = spec.short === undefined ? '' : `-${spec.short}, `;
    return `${short}--${name}${spec.type === 'boolean' ? '' : ` ${spec.value ?? 'VALUE'}`}`;
  });
  const width = Math.max(...heads.map((head) => head.length));
  return rows.map(([, spec], index) => `  ${paint.cyan((heads[index] ?? '').padEnd(width))}  ${spec.help}`);
}
