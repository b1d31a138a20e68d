import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployFunction } from '../test/support/deployed.ts';

/**
 * How many instances are held by events of resources that never appear: so many of them within so many seconds, each told
 * once, under the published quotas, with as many instances as the deployment lets the function have.
 * `npm run --silent bench:flood-never -- [EVENTS] [SECONDS] [INSTANCES]`.
 */
const [events = 1000, seconds = 60, maxInstances = 10] = process.argv.slice(2).map(Number);

const POLICY = `version: 1
name: created
mode: apply
scope: { regions: [cn-hangzhou], resourceTypes: [ContainerGroup] }
remove: [{ key: "ci-*" }]
`;

const policies = mkdtempSync(join(tmpdir(), 'tagsweep-never-'));
writeFileSync(join(policies, 'created.yaml'), POLICY);
const fn = await deployFunction({
  function: {
    maxInstances,
    timeoutSeconds: 900,
    asyncInvoke: { maxRetryAttempts: 2 },
    environment: { TAGSWEEP_POLICIES_DIR: policies, TAGSWEEP_EVENT_POLICY: 'created' },
  },
});
const { platform } = fn.fc;

const startedAtMs = Date.now();
for (let n = 0; n < events; n += 1) {
  const dueAtMs = startedAtMs + (n * seconds * 1000) / events;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAtMs - Date.now())));
  const event = {
    id: `gone-${n}`,
    source: 'acs.eci',
    specversion: '1.0',
    type: 'eci:ActionTrail:ApiCall',
    data: {
      eventName: 'CreateContainerGroup',
      acsRegion: 'cn-hangzhou',
      responseElements: { ContainerGroupId: `eci-gone-${n}` },
    },
  };
  const submission = { event: Buffer.from(JSON.stringify(event)), qualifier: 'LATEST' };
  platform.submit(fn.spec, submission, `request-${String(n).padStart(8, '0')}`);
}
const sentMs = Date.now() - startedAtMs;
await fn.settled();
const wholeMs = Date.now() - startedAtMs;

const { invocations, peakInstances, deadLetters } = platform;
const durations = invocations.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
const at = (part: number) => Math.round(durations[Math.floor((durations.length - 1) * part)] ?? 0);
const heldS = durations.reduce((sum, ms) => sum + ms, 0) / 1000;
const vanished = invocations.filter(({ body }) => body.includes('Vanished: 1 created resource')).length;

console.log(`events           ${events} in ${(sentMs / 1000).toFixed(1)} s`);
console.log(`invocations      ${invocations.length}: ${at(0.5)} ms in the middle, ${at(0.95)} ms of 95 %`);
console.log(`instances        ${peakInstances} at a time at the most, of ${maxInstances} that it may have`);
console.log(`held             ${heldS.toFixed(1)} s of instances, ${(heldS / events).toFixed(2)} an event`);
console.log(`told as vanished ${vanished}, failed for good ${deadLetters.length}`);
console.log(`done             ${((wholeMs - sentMs) / 1000).toFixed(1)} s after the last event`);
await fn.close();
rmSync(policies, { recursive: true, force: true });
process.exitCode = vanished === events && peakInstances <= maxInstances ? 0 : 1;
