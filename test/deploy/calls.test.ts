import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_STS_IDENTITY } from '../../emulator/identities.ts';
import { createCallTrail } from '../../lib/cloud/action-trail.ts';
import { readConfig } from '../../lib/cloud/config.ts';
import { connect, connectInvoker } from '../../lib/cloud/connect.ts';
import { connectDoctor } from '../../lib/cloud/connect-doctor.ts';
import { PERMISSIONS } from '../../lib/cloud/ram.ts';
import type { FunctionReader } from '../../lib/doctor/function-check.ts';
import type { DoctorCall } from '../../lib/doctor/probe-api.ts';
import type { AuditLog, EciApi, Invoker, Message } from '../../lib/ports.ts';
import { RESOURCE_TYPES, type ResourceType } from '../../lib/resource.ts';
import { anAuditRecord } from '../support/audit-builders.ts';
import { type Deployed, deployFunction } from '../support/deployed.ts';
import { PLACE } from '../support/roles.ts';
import { virtualClock } from '../support/virtual-clock.ts';

const region = 'cn-hangzhou';
const ids = ['x-1'];
const everything = { Effect: 'Allow', Action: '*', Resource: '*' } as const;
const account = { ...DEFAULT_STS_IDENTITY, policies: [{ Version: '1', Statement: [everything] } as const] };

/** Each method of a port once; one that is missing here does not compile. */
type Each<Port> = { readonly [Method in Exclude<keyof Port, 'place'>]: (port: Port) => Promise<unknown> };

const forEachType = (call: (type: ResourceType) => Promise<unknown>) => Promise.all(RESOURCE_TYPES.map(call));

const ECI: Each<EciApi> = {
  describeRegions: (eci) => eci.describeRegions(),
  listResources: (eci) => forEachType((type) => eci.listResources({ region, type })),
  listContainerGroupStatus: (eci) => eci.listContainerGroupStatus({ region }),
  listTagResources: (eci) => forEachType((type) => eci.listTagResources({ region, type })),
  untagResources: (eci) =>
    forEachType((type) => eci.untagResources({ region, type, ids, keys: ['k'], clientToken: `u-${type}` })),
  tagResources: (eci) =>
    forEachType((type) => eci.tagResources({ region, type, ids, tags: [{ key: 'k', value: 'v' }] })),
};

const LOG: Each<AuditLog> = {
  write: (log) => log.write([anAuditRecord({ event_time: new Date().toISOString() })]),
  read: (log) => log.read({ runId: 'r' }),
};

const INVOKER: Each<Invoker> = {
  call: (invoker) => invoker.call({ mode: 'dry-run', regions: ['cn-shanghai'] }),
  submit: (invoker) => invoker.submit({ mode: 'dry-run' }, 't-1'),
};

const PROBES: Readonly<Record<DoctorCall, Readonly<Record<string, unknown>>>> = {
  ListUsage: {},
  DescribeContainerGroupPrice: { Cpu: 0.25, Memory: 0.5 },
  CreateContainerGroup: { ContainerGroupName: 'tagsweep-doctor-calls' },
  DeleteContainerGroup: { ContainerGroupId: 'x-1' },
};

const MESSAGE: Message = {
  title: 't',
  about: { kind: 'run', runId: 'r', policy: 'p' },
  lines: [],
  items: [],
  itemsCut: 0,
  closing: [],
};

const FUNCTION: Each<FunctionReader> = {
  readFunction: (reader) => reader.readFunction(),
  readTriggers: (reader) => reader.readTriggers(),
  readAsyncConfig: (reader) => reader.readAsyncConfig(),
};

describe('the calls that the code can make', () => {
  let fn: Deployed;

  beforeAll(async () => {
    const fleet = RESOURCE_TYPES.map((type) => ({ id: 'x-1', type, region }));
    fn = await deployFunction({ emulator: { fleet, identities: [account] } });
    const config = readConfig({
      ...fn.environment,
      TAGSWEEP_DM_ENDPOINT: fn.emulator.url,
      TAGSWEEP_NOTIFY_MAIL: 'directmail://notices@mail.example.com?to=a@example.com',
    });
    const ports = connect(config, async () => account);
    const place = { ...PLACE, functionName: fn.spec.name };
    const invoker = connectInvoker(config, async () => account, place, { clock: virtualClock() });
    for (const call of Object.values(ECI)) await call(ports.eci);
    if (ports.audit === null) throw new Error('no log store is set');
    for (const call of Object.values(LOG)) await call(ports.audit);
    for (const call of Object.values(INVOKER)) await call(invoker);
    const doctor = connectDoctor(config, async () => account);
    for (const call of Object.values(FUNCTION)) {
      await call(await doctor.functionReader(fn.spec.name, PLACE.accountId));
    }
    for (const [action, parameters] of Object.entries(PROBES)) {
      await doctor.api.ask({ action: action as DoctorCall, region, parameters });
    }
    await ports.notifier?.send('mail', MESSAGE);
    const trail = createCallTrail(config, async () => account);
    const day = { fromMs: Date.now() - 86_400_000, toMs: Date.now() };
    for await (const _call of trail.lookUp({ region, eventName: 'UntagResources', ...day })) break;
    await fn.settled();
  });
  afterAll(() => fn.close());

  it('are those that the table of permissions names, on the resources that it names', () => {
    const asked = new Set(
      fn.emulator.permissions.uses.map(({ action, resource }) => `${action} ${kindOf(resource)}`),
    );
    const named = Object.values(PERMISSIONS).flatMap((permission) => {
      if (permission === undefined) return [];
      const kinds = typeof permission.on === 'string' ? [permission.on] : permission.on;
      return kinds.map((kind) => `${permission.action} ${kind}`);
    });

    expect([...asked].sort()).toEqual(named.sort());
  });
});

/** What the table calls the resource of an ARN. */
function kindOf(arn: string): string {
  if (arn === '*') return 'everything';
  if (arn.startsWith('acs:log:')) return 'logStore';
  if (arn.startsWith('acs:fc:')) return 'function';
  return RESOURCE_TYPES.find((type) => arn.includes(`:${type.toLowerCase()}/`)) ?? arn;
}
