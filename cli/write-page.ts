import { existsSync, readFileSync } from 'node:fs';
import { pageDocument } from '../lib/pages/document.ts';
import type { Page } from '../lib/pages/model.ts';
import { pageSummary } from '../lib/pages/summary.ts';
import { UsageError } from './io.ts';
import { writeOutput } from './write-output.ts';

/**
 * Writes a page as one file that stands for itself.
 *
 * @throws {UsageError} when the file cannot be written, or this copy of the program was not built.
 */
export function writePage(file: string, page: Page): void {
  const frontEnd = { script: readBuilt('page.js'), style: readBuilt('style.css') };
  writeOutput(file, pageDocument(page, pageSummary(page), frontEnd));
}

/** From the sources, from `dist/cli/`, and from the pieces that it is split into. */
const PLACES = ['../dist/pages/', '../pages/', '../../pages/'];

function readBuilt(name: string): string {
  for (const place of PLACES) {
    const url = new URL(`${place}${name}`, import.meta.url);
    if (existsSync(url)) return readFileSync(url, 'utf8').trimEnd();
  }
  throw new UsageError('The front end of the pages is not built: run "npm run build" first.');
}
