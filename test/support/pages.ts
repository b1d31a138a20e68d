import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Window } from 'happy-dom';
import { planView } from '../../cli/plan-view.ts';
import { pageDocument } from '../../lib/pages/document.ts';
import { fleetPage } from '../../lib/pages/fleet-page.ts';
import type { FleetPage, Page, PlanPage, RunPage } from '../../lib/pages/model.ts';
import { planPage } from '../../lib/pages/plan-page.ts';
import { runPage } from '../../lib/pages/run-page.ts';
import { pageSummary } from '../../lib/pages/summary.ts';
import type { Plan } from '../../lib/plan/types.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Resource } from '../../lib/resource.ts';
import { planCleanup, runCleanup } from '../../lib/run/cleanup.ts';
import { readTrustedRun } from '../../lib/run/trusted-run.ts';
import type { Language } from '../../lib/words/words.ts';
import { aPolicy } from './builders.ts';
import { ROOT } from './cli.ts';
import { fakeEci } from './fake-eci.ts';
import { aRequest, aWorld } from './runs.ts';
import { virtualClock } from './virtual-clock.ts';

/** The page of what a policy removes from these resources, and its plan. */
export async function aPlanPage(
  resources: readonly Resource[],
  part: Readonly<Record<string, unknown>> = {},
  { language = 'en', earlier }: { readonly language?: Language; readonly earlier?: Plan } = {},
): Promise<{ readonly page: PlanPage; readonly plan: Plan }> {
  const policy = aPolicy({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['ContainerGroup'] }, ...part });
  const planned = await planCleanup(
    aRequest({ policy }),
    { eci: fakeEci({ resources }), audit: null, clock: virtualClock(), chance: () => 0.5 },
    { identity: {} },
  );
  const page = planPage({
    ...planView(planned, policy),
    policy,
    judge: planned.judge,
    inventory: planned.inventory,
    ...(planned.refusal && { refusal: planned.refusal.message }),
    commands: [{ says: 'applyFile', line: 'tagsweep apply plan.json' }],
    language,
    version: '0.0.0',
    ...(earlier && { earlier }),
  });
  return { page, plan: planned.plan };
}

/** The page of a run that removed what a policy says from these resources. */
export async function aRunPage(
  resources: readonly Resource[],
  part: Readonly<Record<string, unknown>> = {},
  language: Language = 'en',
): Promise<RunPage> {
  const policy = aPolicy({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['ContainerGroup'] }, ...part });
  const { ports, log } = aWorld(resources);
  const report = await runCleanup(aRequest({ policy }), ports, { identity: {} });
  const run = await readTrustedRun(report.runId, { audit: log }, 'all');
  const undo = { says: 'undoNote', line: `tagsweep undo ${report.runId}` } as const;
  return runPage({ run, undo, language, version: '0.0.0' });
}

/** The page of a fleet, held against these policies. */
export function aFleetPage(
  resources: readonly Resource[],
  policies: readonly Policy[] = [],
  language: Language = 'en',
): FleetPage {
  return fleetPage({
    inventory: { complete: true, regions: ['cn-hangzhou'], resources, gaps: [], warnings: [] },
    policies,
    policiesDir: 'policies',
    asOfMs: Date.parse('2026-06-01T00:00:00Z'),
    language,
    version: '0.0.0',
  });
}

/** A page as the file that is sent around, with the front end as it was built. */
export function writtenPage(page: Page): string {
  const frontEnd = { script: readBuilt('page.js'), style: readBuilt('style.css') };
  return [...pageDocument(page, pageSummary(page), frontEnd)].join('');
}

function readBuilt(name: string): string {
  const file = join(ROOT, 'dist/pages', name);
  if (!existsSync(file)) throw new Error(`${file} is missing: npm run build`);
  return readFileSync(file, 'utf8').trimEnd();
}

/** A page as a browser has it once its script ran; only what its policy lets run is run. */
export function openPage(text: string): Window {
  const window = new Window({
    url: 'file:///page.html',
    settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true },
  });
  const { script, allowed } = scriptOf(text);
  if (!allowed) throw new Error('The page names another script than it holds.');
  // What is parsed here is not run: the script is, by name.
  const inert = text.replace(`<script>${script}</script>`, () => '');
  window.document.write(inert);
  window.eval(script);
  return window;
}

/** The one script of a page, and whether its policy lets it run. */
export function scriptOf(text: string): { readonly script: string; readonly allowed: boolean } {
  const script = /<script>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '';
  const hash = createHash('sha256').update(script).digest('base64');
  return { script, allowed: text.includes(`script-src 'sha256-${hash}'`) };
}
