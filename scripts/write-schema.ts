import { readFileSync, writeFileSync } from 'node:fs';
import { fleetJsonSchema } from '../emulator/fleet.ts';
import { policyTestJsonSchema } from '../lib/plan/policy-test-schema.ts';
import { policyJsonSchema } from '../lib/policy/json-schema.ts';
import { reportJsonSchema } from '../lib/report/json-schema.ts';
import { withOperatorTable } from './operator-table.ts';
import { reportPage } from './report-page.ts';

/** Writes what is derived from the schemas of policy, tests, report and fleet file. `policies/schema.json` is what editors are pointed to. */
const FILES = {
  'policies/schema.json': json(policyJsonSchema()),
  'policies/test.schema.json': json(policyTestJsonSchema()),
  'emulator/fleet.schema.json': json(fleetJsonSchema()),
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
