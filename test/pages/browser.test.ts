import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page as Tab } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Language } from '../../lib/words/words.ts';
import { aResource } from '../support/builders.ts';
import { aFleetPage, aPlanPage, aRunPage, writtenPage } from '../support/pages.ts';

/** Where systems put it; another place is named by the variable. */
const PLACES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));

const FLEET = Array.from({ length: 60 }, (_, n) =>
  aResource({
    id: `eci-2ze${String(n).padStart(16, '0')}`,
    name: `job-${n}`,
    tags: {
      'ci-run': String(n),
      'ci-pipeline-execution-identifier-of-the-nightly-build': `run/${n}/${'x'.repeat(100)}`,
      team: n % 2 === 0 ? 'search' : 'pay',
      owner: 'someone@example.com',
    },
  }),
);
const POLICY = { protect: [{ keys: ['owner'] }], limits: { maxPercent: 100 } };

const PAGES = {
  plan: async (language: Language) => (await aPlanPage(FLEET, POLICY, { language })).page,
  run: (language: Language) => aRunPage(FLEET, { ...POLICY, remove: [{ key: 'ci-*' }] }, language),
  fleet: async (language: Language) => aFleetPage(FLEET, [], language),
} as const;

const LOOKS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [390, 1280].flatMap((width) =>
    (['en', 'zh-CN'] as const).flatMap((language) =>
      (['plan', 'run', 'fleet'] as const).map((kind) => ({ kind, colorScheme, width, language })),
    ),
  ),
);

let browser: Browser;
let folder: string;

beforeAll(async () => {
  if (executablePath === undefined) {
    process.stderr.write(
      'No Chromium was found (CHROMIUM=/path/to/it): pages are not tested in a browser.\n',
    );
    return;
  }
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-pages-'));
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Opens a page, and listens to what its browser has to complain of or asks the network for. */
async function open(text: string, options: BrowserContextOptions): Promise<{ tab: Tab; heard: string[] }> {
  const file = join(folder, 'page.html');
  writeFileSync(file, text);
  const tab = await (await browser.newContext(options)).newPage();
  const heard: string[] = [];
  tab.on('console', (message) => heard.push(message.text()));
  tab.on('pageerror', (error) => heard.push(String(error)));
  tab.on('request', (request) => {
    if (!request.url().startsWith('file:')) heard.push(`asked for ${request.url()}`);
  });
  await tab.goto(`file://${file}`);
  await tab.waitForSelector('#content h1');
  return { tab, heard };
}

describe.skipIf(executablePath === undefined)('pages in Chromium (CHROMIUM, or where systems put it)', () => {
  it.each(LOOKS)(
    'have nothing that axe finds, nothing beside the page, and ask for nothing: $kind, $colorScheme, $width px, $language',
    async ({ kind, colorScheme, width, language }) => {
      const page = await PAGES[kind](language);

      const { tab, heard } = await open(writtenPage(page), {
        colorScheme,
        viewport: { width, height: 900 },
      });

      await tab.evaluate(axe.source);
      const found = await tab.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: object[] }> } };
        return (await axe.run()).violations.map((one) => JSON.stringify(one).slice(0, 400));
      });
      const beside = await tab.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect({ found, beside, heard }).toEqual({ found: [], beside: 0, heard: [] });
      await tab.context().close();
    },
    120_000,
  );

  it('are gone through by keyboard: past the top, to the search, and on to the next resources', async () => {
    const { page } = await aPlanPage(FLEET, POLICY);
    const { tab } = await open(writtenPage(page), { viewport: { width: 1280, height: 900 } });
    const focused = () => tab.evaluate('document.activeElement?.textContent || document.activeElement?.type');

    await tab.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to content');
    await tab.keyboard.press('Enter');
    for (let n = 0; n < 40 && (await focused()) !== 'search'; n += 1) await tab.keyboard.press('Tab');
    expect(await focused()).toBe('search');
    await tab.keyboard.type('job-59');

    await tab.waitForFunction('document.querySelector("[role=status]").textContent === "1 of 60 resources"');
    await tab.context().close();
  }, 120_000);
});
