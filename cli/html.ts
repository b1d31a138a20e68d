import type { Plan } from '../lib/plan/types.ts';
import { count, counted, duration, percent } from './numbers.ts';
import { type PlanSummary, summarizePlan } from './plan-summary.ts';
import type { PlanView } from './render-plan.ts';
import { safeText } from './safe-text.ts';

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
${figures(view, summary)}
${warnings.length === 0 ? '' : `<h2>Warnings</h2><ul>${warnings.map((warning) => `<li>${html(warning)}</li>`).join('')}</ul>`}
<h2>What goes</h2>
${keysTable(summary)}
<h2>Where</h2>
${placesTable(summary)}
<h2>Every tag</h2>
${removalsTable(plan)}
</body>
</html>
`;
}

function figures({ plan, limits, untagMs }: PlanView, { tags, resources }: PlanSummary): string {
  const seen = plan.inventory.resourcesSeen;
  const boxes = [
    [count(tags), 'tags', `limit ${count(limits.maxTags)}`, tags > limits.maxTags],
    [count(resources), 'resources', `limit ${count(limits.maxResources)}`, resources > limits.maxResources],
    [percent(resources, seen), `of ${counted(seen, 'resource')} seen`, `limit ${limits.maxPercent} %`, false],
    [count(plan.calls.untag), 'calls', `at least ${count(plan.calls.lowerBound)} are needed`, false],
    [duration(untagMs), 'at the allowed pace', '', false],
  ] as const;
  const cells = boxes.map(
    ([figure, what, note, passed]) =>
      `<div class="${passed ? 'bad' : ''}"><b>${html(figure)}</b> ${html(what)}<small>${html(note)}${passed ? ', passed' : ''}</small></div>`,
  );
  return `<section class="figures">${cells.join('')}</section>`;
}

function keysTable({ keys }: PlanSummary): string {
  const rows = keys.slice(0, MAX_ROWS).map(({ key, rule, tags, distinctValues, examples }) => {
    const values = examples.map(({ value }) => `<code>${html(value)}</code>`).join(' ');
    const others = distinctValues - examples.length;
    const more = others > 0 ? ` and ${count(others)} more` : '';
    return `<tr><td><code>${html(key)}</code></td><td class="n">${count(tags)}</td><td>${values}${more}</td><td>${html(rule)}</td></tr>`;
  });
  return htmlTable(['key', 'tags', 'values', 'removed by'], rows);
}

function placesTable({ places }: PlanSummary): string {
  const rows = places.map(
    ({ region, resourceType, resources, tags, calls }) =>
      `<tr><td>${html(region)}</td><td>${resourceType}</td><td class="n">${count(resources)}</td><td class="n">${count(tags)}</td><td class="n">${count(calls)}</td></tr>`,
  );
  return htmlTable(['region', 'type', 'resources', 'tags', 'calls'], rows);
}

function removalsTable({ removals }: Plan): string {
  const rows: string[] = [];
  let left = 0;
  for (const { region, resourceType, resourceId, tags } of removals) {
    for (const { key, value, rule } of tags) {
      if (rows.length === MAX_ROWS) left += 1;
      else {
        rows.push(
          `<tr><td>${html(region)}</td><td>${resourceType}</td><td><code>${html(resourceId)}</code></td><td><code>${html(key)}</code></td><td><code>${html(value)}</code></td><td>${html(rule)}</td></tr>`,
        );
      }
    }
  }
  const note = left > 0 ? `<p>… and ${counted(left, 'tag')} more: the plan file has them all.</p>` : '';
  return `${htmlTable(['region', 'type', 'resource', 'key', 'value', 'removed by'], rows)}${note}`;
}

function htmlTable(heads: readonly string[], rows: readonly string[]): string {
  return `<table><thead><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`;
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
td.n { text-align: right; font-variant-numeric: tabular-nums; } code { overflow-wrap: anywhere; }
`;
