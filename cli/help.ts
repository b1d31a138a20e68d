import type { OptionSpecs } from './arguments.ts';
import type { Command } from './command.ts';
import type { Io } from './io.ts';

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
    `  tagsweep plan policies/strip-ci-markers.yaml          ${paint.dim('# read-only: what would go, and why')}`,
    `  tagsweep plan POLICY --out plan.json                  ${paint.dim('# keep the plan for a review')}`,
    `  tagsweep apply plan.json --log-file tagsweep.jsonl    ${paint.dim('# apply exactly that; undo can put it back')}`,
    '',
    'Nothing is removed unless you say apply, and nothing before it is in the journal.',
    `Help for one command: ${paint.cyan('tagsweep COMMAND --help')}`,
    '',
  );
  return lines.join('\n');
}

/** The page that `tagsweep COMMAND --help` shows. */
export function commandHelp(
  command: Command,
  shared: Readonly<Record<string, OptionSpecs>>,
  paint: Io['paint'],
): string {
  const lines = [`${paint.bold('Usage')}  tagsweep ${command.usage}`, '', command.description];
  const own = Object.fromEntries(
    Object.entries(command.options).filter(([name]) => !Object.values(shared).some((specs) => name in specs)),
  );
  for (const [title, specs] of Object.entries({ Options: own, ...shared })) {
    const rows = Object.entries(specs).filter(([name]) => name in command.options);
    if (rows.length === 0) continue;
    lines.push('', paint.bold(title), ...optionLines(rows, paint));
  }
  if (command.examples.length > 0) {
    const width = Math.max(...command.examples.map(({ line }) => line.length));
    lines.push('', paint.bold('Examples'));
    for (const { line, says } of command.examples) {
      lines.push(`  tagsweep ${line.padEnd(width)}  ${paint.dim(`# ${says}`)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

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
