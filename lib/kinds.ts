/** One kind of resource that ECI can tag: all that this code knows of it. The names are the cloud's own. */
interface ResourceKind<Api extends string> {
  /** Its list operation, whose RAM action is `eci:` and this name. */
  readonly list: {
    readonly api: Api;
    /** Calls a minute that an account may make in one region. */
    readonly quotaPerMinute: number;
    /** How ids are asked for, and how many a call: a list, the same as JSON text, or one. */
    readonly ids: {
      readonly parameter: string;
      readonly form: 'list' | 'jsonText' | 'one';
      readonly most: number;
    };
    /** Whether it can be narrowed by status. */
    readonly byStatus: boolean;
    /** Where an answer has the resources, and a resource its id and its name. */
    readonly answer: { readonly resources: string; readonly id: string; readonly name: string };
  };
  /** A second list, of ids and statuses alone, which is cheaper. */
  readonly statusList?: { readonly api: Api; readonly quotaPerMinute: number };
  /** Statuses that it never leaves, in which it may take no tag changes. */
  readonly finalStatuses: readonly string[];
  /** What its ids begin with, before the hyphen. */
  readonly idPrefix: string;
  /** The call that makes one, and where its answer has the new id. */
  readonly creation: { readonly event: string; readonly idField: string };
  /** How the ARNs of RAM call it. */
  readonly arn: string;
}

const KINDS = {
  ContainerGroup: {
    list: {
      api: 'DescribeContainerGroups',
      quotaPerMinute: 2000,
      ids: { parameter: 'ContainerGroupIds', form: 'jsonText', most: 20 },
      byStatus: true,
      answer: { resources: 'ContainerGroups', id: 'ContainerGroupId', name: 'ContainerGroupName' },
    },
    statusList: { api: 'DescribeContainerGroupStatus', quotaPerMinute: 10_000 },
    finalStatuses: ['Succeeded', 'Failed', 'Expired'],
    idPrefix: 'eci',
    creation: { event: 'CreateContainerGroup', idField: 'ContainerGroupId' },
    arn: 'containergroup',
  },
  ImageCache: {
    list: {
      api: 'DescribeImageCaches',
      quotaPerMinute: 200,
      ids: { parameter: 'ImageCacheId', form: 'one', most: 1 },
      byStatus: false,
      answer: { resources: 'ImageCaches', id: 'ImageCacheId', name: 'ImageCacheName' },
    },
    finalStatuses: [],
    idPrefix: 'imc',
    creation: { event: 'CreateImageCache', idField: 'ImageCacheId' },
    arn: 'imagecache',
  },
  DataCache: {
    list: {
      api: 'DescribeDataCaches',
      quotaPerMinute: 200,
      ids: { parameter: 'DataCacheId', form: 'list', most: 20 },
      byStatus: false,
      answer: { resources: 'DataCaches', id: 'DataCacheId', name: 'Name' },
    },
    finalStatuses: [],
    idPrefix: 'edc',
    creation: { event: 'CreateDataCache', idField: 'DataCacheId' },
    arn: 'datacache',
  },
  VirtualNode: {
    list: {
      api: 'DescribeVirtualNodes',
      quotaPerMinute: 200,
      ids: { parameter: 'VirtualNodeIds', form: 'jsonText', most: 20 },
      byStatus: true,
      answer: { resources: 'VirtualNodes', id: 'VirtualNodeId', name: 'VirtualNodeName' },
    },
    finalStatuses: [],
    idPrefix: 'vnd',
    creation: { event: 'CreateVirtualNode', idField: 'VirtualNodeId' },
    arn: 'virtualnode',
  },
} as const satisfies Readonly<Record<string, ResourceKind<string>>>;

/** Resources a page of each list holds at most: the default of all, and none is asked for more. */
export const LIST_PAGE = 20;
/** The same of the list of ids and statuses, which is asked for its most. */
export const STATUS_PAGE = 200;

/** The resource types that ECI can tag, spelt as its API spells them. */
export type ResourceType = keyof typeof KINDS;

/** The operations that list resources of one type. */
export type ListApi = (typeof KINDS)[ResourceType]['list']['api'] | 'DescribeContainerGroupStatus';

/**
 * Every kind of resource, and the one place that says how they differ.
 *
 * @see ECI reference, sections 1.4 and 5; the quotas of the lists of caches and virtual nodes are published nowhere: a low guess.
 */
export const RESOURCE_KINDS: Readonly<Record<ResourceType, ResourceKind<ListApi>>> = KINDS;

export const RESOURCE_TYPES = Object.keys(RESOURCE_KINDS) as readonly ResourceType[];

/** Whether the ids of a type can be listed alone. */
export function hasStatusList(type: ResourceType): boolean {
  return RESOURCE_KINDS[type].statusList !== undefined;
}
