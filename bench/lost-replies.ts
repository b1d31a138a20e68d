import { generateFleet } from '../emulator/fleet.ts';
import { DEFAULT_IDENTITY } from '../emulator/identities.ts';
import { startEmulator } from '../emulator/server.ts';
import { readConfig } from '../lib/cloud/config.ts';
import { connect } from '../lib/cloud/connect.ts';
import { EciError } from '../lib/errors.ts';
import { parsePolicyDocument } from '../lib/policy/parse.ts';
import type { EciApi, UntagRequest } from '../lib/ports.ts';
import { runCleanup } from '../lib/run/cleanup.ts';

/**
 * A transcript of a run over HTTP of which half of the removals are done and never answered: what each call
 * came to, what the report says, and what the cloud holds afterwards. `npm run bench:lost-replies`.
 */
const SHARE_LOST = 0.5;

const policy = parsePolicyDocument(
  {
    version: 1,
    name: 'lost-replies',
    scope: { regions: ['cn-hangzhou'] },
    remove: [{ key: 'ci-*' }, { keyMatches: '^tmp[-_]' }],
    limits: { maxPercent: 100, canary: 20 },
    batch: { resources: 20, keys: 5 },
  },
  'lost-replies',
);

const emulator = await startEmulator({
  fleet: generateFleet({
    seed: 11,
    resources: 400,
    regions: ['cn-hangzhou'],
    nowMs: Date.now(),
    profile: 'mixed',
  }),
});
const lost = emulator.faults.add({
  api: 'UntagResources',
  rate: SHARE_LOST,
  fault: { kind: 'reset', applied: true },
});
const config = readConfig({ TAGSWEEP_ECI_ENDPOINT: emulator.url });
const ports = connect(config, async () => DEFAULT_IDENTITY);
const startedAtMs = Date.now();
const tries = new Map<string, number>();

function tell(request: UntagRequest, came: string): void {
  const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(3).padStart(7);
  const size = `${request.ids.length} x ${request.keys.length}`.padStart(7);
  const number = tries.get(request.clientToken) ?? 1;
  const again = number > 1 ? `, try ${number} with the same token` : '';
  console.log(
    `${seconds} s  ${request.type.padEnd(14)} ${size}  ${request.clientToken.slice(0, 8)}  ${came}${again}`,
  );
}

const eci: EciApi = {
  ...ports.eci,
  untagResources: async (request) => {
    tries.set(request.clientToken, (tries.get(request.clientToken) ?? 0) + 1);
    try {
      const receipt = await ports.eci.untagResources(request);
      tell(request, `answered ${receipt.requestId}`);
      return receipt;
    } catch (error) {
      tell(request, error instanceof EciError ? `no answer (${error.apiCode})` : 'broke');
      throw error;
    }
  },
};

const isMeant = (key: string): boolean => /^ci-|^tmp[-_]/.test(key);
const tagsMeant = (): number =>
  [...emulator.state.resources.values()].reduce(
    (sum, one) => sum + [...one.tags.keys()].filter(isMeant).length,
    0,
  );
const records: string[] = [];
const audit = {
  place: { file: 'memory' },
  write: async (batch: readonly { readonly event_name: string }[]) => {
    records.push(...batch.map((record) => record.event_name));
  },
  read: async () => [],
};

const before = tagsMeant();
console.log(`${emulator.state.resources.size} resources, ${before} tags that the policy means to take\n`);
const request = {
  policy,
  mode: 'apply',
  narrowing: {},
  trigger: { type: 'cli', name: 'bench' },
  runId: 'lost-replies',
} as const;
const report = await runCleanup(request, { ...ports, eci, audit }, { identity: {} });
const journal = records.filter((name) => name === 'removals_planned').length;
console.log(`\n${lost.hits} of ${lost.matched} removals were done and not answered`);
console.log(`outcome ${report.outcome} ${report.reason}`);
console.log(`tags    ${JSON.stringify(report.tags)}`);
console.log(`calls   ${JSON.stringify(report.calls)}`);
console.log(`proof   ${JSON.stringify(report.proof)}`);
console.log(`records ${records.length}, ${journal} of them journal`);
console.log(`left in the cloud: ${tagsMeant()} of ${before} tags`);
process.exitCode =
  report.outcome === 'success' && report.tags.removed === before && tagsMeant() === 0 ? 0 : 1;
await emulator.close();
