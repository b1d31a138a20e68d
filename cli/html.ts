import { limitUses } from '../lib/plan/limits.ts';
import type { Plan } from '../lib/plan/types.ts';
import { safeText } from '../lib/text.ts';
import { count, counted, duration, percent } from './numbers.ts';
import { type PlanSummary, summarizePlan } from './plan-summary.ts';
import type { PlanView } from './render-plan.ts';

/** A page with more rows than this helps nobody; the plan file has them all. */
const MAX_ROWS = 20_000;

/**
 * A plan as one web page to send around for a review: no script, nothing loaded from elsewhere.
 *
 * Keys and values are escaped for the page, and what a reader's eye would miss is spelt out.
 */
export function planPage(view: PlanView): string {
  const { plan, warnings } = view;
  const summary = summarizePlan(plan);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Plan of ${html(plan.policy.name)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Plan of ${html(plan.policy.name)}</h1>
<p class="digest">${html(plan.digest)}<br>made ${html(plan.createdAt)}${plan.accountId === undefined ? '' : `, account ${html(plan.accountId)}`}</p>
${plan.inventory.complete ? '' : '<p class="bad">The inventory is not complete: this plan cannot be applied.</p>'}
${figures(view)}
${warnings.length === 0 ? '' : `<h2>Warnings</h2><ul>${warnings.map((warning) => `<li>${html(warning)}</li>`).join('')}</ul>`}
<h2>What goes</h2>
${keysTable(summary)}
<h2>Where</h2>
${placesTable(summary)}
${boundReasons(view)}<h2>Every tag</h2>
${removalsTable(plan)}
</body>
</html>
`;
}

function boundReasons({ boundReasons: reasons }: PlanView): string {
  if (reasons.length === 0) return '';
  const items = reasons.map((reason) => `<li>${html(reason)}</li>`).join('');
  return `<details><summary>Why not fewer calls</summary><ul>${items}</ul></details>\n`;
}

function figures({ plan, limits, untagMs }: PlanView): string {
  const seen = plan.inventory.resourcesSeen;
  const used = limitUses(plan, limits).map(({ limit, planned, allowed, isPassed }) => {
    const note = isPassed ? ', passed: apply would be refused' : '';
    if (limit === 'maxPercent') {
      const what = `of ${counted(seen, 'resource')} seen`;
      return figure(percent(planned, seen), what, `limit ${allowed} %${note}`, isPassed);
    }
    const what = limit === 'maxTags' ? 'tags' : 'resources';
    return figure(count(planned), what, `limit ${count(allowed)}${note}`, isPassed);
  });
  const cost = [
    figure(count(plan.calls.untag), 'calls', boundNote(plan)),
    figure(duration(untagMs), 'at the allowed pace', ''),
  ];
  return `<section class="figures">${[...used, ...cost].join('')}</section>`;
}

function boundNote({ calls }: Plan): string {
  return calls.untag === calls.lowerBound
    ? 'certified minimum'
    : `at least ${count(calls.lowerBound)} are needed`;
}

function figure(value: string, what: string, note: string, isBad = false): string {
  return `<div${isBad ? ' class="bad"' : ''}><b>${html(value)}</b> ${html(what)}<small>${html(note)}</small></div>`;
}

function keysTable({ keys }: PlanSummary): string {
  const rows = keys.slice(0, MAX_ROWS).map(({ key, rule, tags, distinctValues, examples }) => {
    const values = examples.map(({ value }) => `${valueCell(value)}`).join(' ');
    const others = distinctValues - examples.length;
    const more = others > 0 ? ` and ${count(others)} more` : '';
    return `<tr><td><code>${html(key)}</code></td><td class="n">${count(tags)}</td><td>${values}${more}</td><td>${html(rule)}</td></tr>`;
  });
  return htmlTable(['key', { number: 'tags' }, 'values', 'removed by'], rows);
}

function placesTable({ places }: PlanSummary): string {
  const rows = places.map(
    ({ region, type, resources, tags, calls }) =>
      `<tr><td>${html(region)}</td><td>${type}</td><td class="n">${count(resources)}</td><td class="n">${count(tags)}</td><td class="n">${count(calls)}</td></tr>`,
  );
  return htmlTable(
    ['region', 'type', { number: 'resources' }, { number: 'tags' }, { number: 'calls' }],
    rows,
  );
}

function removalsTable({ removals }: Plan): string {
  const rows: string[] = [];
  let left = 0;
  for (const { region, type, id, tags } of removals) {
    for (const { key, value, rule } of tags) {
      if (rows.length === MAX_ROWS) left += 1;
      else {
        rows.push(
          `<tr><td>${html(region)}</td><td>${type}</td><td><code>${html(id)}</code></td><td><code>${html(key)}</code></td><td>${valueCell(value)}</td><td>${html(rule)}</td></tr>`,
        );
      }
    }
  }
  const note = left > 0 ? `<p>… and ${counted(left, 'tag')} more: the plan file has them all.</p>` : '';
  return `${htmlTable(['region', 'type', 'resource', 'key', 'value', 'removed by'], rows)}${note}`;
}

/** A value, or what stands for one that is empty. */
function valueCell(value: string): string {
  return value === '' ? '<i>empty</i>' : `<code>${html(value)}</code>`;
}

type Head = string | { readonly number: string };

function htmlTable(heads: readonly Head[], rows: readonly string[]): string {
  const cells = heads.map((head) =>
    typeof head === 'string' ? `<th>${head}</th>` : `<th class="n">${head.number}</th>`,
  );
  return `<table><thead><tr>${cells.join('')}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`;
}

function html(text: string): string {
  return safeText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.digest { opacity: .7; font: 12px ui-monospace, monospace; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; }
.figures div { border: 1px solid #8886; border-radius: .5rem; padding: .6rem 1rem; }
.figures b { font-size: 1.4rem; } .figures small { display: block; opacity: .7; }
.bad { color: #c22; font-weight: 600; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; position: sticky; top: 0; background: Canvas; }
td, th { padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #8883; vertical-align: top; }
.n { text-align: right; font-variant-numeric: tabular-nums; } code { overflow-wrap: anywhere; }
`;
