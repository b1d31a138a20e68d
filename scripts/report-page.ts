import { CODES } from '../lib/codes.ts';
import { REPORT_PARTS } from '../lib/report/parts.ts';

/** `docs/report.md`: each part of the report, its field in the record, and what it means; each code. */
export function reportPage(): string {
  const rows = REPORT_PARTS.map(
    ({ path, field, meaning }) => `| \`${path}\` | ${code(field)} | ${meaning} |`,
  );
  const codes = Object.entries(CODES).map(
    ([name, { meaning, before, during, exit, passes }]) =>
      `| ${code(name)} | ${meaning} | ${before} | ${during} | ${exit} | ${passes ? 'yes' : 'no'} |`,
  );
  return [
    '# The report',
    '',
    'What the function returns, what `--json` prints, and what the record `run_completed` carries under the names of the second column;',
    'what records have beside is in [audit.md](audit.md). `tagsweep schema report` prints the JSON Schema, which is also',
    '[report.schema.json](report.schema.json). Every planned tag has one end: `planned` = `removed` + `absent` + `stale` + `vanished` + `ended` +',
    '`failed` + `notReached`, in an undo with `restored` in place of `removed`.',
    '',
    'Written by `npm run schema` from `lib/report/report.ts` and `lib/codes.ts`.',
    '',
    '| part | field of `run_completed` | meaning |',
    '|---|---|---|',
    ...rows,
    '',
    '## Codes',
    '',
    'What `code` may be, what a run is that meets it before it has removed anything and in its midst, the exit code of a command that it ends',
    'with nothing changed, and whether the same may go well at another time with nothing mended.',
    '',
    '| code | means | before | in its midst | exit | passes |',
    '|---|---|---|---|---|---|',
    ...codes,
    '',
  ].join('\n');
}

function code(field: string | undefined): string {
  return field === undefined ? '' : `\`${field}\``;
}
