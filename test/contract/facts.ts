import { EciError } from '../../lib/errors.ts';
import type { EciApi, ListQuery } from '../../lib/ports.ts';
import type { Resource } from '../../lib/resource.ts';

/** A service to be asked, and one container group in it whose tags may be changed. */
export interface Subject {
  readonly eci: EciApi;
  readonly region: string;
  /** Holds `OWN.stays` and `OWN.goes`, each with the value `conformance`. */
  readonly id: string;
  /** Lets the service take its time until a change shows. */
  readonly pause: () => Promise<void>;
}

/** The keys that the facts set and remove: the doctor's own, as it may touch no others. */
export const OWN = {
  stays: 'tagsweep-doctor-stays',
  goes: 'tagsweep-doctor-goes',
  absent: 'tagsweep-doctor-absent',
};
export const VALUE = 'conformance';

/** One way in which the service is relied upon, what is expected, and how to see it. */
export interface Fact {
  readonly name: string;
  readonly expected: string;
  readonly ask: (subject: Subject) => Promise<string>;
}

const TYPE = 'ContainerGroup';
const PATIENCE = 20;

async function readOne({ eci, region, id }: Subject): Promise<Resource | undefined> {
  return (await eci.listResources({ region, type: TYPE, ids: [id] })).items.find((one) => one.id === id);
}

function keysOf(resource: Resource | undefined): string {
  const own = Object.values(OWN);
  return (resource?.tags ?? [])
    .map(({ key }) => key)
    .filter((key) => own.includes(key))
    .join(' ');
}

/** The own keys once they are as wanted, or as they still are when patience ends. */
async function keysUntil(subject: Subject, wanted: string): Promise<string> {
  let keys = '';
  for (let n = 0; n < PATIENCE; n++) {
    keys = keysOf(await readOne(subject));
    if (keys === wanted) break;
    await subject.pause();
  }
  return keys;
}

function untag({ eci, region, id }: Subject, keys: readonly string[], clientToken: string) {
  return eci.untagResources({ region, type: TYPE, ids: [id], keys, clientToken });
}

async function countPages(
  { eci }: Subject,
  query: ListQuery,
): Promise<{ readonly ids: Set<string>; readonly pages: number }> {
  const ids = new Set<string>();
  let nextToken: string | undefined;
  for (let pages = 1; ; pages++) {
    const page = await eci.listResources({ ...query, ...(nextToken !== undefined && { nextToken }) });
    for (const { id } of page.items) ids.add(id);
    nextToken = page.nextToken;
    if (nextToken === undefined || pages === PATIENCE) return { ids, pages };
  }
}

async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'accepted';
  } catch (error) {
    if (error instanceof EciError) return error.kind;
    throw error;
  }
}

let tokens = 0;
const aToken = () => `conformance-${Date.now()}-${tokens++}`;

/** In this order: each leaves the group as the next expects it. */
export const FACTS: readonly Fact[] = [
  {
    name: 'a group read by its id tells its tags',
    expected: `${OWN.goes} ${OWN.stays}`,
    ask: async (subject) => keysOf(await readOne(subject)),
  },
  {
    name: 'a list by one of its keys finds it',
    expected: 'found',
    ask: async (subject) => {
      const { region, id } = subject;
      const { ids } = await countPages(subject, { region, type: TYPE, tags: [{ key: OWN.stays }] });
      return ids.has(id) ? 'found' : 'not found';
    },
  },
  {
    name: 'a list by key and another value does not find it',
    expected: 'not found',
    ask: async (subject) => {
      const { region, id } = subject;
      const tags = [{ key: OWN.stays, value: 'another' }];
      const { ids } = await countPages(subject, { region, type: TYPE, tags });
      return ids.has(id) ? 'found' : 'not found';
    },
  },
  {
    name: 'the status list names it',
    expected: 'named',
    ask: async ({ eci, region, id }) => {
      const page = await eci.listContainerGroupStatus({ region, ids: [id] });
      return page.items.some((one) => one.id === id) ? 'named' : 'not named';
    },
  },
  {
    name: 'rows of its tags are listed by its id',
    expected: `${OWN.goes}=${VALUE} ${OWN.stays}=${VALUE}`,
    ask: async ({ eci, region, id }) => {
      const { items } = await eci.listTagResources({ region, type: TYPE, ids: [id] });
      const own = items.filter(({ key }) => Object.values(OWN).includes(key));
      return own
        .map(({ key, value }) => `${key}=${value}`)
        .sort()
        .join(' ');
    },
  },
  {
    name: 'a removal takes the named key and no other, an absent one beside it included',
    expected: OWN.stays,
    ask: async (subject) => {
      await untag(subject, [OWN.goes, OWN.absent], aToken());
      return await keysUntil(subject, OWN.stays);
    },
  },
  {
    name: 'a removal of what is gone already succeeds',
    expected: 'accepted',
    ask: (subject) => refusalOf(untag(subject, [OWN.goes], aToken())),
  },
  {
    name: 'one client token does the same request once, and no other',
    expected: 'accepted rejected',
    ask: async (subject) => {
      const token = aToken();
      await untag(subject, [OWN.absent], token);
      const same = await refusalOf(untag(subject, [OWN.absent], token));
      return `${same} ${await refusalOf(untag(subject, [OWN.goes], token))}`;
    },
  },
  {
    name: 'a tag is put back, and a new value overwrites the old',
    expected: `${OWN.goes}=2`,
    ask: async (subject) => {
      const { eci, region, id } = subject;
      for (const value of ['1', '2']) {
        await eci.tagResources({ region, type: TYPE, ids: [id], tags: [{ key: OWN.goes, value }] });
      }
      let seen: string | undefined;
      for (let n = 0; n < PATIENCE && seen !== '2'; n++) {
        seen = (await readOne(subject))?.tags?.find(({ key }) => key === OWN.goes)?.value;
        if (seen !== '2') await subject.pause();
      }
      return `${OWN.goes}=${seen ?? 'none'}`;
    },
  },
  {
    name: 'a removal that names an id which does not exist says so, and takes nothing',
    expected: `gone ${OWN.goes} ${OWN.stays}`,
    ask: async (subject) => {
      const { eci, region, id } = subject;
      const ids = [id, 'eci-0tagsweepdoctor00000'];
      const told = await refusalOf(
        eci.untagResources({ region, type: TYPE, ids, keys: [OWN.goes], clientToken: aToken() }),
      );
      await subject.pause();
      return `${told} ${keysOf(await readOne(subject))}`;
    },
  },
  {
    name: 'the whole list ends, and holds the group',
    expected: 'held',
    ask: async (subject) => {
      const { ids, pages } = await countPages(subject, { region: subject.region, type: TYPE });
      if (ids.has(subject.id)) return 'held';
      return pages === PATIENCE ? 'held' : 'not held';
    },
  },
];

/** What a service does otherwise than it is relied upon to do. */
export interface Difference {
  readonly fact: string;
  readonly expected: string;
  readonly seen: string;
}

/** Asks for every fact, one after the other. */
export async function findDifferences(subject: Subject): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  for (const { name, expected, ask } of FACTS) {
    let seen: string;
    try {
      seen = await ask(subject);
    } catch (error) {
      seen = error instanceof EciError ? `${error.kind} ${error.apiCode}` : String(error);
    }
    if (seen !== expected) differences.push({ fact: name, expected, seen });
  }
  return differences;
}

/** The differences as a table for an issue. */
export function differencesTable(differences: readonly Difference[]): string {
  const rows = differences.map(({ fact, expected, seen }) => `| ${fact} | ${expected} | ${seen} |`);
  return ['| fact | relied upon | seen |', '|---|---|---|', ...rows].join('\n');
}
