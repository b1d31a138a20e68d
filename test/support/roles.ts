import { readFileSync } from 'node:fs';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY, type Identity } from '../../emulator/identities.ts';
import type { RamPolicy } from '../../emulator/ram/policy.ts';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import type { RamPlace, RamTemplate } from '../../lib/cloud/ram.ts';

/** Where the tests' function and log store live. */
export const PLACE: RamPlace = {
  accountId: DEFAULT_IDENTITY.accountId,
  region: 'cn-hangzhou',
  functionName: 'tagsweep',
  logProject: DEFAULT_LOGSTORE.project,
  logStore: DEFAULT_LOGSTORE.logstore,
  platformLogStore: 'tagsweep-platform',
};

/** A file of policies/ram as the deployment templates fill it in. */
export function deliveredPolicy(audience: RamTemplate): RamPolicy {
  const text = readFileSync(new URL(`../../policies/ram/${audience}.json`, import.meta.url), 'utf8');
  const values: Readonly<Record<string, string>> = {
    account: PLACE.accountId,
    region: PLACE.region,
    function: PLACE.functionName,
    log_project: PLACE.logProject,
    log_store: PLACE.logStore,
    platform_log_store: PLACE.platformLogStore,
  };
  return JSON.parse(text.replaceAll(/\$\{(\w+)\}/g, (slot, name: string) => values[name] ?? slot));
}

/** Who may do what the delivered policy of each audience allows, and nothing else. */
export const ROLES = {
  function: {
    ...DEFAULT_STS_IDENTITY,
    policies: [deliveredPolicy('function-dry-run'), deliveredPolicy('function-changes')],
  },
  'function-dry-run': {
    ...DEFAULT_STS_IDENTITY,
    accessKeyId: 'STS.dry-run-key-id',
    policies: [deliveredPolicy('function-dry-run')],
  },
  operator: { ...DEFAULT_IDENTITY, accessKeyId: 'operator-key-id', policies: [deliveredPolicy('operator')] },
  reader: { ...DEFAULT_IDENTITY, accessKeyId: 'reader-key-id', policies: [deliveredPolicy('reader')] },
} satisfies Readonly<Record<string, Identity>>;

/** Those roles, and the account itself, which may do everything: for what others do beside them. */
export const IDENTITIES: readonly Identity[] = [DEFAULT_IDENTITY, ...Object.values(ROLES)];
