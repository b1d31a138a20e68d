import { createRequire } from 'node:module';
import type eciModule from '@alicloud/eci20180808';
import type openApiModule from '@alicloud/openapi-client';
import type openApiUtilModule from '@alicloud/openapi-util';
import type teaUtilModule from '@alicloud/tea-util';
import { DEFAULT_IDENTITY, type Identity } from '../../../emulator/identities.ts';

/** These packages are CommonJS: loaded as such, they look the same under every loader. */
const load = createRequire(import.meta.url);
const eci = load('@alicloud/eci20180808') as typeof eciModule;
const openApi = load('@alicloud/openapi-client') as typeof openApiModule;
const openApiUtil = load('@alicloud/openapi-util') as typeof openApiUtilModule;
const teaUtil = load('@alicloud/tea-util') as typeof teaUtilModule;

export { eci as sdk };

type Client = InstanceType<typeof eci.default>;

/** The SDK as its users have it; nothing of ours between. */
export function connectSdk(
  url: string,
  identity: Identity = DEFAULT_IDENTITY,
  settings: { readonly signatureAlgorithm?: string } = {},
): Client {
  return new eci.default(
    new openApi.Config({
      endpoint: url.replace('http://', ''),
      protocol: 'http',
      accessKeyId: identity.accessKeyId,
      accessKeySecret: identity.accessKeySecret,
      ...(identity.securityToken === undefined
        ? { type: 'access_key' }
        : { type: 'sts', securityToken: identity.securityToken }),
      ...settings,
    }),
  );
}

/** The generic call that stands for the tag operations which the SDK lacks. */
export async function callTagApi(
  client: Client,
  action: string,
  query: Record<string, unknown>,
): Promise<{ statusCode: number; body: Record<string, unknown> }> {
  const params = new openApi.Params({
    action,
    version: '2018-08-08',
    protocol: 'HTTPS',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  });
  const flat = openApiUtil.default.query(query);
  return (await client.callApi(
    params,
    new openApi.OpenApiRequest({ query: flat }),
    new teaUtil.RuntimeOptions({ readTimeout: 10_000, connectTimeout: 10_000 }),
  )) as { statusCode: number; body: Record<string, unknown> };
}

/** How many resources of each type the typed lists give. */
export async function listAll(client: Client, regionId: string): Promise<Record<string, number>> {
  const count = async (
    list: (nextToken: string | undefined) => Promise<{ items: unknown[]; nextToken?: string | undefined }>,
  ): Promise<number> => {
    let total = 0;
    let token: string | undefined;
    do {
      const page = await list(token);
      total += page.items.length;
      token = page.nextToken;
    } while (token !== undefined && token !== '');
    return total;
  };
  const page = (nextToken: string | undefined) => ({
    regionId,
    ...(nextToken === undefined ? {} : { nextToken }),
  });
  return {
    ContainerGroup: await count(async (token) => {
      const { body } = await client.describeContainerGroups(
        new eci.DescribeContainerGroupsRequest(page(token)),
      );
      return { items: body?.containerGroups ?? [], nextToken: body?.nextToken };
    }),
    ImageCache: await count(async (token) => {
      const { body } = await client.describeImageCaches(new eci.DescribeImageCachesRequest(page(token)));
      return { items: body?.imageCaches ?? [], nextToken: body?.nextToken };
    }),
    DataCache: await count(async (token) => {
      const { body } = await client.describeDataCaches(new eci.DescribeDataCachesRequest(page(token)));
      return { items: body?.dataCaches ?? [], nextToken: body?.nextToken };
    }),
    VirtualNode: await count(async (token) => {
      const { body } = await client.describeVirtualNodes(new eci.DescribeVirtualNodesRequest(page(token)));
      return { items: body?.virtualNodes ?? [], nextToken: body?.nextToken };
    }),
  };
}
