/** Writes policies/ram/*.json from lib/cloud/ram.ts, with `${…}` where an account differs: `npm run ram`. */
import { writeFileSync } from 'node:fs';
import { ramTemplates } from '../lib/cloud/ram.ts';

for (const [name, policy] of Object.entries(ramTemplates())) {
  writeFileSync(
    new URL(`../policies/ram/${name}.json`, import.meta.url),
    `${JSON.stringify(policy, null, 2)}\n`,
  );
}
