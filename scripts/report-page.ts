import { REPORT_PARTS } from '../lib/report/parts.ts';

/** `docs/report.md`: each part of the report, its field in the record, and what it means. */
export function reportPage(): string {
  const rows = REPORT_PARTS.map(
    ({ path, field, meaning }) => `| \`${path}\` | ${code(field)} | ${meaning} |`,
  );
  return [
    '# The report',
    '',
    'What the function returns, what `--json` prints, and what the record `run_completed` carries under the names of the second column;',
    'what records have beside is in [audit.md](audit.md). `tagsweep schema report` prints the JSON Schema, which is also',
    '[report.schema.json](report.schema.json). Every planned tag has one end: `planned` = `removed` + `absent` + `stale` + `vanished` + `ended` +',
    '`failed` + `notReached`, in an undo with `restored` in place of `removed`.',
    '',
    'Written by `npm run schema` from `lib/report/report.ts`.',
    '',
    '| part | field of `run_completed` | meaning |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function code(field: string | undefined): string {
  return field === undefined ? '' : `\`${field}\``;
}
