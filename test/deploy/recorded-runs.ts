import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from '../../emulator/identities.ts';
import type { PermissionUse } from '../../emulator/ram/permissions.ts';
import type { FleetResource } from '../../emulator/resource.ts';
import { RESOURCE_TYPES } from '../../lib/resource.ts';
import { emulatorEnvironment, runCli } from '../support/cli.ts';
import { type Deployed, deployFunction, TRUSTING } from '../support/deployed.ts';
import { PLACE, ROLES } from '../support/roles.ts';

const REGIONS = ['cn-beijing', 'cn-hangzhou'];
const QUEUE = `acs:mns:${PLACE.region}:${PLACE.accountId}:/queues/${PLACE.functionName}-failures/messages`;

const EVERYWHERE = {
  version: 1,
  name: 'strip',
  scope: { regions: 'all' },
  remove: [{ key: 'ci-*' }],
  limits: { maxResources: 1000, maxPercent: 100 },
};
const ONE_REGION = { ...EVERYWHERE, scope: { regions: ['cn-hangzhou'] } };
/** Nothing lives there: an empty list has to be told from one that is denied. */
const EMPTY_REGION = { ...EVERYWHERE, scope: { regions: ['cn-shanghai'] } };

/** Every type in two regions; enough container groups for the way through their ids. */
const FLEET: readonly FleetResource[] = REGIONS.flatMap((region) =>
  RESOURCE_TYPES.flatMap((type) =>
    Array.from({ length: type === 'ContainerGroup' ? 50 : 2 }, (_, index) => ({
      id: `${type.toLowerCase()}-${region}-${index}`,
      type,
      region,
      created: '2026-01-01T00:00:00Z',
      tags: { 'ci-run': 'a', team: 'a' },
    })),
  ),
);

/** The account, with the function under the delivered policy of one of its roles. */
export function deployUnder(
  audience: 'function' | 'function-dry-run',
  role: Identity = ROLES[audience],
): Promise<Deployed> {
  const { accessKeyId, accessKeySecret, securityToken = '' } = role;
  return deployFunction({
    emulator: { fleet: FLEET, regions: REGIONS, identities: [role, ROLES.operator, ROLES.reader] },
    function: {
      environment: TRUSTING,
      credentials: { accessKeyId, accessKeySecret, securityToken },
      asyncInvoke: { maxRetryAttempts: 0, onFailure: QUEUE },
      logConfig: { project: PLACE.logProject, logstore: PLACE.platformLogStore },
    },
  });
}

/**
 * Lets the function and the people around it do everything that they do, each under its own policy: every
 * way in, of listing, of handing over, of undoing and of failing.
 *
 * @returns what each asked for, by its access key.
 */
export async function recordRuns(): Promise<readonly PermissionUse[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tagsweep-ram-'));
  writeFileSync(join(folder, 'one.json'), JSON.stringify(ONE_REGION));
  writeFileSync(join(folder, 'empty.json'), JSON.stringify(EMPTY_REGION));
  const full = await deployUnder('function');
  const dry = await deployUnder('function-dry-run');
  try {
    await runFunction(full);
    await runPeople(dry, folder);
    return [...full.emulator.permissions.uses, ...dry.emulator.permissions.uses];
  } finally {
    await full.close();
    await dry.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runFunction(fn: Deployed): Promise<void> {
  await run(fn, { policy: EMPTY_REGION });
  const { runId } = await run(fn, { policy: ONE_REGION, mode: 'apply' });
  await run(fn, { undo: runId, mode: 'apply' });
  await run(fn, { policy: EVERYWHERE, mode: 'apply' });
  // Whether RAM looks at the function or at its version is not known: so the hand-over is done both ways.
  for (const { region, type, id } of FLEET) {
    fn.emulator.state.setTags({ region: region ?? '', type, id }, { 'ci-run': 'b' });
  }
  fn.fc.options.invokeArn = 'qualified';
  await run(fn, { policy: EVERYWHERE, mode: 'apply' });
  await fail(fn);
}

/** A person who acts, one who looks, and the function with the role for dry runs, on the records that the first leaves. */
async function runPeople(fn: Deployed, folder: string): Promise<void> {
  const as = (audience: 'operator' | 'reader') => async (line: string, json?: object) => {
    const env = {
      ...emulatorEnvironment(fn.emulator.url, ROLES[audience]),
      TAGSWEEP_FC_ENDPOINT: fn.emulator.url,
      TAGSWEEP_LOG_PROJECT: PLACE.logProject,
      TAGSWEEP_LOG_STORE: PLACE.logStore,
    };
    const words = [...line.split(' '), ...(json === undefined ? [] : [JSON.stringify(json)])];
    const { code, stdout, stderr } = await runCli(words, { cwd: folder, env });
    if (code !== 0) throw new Error(`${audience}: ${line}: ${code} ${stdout}${stderr}`);
    return stdout;
  };
  const [operator, reader] = [as('operator'), as('reader')];

  await operator('plan empty.json');
  const { runId } = JSON.parse(await operator('apply one.json --yes --json'));
  await reader('plan empty.json');
  await reader('plan one.json');
  await reader('explain one.json containergroup-cn-hangzhou-1');
  await reader('history');
  await reader(`verify ${runId}`);
  await reader(`undo ${runId}`);
  await run(fn, { undo: runId, mode: 'dry-run' });
  await operator(`verify ${runId}`);
  await operator(`undo ${runId} --yes`);

  await run(fn, { policy: EMPTY_REGION });
  await run(fn, { policy: EVERYWHERE });
  await fail(fn);

  const invoke = `invoke --account ${PLACE.accountId}`;
  await operator(invoke, { policy: ONE_REGION });
  fn.fc.options.invokeArn = 'qualified';
  await operator(invoke, { policy: ONE_REGION });
}

/** A run that ended well; one that handed everything over says so, and has children. */
async function run(fn: Deployed, request: object): Promise<{ readonly runId: string }> {
  const { result, error } = await fn.invoke(request);
  await fn.settled();
  const good = result?.outcome === 'success' || result?.children?.length > 0;
  if (!good) throw new Error(`${JSON.stringify(request)}: ${JSON.stringify(error ?? result).slice(0, 1000)}`);
  return result;
}

/** An asynchronous invocation that fails for good: the platform tells the queue of it, as the role. */
async function fail(fn: Deployed): Promise<void> {
  fn.fc.platform.submit(fn.spec, { event: Buffer.from('{"mod":"apply"}'), qualifier: 'LATEST' }, 'failing');
  await fn.settled();
}
