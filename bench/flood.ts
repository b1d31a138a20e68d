import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployedEventPattern } from '../emulator/eventbridge/deployed.ts';
import { connectTrigger } from '../emulator/eventbridge/trigger.ts';
import { seededRandom } from '../emulator/random.ts';
import { createContainerGroup } from '../test/support/creations.ts';
import { deployFunction } from '../test/support/deployed.ts';

/**
 * What a flood of creations costs: so many container groups created within a minute, their events delivered
 * one by one to the function that is deployed, a fifth of them twice and some late, under the published
 * quotas. `npm run --silent bench:flood -- [CREATIONS] [SECONDS]`.
 */
const [creations = 1000, seconds = 60] = process.argv.slice(2).map(Number);
const DUPLICATES = 0.2;
const LATE = 0.1;

const POLICY = `version: 1
name: created
mode: apply
scope: { regions: [cn-hangzhou], resourceTypes: [ContainerGroup] }
remove: [{ key: "ci-*" }]
`;

const policies = mkdtempSync(join(tmpdir(), 'tagsweep-flood-'));
writeFileSync(join(policies, 'created.yaml'), POLICY);
const fn = await deployFunction({
  function: {
    maxInstances: 20,
    timeoutSeconds: 900,
    asyncInvoke: { maxRetryAttempts: 2 },
    environment: { TAGSWEEP_POLICIES_DIR: policies, TAGSWEEP_EVENT_POLICY: 'created' },
  },
});
const bus = connectTrigger(
  { state: fn.emulator.state, platform: fn.fc.platform, random: seededRandom(11) },
  { pattern: deployedEventPattern(), duplicateRate: DUPLICATES, reorderRate: LATE, function: fn.spec },
);
const pages = fn.emulator.faults.add({
  fault: { kind: 'empty' },
  times: 0,
  when: ({ api, parameters }) => api.startsWith('Describe') && !parameters.has('ContainerGroupIds'),
});

const startedAtMs = Date.now();
for (let n = 0; n < creations; n += 1) {
  const dueAtMs = startedAtMs + (n * seconds * 1000) / creations;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAtMs - Date.now())));
  await createContainerGroup(fn.emulator.url, n);
}
const createdMs = Date.now() - startedAtMs;
await bus.settled();
await fn.settled();
const wholeMs = Date.now() - startedAtMs;

const { byApi } = fn.emulator.counters;
const of = (api: string) => byApi[api] ?? { requests: 0, throttled: 0 };
const answered = (api: string) => of(api).requests - of(api).throttled;
const left = fn.emulator.state.snapshot().filter(({ tags = {} }) => 'ci-run' in tags).length;
const wrong = fn.emulator.state.snapshot().filter(({ tags = {} }) => tags.team !== 'web').length;
const throttled = of('DescribeContainerGroups').throttled + of('UntagResources').throttled;
const perCreation = (calls: number) => (calls / creations).toFixed(2);

console.log(`creations        ${creations} in ${(createdMs / 1000).toFixed(1)} s`);
console.log(
  `events delivered ${bus.delivered.get('CreateContainerGroup')}, invocations ${fn.fc.platform.invocations.length}`,
);
console.log(
  `reads by id      ${answered('DescribeContainerGroups')}, ${perCreation(answered('DescribeContainerGroups'))} a creation`,
);
console.log(
  `removals         ${answered('UntagResources')}, ${perCreation(answered('UntagResources'))} a creation`,
);
console.log(`throttled        ${throttled}`);
console.log(`pages listed     ${pages.matched}`);
console.log(`done             ${((wholeMs - createdMs) / 1000).toFixed(1)} s after the last creation`);
console.log(
  `tags left        ${left}, others touched ${wrong}, failed for good ${fn.fc.platform.deadLetters.length}`,
);
await fn.close();
rmSync(policies, { recursive: true, force: true });
process.exitCode = left === 0 && wrong === 0 && pages.matched === 0 ? 0 : 1;
