import { DescribeContainerGroupStatusRequest } from '@alicloud/eci20180808';
import { RESOURCE_KINDS, STATUS_PAGE } from '../../kinds.ts';
import type { ContainerGroupStatus, ListQuery, Page, TagFilter } from '../../ports.ts';
import type { Resource } from '../../resource.ts';
import { toPage, toResource } from './answers.ts';
import { InvalidAnswerError } from './failures.ts';
import type { Sdk } from './sdk.ts';

/** One page of the resources of one type; the kinds differ in names alone, and in how ids are asked for. */
export async function listResources(sdk: Sdk, query: ListQuery): Promise<Page<Resource>> {
  const { api, ids, answer } = RESOURCE_KINDS[query.type].list;
  const body = await sdk.call(api, {
    RegionId: query.region,
    NextToken: query.nextToken,
    ResourceGroupId: query.resourceGroupId,
    Status: query.status,
    Bucket: query.bucket,
    Tag: query.tags?.map(toFilter),
    [ids.parameter]: query.ids && asParameter(query.ids, ids.form),
  });
  const items = body[answer.resources] ?? [];
  if (!Array.isArray(items)) throw new InvalidAnswerError(`${answer.resources} is not a list`);
  return toPage(
    items.map((item) => toResource(item, query.region, query.type)),
    body.NextToken,
    body.TotalCount,
  );
}

function asParameter(ids: readonly string[], form: 'list' | 'jsonText' | 'one'): unknown {
  if (form === 'list') return ids;
  return form === 'one' ? ids[0] : JSON.stringify(ids);
}

/** A key alone, without a value, means whatever its value. */
export function toFilter({ key, value }: TagFilter) {
  return value === undefined ? { Key: key } : { Key: key, Value: value };
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
    regionId: query.region,
    nextToken: query.nextToken,
    resourceGroupId: query.resourceGroupId,
    tag: query.tags,
    limit: limited ? STATUS_PAGE : undefined,
    containerGroupIds: query.ids && JSON.stringify(query.ids),
  });
  const { body } = await client.describeContainerGroupStatusWithOptions(request, runtime);
  const items = (body.data ?? []).map(({ containerGroupId, status }) => {
    if (!containerGroupId) throw new InvalidAnswerError('the answer lists a container group without an id');
    return status === undefined ? { id: containerGroupId } : { id: containerGroupId, status };
  });
  return toPage(items, body.nextToken, body.totalCount);
}
