import type { DoctorCall } from '../doctor/probe-api.ts';
import { type ListApi, RESOURCE_KINDS } from '../kinds.ts';
import type { Scope } from '../policy/policy.ts';
import type { ApiName } from '../ports.ts';
import { RESOURCE_TYPES, type ResourceType } from '../resource.ts';
import type { TrailCall } from './action-trail.ts';
import type { FcReadCall } from './fc/function-reader.ts';
import type { FcCall } from './fc/transport.ts';
import type { LogCall } from './log/log-client.ts';
import type { MailCall } from './notify/direct-mail.ts';

/** Where the function and its log store live; text such as `${account}` is as good as an id. */
export interface RamPlace {
  readonly accountId: string;
  /** The function's region, which is also its log store's. */
  readonly region: string;
  readonly functionName: string;
  readonly logProject: string;
  readonly logStore: string;
  /** The store of what the function prints and of its request metrics. */
  readonly platformLogStore: string;
}

/** The part of a policy's scope that permissions depend on. */
export type RamScope = Pick<Scope, 'regions' | 'resourceTypes'>;

export interface RamStatement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** A RAM policy document, the JSON that RAM takes. */
export interface RamPolicy {
  readonly Version: '1';
  readonly Statement: readonly RamStatement[];
}

/** Every call of the cloud that this code can make: the clients are typed by these names. */
export type CloudCall = ApiName | LogCall | FcCall | DoctorCall | FcReadCall | TrailCall | MailCall;

/** The RAM action of a call, and what it is asked for on: some types, or a place. */
interface Permission {
  readonly action: string;
  readonly on: readonly ResourceType[] | 'everything' | 'logStore' | 'function';
}

/** Each list is asked for on its own kind alone. */
const LISTS = Object.fromEntries(
  RESOURCE_TYPES.flatMap((type) =>
    listsOf(type).map((api): readonly [ListApi, Permission] => [api, { action: `eci:${api}`, on: [type] }]),
  ),
) as Record<ListApi, Permission>;

function listsOf(type: ResourceType): readonly ListApi[] {
  const { list, statusList } = RESOURCE_KINDS[type];
  return statusList === undefined ? [list.api] : [list.api, statusList.api];
}

/** What RAM asks for each call (ECI reference, section 9; log service 13; Function Compute 9; ActionTrail's own page); nothing: it is open to all. */
export const PERMISSIONS: Readonly<Record<CloudCall, Permission | undefined>> = {
  DescribeRegions: undefined,
  ...LISTS,
  // RAM offers no finer resource.
  ListTagResources: { action: 'eci:ListTagResources', on: 'everything' },
  UntagResources: { action: 'eci:UntagResources', on: RESOURCE_TYPES },
  TagResources: { action: 'eci:TagResources', on: RESOURCE_TYPES },
  postLogStoreLogs: { action: 'log:PostLogStoreLogs', on: 'logStore' },
  getLogs: { action: 'log:GetLogStoreLogs', on: 'logStore' },
  InvokeFunction: { action: 'fc:InvokeFunction', on: 'function' },
  GetFunction: { action: 'fc:GetFunction', on: 'function' },
  ListTriggers: { action: 'fc:ListTriggers', on: 'function' },
  GetAsyncInvokeConfig: { action: 'fc:GetAsyncInvokeConfig', on: 'function' },
  // RAM offers no finer resource: it shows every call of the account.
  LookupEvents: { action: 'actiontrail:LookupEvents', on: 'everything' },
  ListUsage: { action: 'eci:ListUsage', on: 'everything' },
  DescribeContainerGroupPrice: { action: 'eci:DescribeContainerGroupPrice', on: 'everything' },
  CreateContainerGroup: { action: 'eci:CreateContainerGroup', on: ['ContainerGroup'] },
  DeleteContainerGroup: { action: 'eci:DeleteContainerGroup', on: ['ContainerGroup'] },
  // RAM offers no finer resource.
  SingleSendMail: { action: 'dm:SingleSendMail', on: 'everything' },
};

const READ: readonly CloudCall[] = [...RESOURCE_TYPES.flatMap(listsOf), 'ListTagResources'];
const CHANGE: readonly CloudCall[] = ['UntagResources', 'TagResources'];
const DOCTOR: readonly CloudCall[] = ['ListUsage', 'GetFunction', 'ListTriggers', 'GetAsyncInvokeConfig'];
const RECORD: readonly CloudCall[] = ['postLogStoreLogs', 'getLogs'];

/** What a function that changes tags makes beside one that does not: to hand over is for those alone that have something to. */
const CHANGES: readonly CloudCall[] = [...CHANGE, 'InvokeFunction'];

/** Who there is to give permissions to, and the calls that each makes. */
const CALLS_OF = {
  /** The function: it lists, removes and puts back, writes and reads its records, and starts itself again. */
  function: [...READ, ...RECORD, ...CHANGES],
  /** For dry runs: it cannot change a tag, and never has anything to hand over. A role that is safe to try the tool with. */
  'function-dry-run': [...READ, ...RECORD],
  /** What makes of that a function that changes tags: a policy of its own, whose attachment is the switch. */
  'function-changes': CHANGES,
  /** What lets a function send mail, where a channel is `directmail`: a policy of its own, for those that want it. */
  'function-mail': ['SingleSendMail'],
  /** A person who looks: `plan`, `explain`, `verify`, `history`, `undo` without `--yes`. */
  reader: [...READ, 'getLogs'],
  /** A person who asks `who`: the records, and the account's own trail of calls. */
  auditor: ['getLogs', 'LookupEvents'],
  /** A person who acts from the command line: `apply`, `undo --yes`, `invoke`. */
  operator: [...READ, ...CHANGE, ...RECORD, 'InvokeFunction'],
  /** `doctor`, which reads alone, but for one record that it writes and looks for. */
  doctor: [...READ, ...RECORD, ...DOCTOR],
  /** `doctor --write`: a container group of its own, and its tags. */
  'doctor-write': [
    ...READ,
    ...RECORD,
    ...DOCTOR,
    'DescribeContainerGroupPrice',
    'CreateContainerGroup',
    'DeleteContainerGroup',
    ...CHANGE,
  ],
} satisfies Readonly<Record<string, readonly CloudCall[]>>;

export type Audience = keyof typeof CALLS_OF;

export const AUDIENCES = Object.keys(CALLS_OF) as readonly Audience[];

/** Those that ship as a file: a function that changes tags has both of its own, the second as long as it may. */
export type RamTemplate = Exclude<Audience, 'function' | 'auditor' | 'doctor' | 'doctor-write'>;

const TEMPLATES = AUDIENCES.filter(
  (audience): audience is RamTemplate =>
    !['function', 'auditor', 'doctor', 'doctor-write'].includes(audience),
);

/**
 * The least that an audience needs for a scope: each action on the resources that it is for, and no others.
 *
 * The platform tells the failure queue of an invocation that failed for good as the function's role, and by some
 * of the vendor's pages writes what the function prints as that role too: so a function may do both.
 */
export function ramPolicy(audience: Audience, scope: RamScope, place: RamPlace): RamPolicy {
  const byResource = new Map<string, RamStatement>();
  const allow = (action: string, resources: readonly string[]): void => {
    if (resources.length === 0) return;
    const key = resources.join(' ');
    const actions = byResource.get(key)?.Action ?? [];
    byResource.set(key, { Effect: 'Allow', Action: [...actions, action], Resource: resources });
  };
  for (const call of CALLS_OF[audience]) {
    const permission = PERMISSIONS[call];
    if (permission !== undefined) allow(permission.action, resourcesOf(permission, scope, place));
  }
  if (audience === 'function' || audience === 'function-dry-run') {
    allow('mns:SendMessage', [failureQueueArn(place)]);
    allow('log:PostLogStoreLogs', [logStoreArn({ ...place, logStore: place.platformLogStore })]);
  }
  return { Version: '1', Statement: [...byResource.values()] };
}

function resourcesOf({ on }: Permission, scope: RamScope, place: RamPlace): readonly string[] {
  if (on === 'everything') return ['*'];
  if (on === 'logStore') return [logStoreArn(place)];
  if (on === 'function') return functionArns(place);
  const regions = scope.regions === 'all' ? ['*'] : scope.regions;
  const types = scope.resourceTypes.filter((type) => on.includes(type));
  return regions.flatMap((region) =>
    types.map((type) => `acs:eci:${region}:${place.accountId}:${RESOURCE_KINDS[type].arn}/*`),
  );
}

function logStoreArn({ region, accountId, logProject, logStore }: RamPlace): string {
  return `acs:log:${region}:${accountId}:project/${logProject}/logstore/${logStore}`;
}

/** The function itself, and its versions and aliases: the vendor's pages do not say which of them RAM looks at. */
function functionArns({ region, accountId, functionName }: RamPlace): readonly string[] {
  const arn = `acs:fc:${region}:${accountId}:functions/${functionName}`;
  return [arn, `${arn}/*`];
}

function failureQueueArn({ region, accountId, functionName }: RamPlace): string {
  return `acs:mns:${region}:${accountId}:/queues/${functionName}-failures/messages`;
}

/**
 * The policies that ship in policies/ram/, for every region and type, with `${…}` in place of what an
 * account differs in; the deployment templates fill them in.
 */
export function ramTemplates(): Readonly<Record<RamTemplate, RamPolicy>> {
  const everything: RamScope = { regions: 'all', resourceTypes: RESOURCE_TYPES };
  const place: RamPlace = {
    accountId: slot('account'),
    region: slot('region'),
    functionName: slot('function'),
    logProject: slot('log_project'),
    logStore: slot('log_store'),
    platformLogStore: slot('platform_log_store'),
  };
  const entries = TEMPLATES.map((audience) => [audience, ramPolicy(audience, everything, place)] as const);
  return Object.fromEntries(entries) as Record<RamTemplate, RamPolicy>;
}

/** The place of a value in a template, as Terraform writes it. */
export function slot(name: string): string {
  return `\${${name}}`;
}
