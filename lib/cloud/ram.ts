import type { Scope } from '../policy/policy.ts';
import { type ApiName, LIST_API } from '../ports.ts';
import type { ResourceType } from '../resource.ts';

/** Where the function and its log store live; text such as `${account}` is as good as an id. */
export interface RamPlace {
  readonly accountId: string;
  /** The function's region, which is also its log store's. */
  readonly region: string;
  readonly functionName: string;
  readonly logProject: string;
  readonly logStore: string;
}

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
 * start itself again, and report an invocation that failed for good.
 *
 * With `mode: 'dry-run'` nothing in it can change a tag: a role that is safe to try the tool with.
 */
export function functionPolicy(
  scope: Pick<Scope, 'regions' | 'resourceTypes'>,
  place: RamPlace,
  mode: 'dry-run' | 'apply' = 'apply',
): RamPolicy {
  const types = scope.resourceTypes;
  const read = [
    allow(
      types.flatMap((type) => [
        `eci:${LIST_API[type]}`,
        ...(type === 'ContainerGroup' ? ['eci:DescribeContainerGroupStatus'] : []),
      ]),
      eciArns(scope, place),
    ),
    // RAM offers no finer resource for this action.
    allow(['eci:ListTagResources'], ['*']),
  ];
  const change = [allow(['eci:UntagResources', 'eci:TagResources'], eciArns(scope, place))];
  const itself = [
    allow(['log:PostLogStoreLogs', 'log:GetLogStoreLogs'], [logStoreArn(place)]),
    allow(['fc:InvokeFunction'], [functionArn(place), `${functionArn(place)}/*`]),
    allow(['mns:SendMessage'], [failureQueueArn(place)]),
  ];
  return { Version: '1', Statement: [...read, ...(mode === 'apply' ? change : []), ...itself] };
}

/** What a person needs for `plan`, `verify` and `history`: read, and change nothing. */
export function readerPolicy(scope: Pick<Scope, 'regions' | 'resourceTypes'>, place: RamPlace): RamPolicy {
  const [list, tags] = functionPolicy(scope, place, 'dry-run').Statement;
  return {
    Version: '1',
    Statement: [...(list && tags ? [list, tags] : []), allow(['log:GetLogStoreLogs'], [logStoreArn(place)])],
  };
}

function eciArns(scope: Pick<Scope, 'regions' | 'resourceTypes'>, place: RamPlace): string[] {
  const regions = scope.regions === 'all' ? ['*'] : scope.regions;
  return regions.flatMap((region) =>
    scope.resourceTypes.map((type) => `acs:eci:${region}:${place.accountId}:${ARN_TYPE[type]}/*`),
  );
}

function logStoreArn({ region, accountId, logProject, logStore }: RamPlace): string {
  return `acs:log:${region}:${accountId}:project/${logProject}/logstore/${logStore}`;
}

function functionArn({ region, accountId, functionName }: RamPlace): string {
  return `acs:fc:${region}:${accountId}:functions/${functionName}`;
}

function failureQueueArn({ region, accountId, functionName }: RamPlace): string {
  return `acs:mns:${region}:${accountId}:/queues/${functionName}-failures/messages`;
}

function allow(actions: readonly string[], resources: readonly string[]): RamStatement {
  return { Effect: 'Allow', Action: actions, Resource: resources };
}
