import type { Diagnosis } from '../lib/doctor/doctor.ts';
import type { Finding } from '../lib/doctor/finding.ts';
import { ITEMS, type ItemName } from '../lib/doctor/items.ts';
import { safeText } from '../lib/text.ts';
import type { Paint } from './io.ts';
import { counted } from './numbers.ts';
import { table } from './table.ts';

/** What was found, what was learned, and what to do next. */
export function renderDiagnosis(
  { findings, profile, calls }: Diagnosis,
  paint: Paint,
  out: string | undefined,
): string {
  const regions = Object.entries(profile.regions).map(([region, items]) => {
    const rows = Object.entries(items).map(([name, { value }]) => [
      ITEMS[name as ItemName].question,
      paint.bold(safeText(String(value))),
    ]);
    const heading = `${paint.bold(safeText(region))}  ${paint.dim(counted(calls[region] ?? 0, 'call'))}`;
    const own = renderFindings(
      findings.filter((finding) => finding.region === region),
      paint,
    );
    const learned = rows.length === 0 ? '' : `\n${table(LEARNED_COLUMNS, rows, paint)}\n`;
    return `${heading}\n${own}${learned}`;
  });
  const elsewhere = findings.filter(({ region }) => region === undefined || !(region in profile.regions));
  return `${[...(elsewhere.length > 0 ? [renderFindings(elsewhere, paint)] : []), ...regions].join('\n')}\n${ending(findings, paint, out)}`;
}

const LEARNED_COLUMNS = [
  { head: 'learned', fit: 'wrap' },
  { head: '', fit: 'wrap' },
] as const;

const MARKS = { passed: '✔', warned: '!', failed: '✘', learned: '·' } as const;

/** One line each, and under those that did not pass what to do. */
export function renderFindings(findings: readonly Finding[], paint: Paint): string {
  const color = { passed: paint.green, warned: paint.yellow, failed: paint.red, learned: paint.dim };
  return findings
    .map(({ check, status, text, todo }) => {
      const line = `  ${color[status](MARKS[status])} ${paint.dim(check)}  ${safeText(text)}`;
      return todo === undefined ? `${line}\n` : `${line}\n      → ${safeText(todo)}\n`;
    })
    .join('');
}

function ending(findings: readonly Finding[], paint: Paint, out: string | undefined): string {
  const failed = findings.filter(({ status }) => status === 'failed').length;
  const verdict =
    failed > 0
      ? paint.red(`${counted(failed, 'thing')} to mend before anything is applied.`)
      : paint.green('Nothing stands in the way of a plan.');
  const next =
    out === undefined
      ? 'tagsweep doctor --out tagsweep.profile.json keeps what was learned'
      : `TAGSWEEP_PROFILE=${safeText(out)} lets runs use it; it is good for 90 days`;
  return `${verdict}\n${paint.dim(`Next: tagsweep plan POLICY; ${next}.`)}\n`;
}
