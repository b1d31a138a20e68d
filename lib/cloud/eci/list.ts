import {
  DescribeContainerGroupStatusRequest,
  DescribeContainerGroupsRequest,
  DescribeDataCachesRequest,
  DescribeImageCachesRequest,
  DescribeVirtualNodesRequest,
} from '@alicloud/eci20180808';
import type { ContainerGroupStatus, ListQuery, Page, TagFilter } from '../../ports.ts';
import type { Resource, ResourceType } from '../../resource.ts';
import { type ListedItem, toPage, toResource } from './answers.ts';
import { InvalidAnswerError } from './failures.ts';
import type { Sdk } from './sdk.ts';

/** The most that the list of statuses gives; the four lists give 20, their default, unless they are asked for more. */
const STATUS_PAGE_SIZE = 200;

interface ListedPage {
  readonly items: readonly ListedItem[];
  readonly nextToken: string | undefined;
}

/** One list operation a type: they differ in the names of the list, the id and the name, and in how ids are asked for. */
const LIST: Readonly<Record<ResourceType, (sdk: Sdk, query: ListQuery) => Promise<ListedPage>>> = {
  async ContainerGroup({ client, runtime }, query) {
    const request = new DescribeContainerGroupsRequest({
      ...common(query),
      status: query.status,
      containerGroupIds: asJsonText(query.ids),
    });
    const { body } = await client.describeContainerGroupsWithOptions(request, runtime);
    const items = (body.containerGroups ?? []).map((group) => ({
      ...fields(group),
      id: group.containerGroupId,
      name: group.containerGroupName,
    }));
    return { items, nextToken: body.nextToken };
  },
  async ImageCache({ client, runtime }, query) {
    const request = new DescribeImageCachesRequest({ ...common(query), imageCacheId: query.ids?.[0] });
    const { body } = await client.describeImageCachesWithOptions(request, runtime);
    const items = (body.imageCaches ?? []).map((cache) => ({
      ...fields(cache),
      id: cache.imageCacheId,
      name: cache.imageCacheName,
    }));
    return { items, nextToken: body.nextToken };
  },
  async DataCache({ client, runtime }, query) {
    const request = new DescribeDataCachesRequest({ ...common(query), dataCacheId: query.ids });
    const { body } = await client.describeDataCachesWithOptions(request, runtime);
    const items = (body.dataCaches ?? []).map((cache) => ({
      ...fields(cache),
      id: cache.dataCacheId,
      name: cache.name,
    }));
    return { items, nextToken: body.nextToken };
  },
  async VirtualNode({ client, runtime }, query) {
    const request = new DescribeVirtualNodesRequest({
      ...common(query),
      status: query.status,
      virtualNodeIds: asJsonText(query.ids),
    });
    const { body } = await client.describeVirtualNodesWithOptions(request, runtime);
    const items = (body.virtualNodes ?? []).map((node) => ({
      ...fields(node),
      id: node.virtualNodeId,
      name: node.virtualNodeName,
    }));
    return { items, nextToken: body.nextToken };
  },
};

/** One page of the resources of one type. */
export async function listResources(sdk: Sdk, query: ListQuery): Promise<Page<Resource>> {
  const { items, nextToken } = await LIST[query.type](sdk, query);
  return toPage(
    items.map((item) => toResource(item, query.region, query.type)),
    nextToken,
  );
}

/**
 * One page of container groups without their tags.
 *
 * @param limited - whether to ask for the largest page; a service may refuse `Limit`.
 */
export async function listContainerGroupStatus(
  { client, runtime }: Sdk,
  query: Omit<ListQuery, 'type' | 'status'>,
  limited: boolean,
): Promise<Page<ContainerGroupStatus>> {
  const request = new DescribeContainerGroupStatusRequest({
    ...common(query),
    limit: limited ? STATUS_PAGE_SIZE : undefined,
    containerGroupIds: asJsonText(query.ids),
  });
  const { body } = await client.describeContainerGroupStatusWithOptions(request, runtime);
  const items = (body.data ?? []).map(({ containerGroupId, status }) => {
    if (!containerGroupId) throw new InvalidAnswerError('the answer lists a container group without an id');
    return status === undefined ? { id: containerGroupId } : { id: containerGroupId, status };
  });
  return toPage(items, body.nextToken);
}

/** Without `Limit`, which a list may refuse where no ids are given. */
function common(query: Omit<ListQuery, 'type'>) {
  return {
    regionId: query.region,
    nextToken: query.nextToken,
    resourceGroupId: query.resourceGroupId,
    tag: query.tags?.map(toFilter),
  };
}

/** A key alone, without a value, means whatever its value. */
function toFilter({ key, value }: TagFilter) {
  return value === undefined ? { key } : { key, value };
}

function asJsonText(ids: readonly string[] | undefined): string | undefined {
  return ids === undefined ? undefined : JSON.stringify(ids);
}

function fields({ status, creationTime, resourceGroupId, tags }: Omit<ListedItem, 'id' | 'name'>) {
  return { status, creationTime, resourceGroupId, tags };
}
