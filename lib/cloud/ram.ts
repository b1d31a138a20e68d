import type { Mode, Scope } from '../policy/policy.ts';
import { type ApiName, LIST_API } from '../ports.ts';
import { RESOURCE_TYPES, type ResourceType } from '../resource.ts';

/** Where the function and its log store live; text such as `${account}` is as good as an id. */
export interface RamPlace {
  readonly accountId: string;
  /** The function's region, which is also its log store's. */
  readonly region: string;
  readonly functionName: string;
  readonly logProject: string;
  readonly logStore: string;
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

/** How RAM spells each resource type in an ARN. */
const ARN_TYPE: Readonly<Record<ResourceType, string>> = {
  ContainerGroup: 'containergroup',
  ImageCache: 'imagecache',
  DataCache: 'datacache',
  VirtualNode: 'virtualnode',
};

/** The RAM action of an ECI operation, or nothing where ECI asks for no permission (ECI reference, section 9). */
export function eciAction(api: ApiName): string | undefined {
  return api === 'DescribeRegions' ? undefined : `eci:${api}`;
}

/**
 * The least that the function needs for a scope: list, untag, put back, write and read its own records,
 * start itself again, and tell its failure queue of an invocation that failed for good.
 *
 * With `mode: 'dry-run'` nothing in it can change a tag: a role that is safe to try the tool with.
 */
export function functionPolicy(scope: RamScope, place: RamPlace, mode: Mode = 'apply'): RamPolicy {
  return {
    Version: '1',
    Statement: [
      ...readStatements(scope, place),
      ...(mode === 'apply' ? [changeStatement(scope, place)] : []),
      allow(['log:PostLogStoreLogs', 'log:GetLogStoreLogs'], [logStoreArn(place)]),
      allow(['fc:InvokeFunction'], functionArns(place)),
      allow(['mns:SendMessage'], [failureQueueArn(place)]),
    ],
  };
}

/** What a person needs for `plan`, `explain`, `verify` and `history`: read, and change nothing. */
export function readerPolicy(scope: RamScope, place: RamPlace): RamPolicy {
  return {
    Version: '1',
    Statement: [...readStatements(scope, place), allow(['log:GetLogStoreLogs'], [logStoreArn(place)])],
  };
}

/** What a person needs for `apply` and `undo` from the command line: a reader who may also change tags and keep the record of it. */
export function operatorPolicy(scope: RamScope, place: RamPlace): RamPolicy {
  return {
    Version: '1',
    Statement: [
      ...readStatements(scope, place),
      changeStatement(scope, place),
      allow(['log:PostLogStoreLogs', 'log:GetLogStoreLogs'], [logStoreArn(place)]),
      allow(['fc:InvokeFunction'], functionArns(place)),
    ],
  };
}

/** RAM offers no finer resource than everything for ListTagResources. */
function readStatements(scope: RamScope, place: RamPlace): readonly RamStatement[] {
  const list = scope.resourceTypes.flatMap((type) => [
    `eci:${LIST_API[type]}`,
    ...(type === 'ContainerGroup' ? ['eci:DescribeContainerGroupStatus'] : []),
  ]);
  return [allow(list, eciArns(scope, place)), allow(['eci:ListTagResources'], ['*'])];
}

function changeStatement(scope: RamScope, place: RamPlace): RamStatement {
  return allow(['eci:UntagResources', 'eci:TagResources'], eciArns(scope, place));
}

function eciArns(scope: RamScope, place: RamPlace): string[] {
  const regions = scope.regions === 'all' ? ['*'] : scope.regions;
  return regions.flatMap((region) =>
    scope.resourceTypes.map((type) => `acs:eci:${region}:${place.accountId}:${ARN_TYPE[type]}/*`),
  );
}

function logStoreArn({ region, accountId, logProject, logStore }: RamPlace): string {
  return `acs:log:${region}:${accountId}:project/${logProject}/logstore/${logStore}`;
}

/** The function itself, and its versions and aliases. */
function functionArns({ region, accountId, functionName }: RamPlace): string[] {
  const arn = `acs:fc:${region}:${accountId}:functions/${functionName}`;
  return [arn, `${arn}/*`];
}

function failureQueueArn({ region, accountId, functionName }: RamPlace): string {
  return `acs:mns:${region}:${accountId}:/queues/${functionName}-failures/messages`;
}

function allow(actions: readonly string[], resources: readonly string[]): RamStatement {
  return { Effect: 'Allow', Action: actions, Resource: resources };
}

/**
 * The policies that ship in policies/ram/, for every region and type, with `${…}` in place of what an
 * account differs in; the deployment templates fill them in.
 */
export function ramTemplates(): Readonly<Record<string, RamPolicy>> {
  const everything: RamScope = { regions: 'all', resourceTypes: RESOURCE_TYPES };
  const place: RamPlace = {
    accountId: slot('account'),
    region: slot('region'),
    functionName: slot('function'),
    logProject: slot('log_project'),
    logStore: slot('log_store'),
  };
  return {
    function: functionPolicy(everything, place),
    'function-dry-run': functionPolicy(everything, place, 'dry-run'),
    reader: readerPolicy(everything, place),
    operator: operatorPolicy(everything, place),
  };
}

/** The place of a value in a template, as Terraform writes it. */
function slot(name: string): string {
  return `\${${name}}`;
}
