import { LogFailure, plainCode } from '../log/log-failure.ts';
import type { Document, Keeper, Thing, ThingKind } from './things.ts';
import { MARK } from './wanted.ts';

/** Sends one request to the log service; rejects with a `LogFailure`. The answer's JSON, `undefined` where it is empty. */
export type LogRequest = (
  verb: 'GET' | 'POST' | 'PUT' | 'DELETE',
  project: string | undefined,
  path: string,
  body?: Document,
) => Promise<unknown>;

/** Where the documents of a kind are kept in a project. */
const SHELF: Partial<Record<ThingKind, string>> = {
  store: '/logstores',
  search: '/savedsearches',
  dashboard: '/dashboards',
  alarm: '/alerts',
};

/** Keeps the log project and all that is in it; the project alone says whose it is. */
export function createLogKeeper(request: LogRequest, project: string): Keeper {
  const pathOf = ({ kind, name, of }: Thing): string => {
    if (kind === 'project') return '/';
    if (kind === 'index') return `/logstores/${encodeURIComponent(of ?? '')}/index`;
    return `${SHELF[kind]}/${encodeURIComponent(name)}`;
  };
  const bodyOf = ({ kind, name, document }: Thing): Document => {
    if (kind === 'project') return { projectName: name, ...document };
    return kind === 'store' ? { logstoreName: name, ...document } : document;
  };

  return {
    async find(thing) {
      const found = await unlessMissing(request('GET', project, pathOf(thing)));
      if (found === undefined) return undefined;
      const document = asFarAsWanted(thing.document, found as Document);
      const description = (found as Document).description;
      const ours = thing.kind !== 'project' || String(description ?? '').startsWith(MARK);
      return { document, ours };
    },
    async make(thing) {
      if (thing.kind === 'project') await request('POST', undefined, '/', bodyOf(thing));
      else
        await request(
          'POST',
          project,
          thing.kind === 'index' ? pathOf(thing) : (SHELF[thing.kind] ?? ''),
          bodyOf(thing),
        );
    },
    async change(thing) {
      await request('PUT', project, pathOf(thing), bodyOf(thing));
    },
    async remove(thing) {
      await request('DELETE', project, pathOf(thing));
    },
  };
}

/** The service adds times, states and defaults of its own: what nobody asked for is left out, however deep. */
function asFarAsWanted(wanted: unknown, found: unknown): Document {
  return narrowTo(wanted, found) as Document;
}

function narrowTo(wanted: unknown, found: unknown): unknown {
  if (Array.isArray(wanted) && Array.isArray(found))
    return found.map((one, at) => (at < wanted.length ? narrowTo(wanted[at], one) : one));
  if (!isObject(wanted) || !isObject(found)) return found;
  const names = Object.keys(wanted).filter((name) => name in found);
  return Object.fromEntries(names.map((name) => [name, narrowTo(wanted[name], found[name])]));
}

function isObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function unlessMissing(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    const isMissing = error instanceof LogFailure && /not(?:exist|found)$/.test(plainCode(error.code));
    if (isMissing) return undefined;
    throw error;
  }
}
