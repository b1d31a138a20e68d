import { mkdirSync, writeFileSync } from 'node:fs';
import { policyJsonSchema } from '../lib/policy/json-schema.ts';

/** Writes `policies/schema.json`, which editors and the policies' own first line point to. */
const file = new URL('../policies/schema.json', import.meta.url);
mkdirSync(new URL('.', file), { recursive: true });
writeFileSync(file, `${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
