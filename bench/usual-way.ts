import pLimit from 'p-limit';
import { EciError } from '../lib/errors.ts';
import type { EciApi } from '../lib/ports.ts';
import type { Resource } from '../lib/resource.ts';

/** What goes from one resource. */
export interface Loss {
  readonly resource: Resource;
  readonly keys: readonly string[];
}

const WORKERS = 8;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 16_000;

/** Lists page after page, as scripts do. */
export async function listSerially(
  eci: EciApi,
  region: string,
  types: readonly Resource['type'][],
): Promise<Resource[]> {
  const found: Resource[] = [];
  for (const type of types) {
    let nextToken: string | undefined;
    do {
      const token = nextToken === undefined ? {} : { nextToken };
      const page = await tryAgain(() => eci.listResources({ region, type, ...token }));
      found.push(...page.items);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }
  return found;
}

/** One call for each resource with all of its keys. */
export async function removeByResource(eci: EciApi, losses: readonly Loss[]): Promise<void> {
  await sendAll(
    eci,
    losses.map(({ resource: { region, type, id }, keys }) => ({ region, type, ids: [id], keys })),
  );
}

/** One call for each key and 50 resources of a type. */
export async function removeByKey(eci: EciApi, losses: readonly Loss[]): Promise<void> {
  const groups = new Map<string, { readonly key: string; readonly resources: Resource[] }>();
  for (const { resource, keys } of losses) {
    for (const key of keys) {
      const name = `${resource.type} ${key}`;
      const group = groups.get(name) ?? { key, resources: [] };
      groups.set(name, group);
      group.resources.push(resource);
    }
  }
  const requests = [...groups.values()].flatMap(({ key, resources }) =>
    Array.from({ length: Math.ceil(resources.length / 50) }, (_, at) => {
      const some = resources.slice(at * 50, at * 50 + 50);
      const { region, type } = some[0]!;
      return { region, type, ids: some.map((one) => one.id), keys: [key] };
    }),
  );
  await sendAll(eci, requests);
}

async function sendAll(
  eci: EciApi,
  requests: readonly Omit<Parameters<EciApi['untagResources']>[0], 'clientToken'>[],
): Promise<void> {
  const limit = pLimit(WORKERS);
  await Promise.all(
    requests.map((request, at) =>
      limit(() => tryAgain(() => eci.untagResources({ ...request, clientToken: `usual-${at}` }))),
    ),
  );
}

/** What may pass is tried again after growing pauses with full jitter. */
async function tryAgain<T>(call: () => Promise<T>): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    try {
      return await call();
    } catch (error) {
      if (
        !(error instanceof EciError) ||
        !['throttled', 'busy', 'unanswered', 'unavailable'].includes(error.kind)
      )
        throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * pauseMs));
    }
  }
}
