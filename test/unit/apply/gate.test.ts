import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientToken } from '../../../lib/apply/client-token.ts';
import { createGate, type GateOptions } from '../../../lib/apply/gate.ts';
import type { Batch } from '../../../lib/batch/types.ts';
import { createBook } from '../../../lib/change/book.ts';
import { type Action, columnOf } from '../../../lib/change/column.ts';
import type { End } from '../../../lib/change/ends.ts';
import { type Change, createChangeTable } from '../../../lib/change/table.ts';
import type { TagRequest, UntagRequest } from '../../../lib/ports.ts';
import { aBatch, aRemoval } from '../../support/removals.ts';

/** A book whose every tag is in the journal. */
function journaledBook(changes: readonly Change[], action: Action = 'remove') {
  const book = createBook(createChangeTable(changes, action));
  book.noteJournaled(Array.from({ length: book.planned }, (_, slot) => slot));
  return book;
}

function aGate(part: Partial<GateOptions> = {}) {
  const sent: UntagRequest[] = [];
  const put: TagRequest[] = [];
  const book =
    part.book ?? journaledBook([aRemoval('eci-1', { a: '1', b: '2' }), aRemoval('eci-2', { a: '1' })]);
  const gate = createGate({
    eci: {
      untagResources: async (request) => {
        sent.push(request);
        return { requestId: 'R' };
      },
      tagResources: async (request) => {
        put.push(request);
        return { requestId: 'R' };
      },
    },
    book,
    isFree: () => false,
    unprotected: [],
    execution: 'run-1',
    ...part,
  });
  return { gate, sent, put, book };
}

describe('createGate', () => {
  it('sends a request whose every pair is planned', async () => {
    const { gate, sent } = aGate();

    await gate.send(aBatch(['eci-1', 'eci-2'], ['a']), 0);

    expect(sent).toEqual([
      {
        region: 'cn-hangzhou',
        type: 'ContainerGroup',
        ids: ['eci-1', 'eci-2'],
        keys: ['a'],
        clientToken: expect.stringMatching(/^[0-9a-f]{48}$/),
      },
    ]);
  });

  it('sends a pair that is not planned only where it is free', async () => {
    const { gate, sent } = aGate({ isFree: (ref, key) => ref.id === 'eci-2' && key === 'b' });

    await gate.send(aBatch(['eci-1', 'eci-2'], ['a', 'b']), 0);

    expect(sent).toHaveLength(1);
  });

  it('sends a request of the largest size', async () => {
    const ids = many(100, 'eci');
    const book = journaledBook(ids.map((id) => aRemoval(id, { 'k-0': '1' })));
    const { gate, sent } = aGate({ book, isFree: () => true });

    await gate.send(aBatch(ids, many(20, 'k')), 0);

    expect(sent).toHaveLength(1);
  });

  it.each<{ description: string; batch: Batch; part?: Partial<GateOptions>; why: string }>([
    {
      description: 'a pair neither planned nor free',
      batch: aBatch(['eci-1', 'eci-2'], ['a', 'b']),
      why: 'neither planned nor free',
    },
    {
      description: 'a key whose case differs from the planned one',
      batch: aBatch(['eci-1', 'eci-2'], ['A']),
      why: 'neither planned nor free',
    },
    {
      description: 'a resource that the plan does not name',
      batch: aBatch(['eci-1', 'eci-9'], ['a']),
      part: { isFree: () => true },
      why: 'does not name resource eci-9',
    },
    {
      description: 'a resource of another region',
      batch: aBatch(['eci-1'], ['a'], { region: 'cn-beijing' }),
      why: 'does not name',
    },
    {
      description: 'a resource of another type',
      batch: aBatch(['eci-1'], ['a'], { type: 'ImageCache' }),
      why: 'does not name',
    },
    {
      description: 'an unknown type',
      batch: aBatch(['eci-1'], ['a'], { type: 'Disk' as never }),
      why: 'type is unknown',
    },
    { description: 'no resources', batch: aBatch([], ['a']), why: 'no resource' },
    { description: 'no keys', batch: aBatch(['eci-1'], []), why: 'no key' },
    { description: 'an empty id', batch: aBatch([''], ['a']), why: 'empty' },
    {
      description: 'an empty key',
      batch: aBatch(['eci-1'], ['']),
      part: { isFree: () => true },
      why: 'empty',
    },
    {
      description: 'a missing key',
      batch: aBatch(['eci-1'], ['a', undefined as never]),
      part: { isFree: () => true },
      why: 'empty',
    },
    { description: 'a resource twice', batch: aBatch(['eci-1', 'eci-1'], ['a']), why: 'resource twice' },
    { description: 'a key twice', batch: aBatch(['eci-1'], ['a', 'a']), why: 'key twice' },
    { description: 'more than 100 resources', batch: aBatch(many(101, 'eci'), ['a']), why: 'more than 100' },
    { description: 'more than 20 keys', batch: aBatch(['eci-1'], many(21, 'k')), why: 'more than 20' },
    {
      description: 'a key of the cloud',
      batch: aBatch(['eci-1'], ['acs:tag:createdby']),
      part: { isFree: () => true },
      why: 'belongs to the cloud',
    },
    {
      description: 'a key that begins with aliyun',
      batch: aBatch(['eci-1'], ['aliyun-x']),
      part: { isFree: () => true },
      why: 'belongs to the cloud',
    },
    {
      description: 'a key of Kubernetes',
      batch: aBatch(['eci-1'], ['PodName']),
      part: { isFree: () => true },
      why: 'Kubernetes',
    },
    {
      description: 'a family of Kubernetes',
      batch: aBatch(['eci-1'], ['k8s.io/role']),
      part: { isFree: () => true },
      why: 'Kubernetes',
    },
    {
      description: 'a tag that is not in the journal',
      batch: aBatch(['eci-1'], ['a']),
      part: { book: createBook(createChangeTable([aRemoval('eci-1', { a: '1' })])) },
      why: 'not in the journal',
    },
  ])('refuses $description, and sends nothing', async ({ batch, part, why }) => {
    const { gate, sent } = aGate(part);

    await expect(gate.send(batch, 0)).rejects.toMatchObject({
      code: 'GATE_CLOSED',
      message: expect.stringContaining(why),
    });
    expect(sent).toEqual([]);
  });

  it('refuses a tag that is kept because it changed', async () => {
    const { gate, sent, book } = aGate();
    book.end(0, 'stale');

    await expect(gate.send(aBatch(['eci-1', 'eci-2'], ['a']), 0)).rejects.toMatchObject({
      code: 'GATE_CLOSED',
      message: expect.stringContaining('tag "a" of eci-1 changed since the plan, and is kept'),
    });
    expect(sent).toEqual([]);
  });

  it('lets a Kubernetes key through that the policy names under unprotect', async () => {
    const book = journaledBook([aRemoval('eci-1', { PodName: 'x' })]);
    const { gate, sent } = aGate({ book, unprotected: ['PodName'] });

    await gate.send(aBatch(['eci-1'], ['PodName']), 0);

    expect(sent).toHaveLength(1);
  });

  it('sends exactly the requests whose pairs are all planned or free', async () => {
    const ids = fc.uniqueArray(fc.constantFrom('eci-1', 'eci-2', 'eci-3'), { minLength: 1 });
    const keys = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 });
    const pairs = fc.uniqueArray(fc.constantFrom('eci-1 c', 'eci-2 b', 'eci-2 c', 'eci-3 a', 'eci-1 a'));
    const planned = ['eci-1 a', 'eci-1 b', 'eci-2 a'];
    await fc.assert(
      fc.asyncProperty(ids, keys, pairs, async (ids, keys, free) => {
        const { gate, sent } = aGate({
          isFree: (ref, key) => free.some((pair) => pair === `${ref.id} ${key}`),
        });
        const allowed = ids.every((id) =>
          keys.every((key) => id !== 'eci-3' && [...planned, ...free].includes(`${id} ${key}`)),
        );
        await gate.send(aBatch(ids, keys), 0).catch(() => undefined);
        expect(sent.length).toBe(allowed ? 1 : 0);
      }),
    );
  });
});

describe('createGate, where tags are put', () => {
  const PUT = [aRemoval('eci-1', { a: '1', b: '2' }), aRemoval('eci-2', { a: '1', b: 'other' })];
  const column = (key: string, value: string) => columnOf('put', { key, value });

  it('sends key and value where each resource is to get them', async () => {
    const { gate, put } = aGate({ book: journaledBook(PUT, 'put') });

    await gate.send(aBatch(['eci-1', 'eci-2'], [column('a', '1')]), 0);

    expect(put).toEqual([
      {
        region: 'cn-hangzhou',
        type: 'ContainerGroup',
        ids: ['eci-1', 'eci-2'],
        tags: [{ key: 'a', value: '1' }],
      },
    ]);
  });

  it.each<{ description: string; keys: readonly string[]; end?: End; journaled?: false; why: string }>([
    { description: 'a value of another resource', keys: [column('b', '2')], why: 'neither planned nor free' },
    { description: 'a key that is not planned', keys: [column('c', '')], why: 'neither planned nor free' },
    {
      description: 'one key with two values',
      keys: [column('b', '2'), column('b', 'other')],
      why: 'a key with two values',
    },
    { description: 'a key of the cloud', keys: [column('acs:x', '')], why: 'belongs to the cloud' },
    {
      description: 'what was put back already',
      keys: [column('a', '1')],
      end: 'restored',
      why: 'is restored already',
    },
    { description: 'what others set', keys: [column('a', '1')], end: 'stale', why: 'changed since' },
    {
      description: 'what is not in the journal',
      keys: [column('a', '1')],
      journaled: false,
      why: 'not in the journal',
    },
  ])('refuses $description, free or not', async ({ keys, end, journaled, why }) => {
    const book = journaled === false ? createBook(createChangeTable(PUT, 'put')) : journaledBook(PUT, 'put');
    if (end !== undefined) book.end(0, end);
    const { gate, put } = aGate({ book, isFree: () => true });

    await expect(gate.send(aBatch(['eci-1', 'eci-2'], keys), 0)).rejects.toMatchObject({
      code: 'GATE_CLOSED',
      message: expect.stringContaining(why),
    });
    expect(put).toEqual([]);
  });
});

describe('the way to UntagResources and TagResources', () => {
  it.each(['untagResources', 'tagResources'])('leads through the gate alone: %s', (name) => {
    const call = new RegExp(`\\.\\s*${name}\\s*\\(`);
    const callers = sources('lib')
      .concat(sources('cli'), sources('functions'))
      .filter((file) => call.test(readFileSync(file, 'utf8')))
      .map((file) => file.replaceAll('\\', '/'));

    // The meter wraps the port, and the lazy client loads it: both pass on what the gate sent.
    expect(callers.sort()).toEqual(['lib/apply/gate.ts', 'lib/cloud/connect.ts', 'lib/pace/meter.ts']);
  });
});

describe('clientToken', () => {
  it('is the same whatever the order of ids and keys', () => {
    const one = clientToken('run-1', aBatch(['eci-1', 'eci-2'], ['a', 'b']), 0);

    expect(clientToken('run-1', aBatch(['eci-2', 'eci-1'], ['b', 'a']), 0)).toBe(one);
    expect(one).toMatch(/^[\x21-\x7e]{1,64}$/);
  });

  it.each([
    { description: 'another run', token: clientToken('run-2', aBatch(['eci-1'], ['a']), 0) },
    {
      description: 'another region',
      token: clientToken('run-1', aBatch(['eci-1'], ['a'], { region: 'x' }), 0),
    },
    {
      description: 'another type',
      token: clientToken('run-1', aBatch(['eci-1'], ['a'], { type: 'DataCache' }), 0),
    },
    { description: 'another resource', token: clientToken('run-1', aBatch(['eci-2'], ['a']), 0) },
    { description: 'another key', token: clientToken('run-1', aBatch(['eci-1'], ['b']), 0) },
    { description: 'a later round', token: clientToken('run-1', aBatch(['eci-1'], ['a']), 1) },
  ])('differs for $description', ({ token }) => {
    expect(token).not.toBe(clientToken('run-1', aBatch(['eci-1'], ['a']), 0));
  });
});

function many(count: number, name: string): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${name}-${n}`);
}

function sources(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
