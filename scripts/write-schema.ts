import { readFileSync, writeFileSync } from 'node:fs';
import { policyJsonSchema } from '../lib/policy/json-schema.ts';
import { reportJsonSchema } from '../lib/report/json-schema.ts';
import { withOperatorTable } from './operator-table.ts';
import { reportPage } from './report-page.ts';

/** Writes what is derived from the schemas of policy and report. `policies/schema.json` is what editors are pointed to. */
const FILES = {
  'policies/schema.json': json(policyJsonSchema()),
  'docs/report.schema.json': json(reportJsonSchema()),
  'docs/report.md': reportPage(),
  'policies/README.md': withOperatorTable(readFileSync(urlOf('policies/README.md'), 'utf8')),
};

for (const [file, text] of Object.entries(FILES)) {
  writeFileSync(urlOf(file), text);
}

function urlOf(file: string): URL {
  return new URL(`../${file}`, import.meta.url);
}

function json(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
