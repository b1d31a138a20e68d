import { describe, expect, it } from 'vitest';
import { createBook } from '../../../lib/change/book.ts';
import { createChangeTable } from '../../../lib/change/table.ts';
import { createAccount } from '../../../lib/proof/account.ts';
import type { TagEnd } from '../../../lib/report/report.ts';
import { aBatch, aRemoval } from '../../support/removals.ts';
import { aResource } from '../../support/resources.ts';

/** An account of a plan for tag `a` of eci-1, ended so, and asked for if `asked`. */
function anAccount(end?: TagEnd, asked = end !== undefined) {
  const book = createBook(createChangeTable([aRemoval('eci-1', { a: '1' })]));
  if (end !== undefined) book.end(0, end);
  if (asked) book.noteSent(aBatch(['eci-1'], ['a']));
  return { account: createAccount(book), book };
}

const before = aResource({ id: 'eci-1', tags: { a: '1', env: 'dev' } });
const now = (tags: Readonly<Record<string, string>> | undefined, id = 'eci-1') => aResource({ id, tags });

describe('createAccount', () => {
  it('finds nothing where the plan was carried out and nothing else happened', () => {
    const { account } = anAccount('removed');

    expect(account.compare(before, now({ env: 'dev' }))).toBe(true);
    expect(account.foreign()).toBe(0);
    expect(account.unexplained(() => true)).toEqual([]);
    expect(account.waiting()).toEqual([]);
  });

  it.each<{ description: string; end?: TagEnd; asked?: boolean; foreign: number; unexplained: string[] }>([
    { description: 'was absent', end: 'absent', foreign: 0, unexplained: [] },
    { description: 'failed after it was asked for', end: 'failed', foreign: 0, unexplained: [] },
    {
      description: 'failed and was never asked for',
      end: 'failed',
      asked: false,
      foreign: 1,
      unexplained: [],
    },
    {
      description: 'was to be kept, though a request held it',
      end: 'stale',
      unexplained: ['cn-hangzhou/ContainerGroup/eci-1 a'],
      foreign: 0,
    },
    {
      description: 'was to be kept, and in no request',
      end: 'stale',
      asked: false,
      foreign: 1,
      unexplained: [],
    },
    {
      description: 'was not reached, though a request held it',
      end: 'notReached',
      unexplained: ['cn-hangzhou/ContainerGroup/eci-1 a'],
      foreign: 0,
    },
    { description: 'was not reached', end: 'notReached', asked: false, foreign: 1, unexplained: [] },
  ])('accounts for a planned tag that is gone and $description', ({ end, asked, foreign, unexplained }) => {
    const { account } = anAccount(end, asked);

    account.compare(before, now({ env: 'dev' }));

    expect(account.foreign()).toBe(foreign);
    expect(account.unexplained(() => false)).toEqual(unexplained);
  });

  it('calls tags foreign that are gone from a resource that no request touched', () => {
    const { account } = anAccount();

    account.compare(before, now({}));

    expect([account.foreign(), account.lost(), account.unexplained(() => true)]).toEqual([2, 0, []]);
  });

  it('calls a tag unexplained that is not planned, and that a request named', () => {
    const { account, book } = anAccount('removed');
    book.noteSent(aBatch(['eci-1', 'eci-2'], ['x']));
    book.noteSent(aBatch(['eci-3', 'eci-1'], ['env', 'y']));

    account.compare(before, now({}));
    account.compare(now({ y: '1', x: '2' }, 'eci-2'), now({}, 'eci-2'));
    account.compare(now({ x: '1' }), now({}));

    expect(account.foreign()).toBe(1);
    expect(account.unexplained(() => true)).toEqual([
      'cn-hangzhou/ContainerGroup/eci-1 env',
      'cn-hangzhou/ContainerGroup/eci-2 x',
      'cn-hangzhou/ContainerGroup/eci-1 x',
    ]);
  });

  it('calls tags foreign that others added or changed', () => {
    const { account } = anAccount('removed');

    account.compare(before, now({ env: 'prod', new: '1', newer: '2' }));

    expect([account.foreign(), account.unexplained(() => true)]).toEqual([3, []]);
  });

  it('calls a removed tag foreign that is there with another value', () => {
    const { account } = anAccount('removed');

    account.compare(before, now({ a: 'other', env: 'dev' }));

    expect([account.foreign(), account.waiting()]).toEqual([1, []]);
  });

  it('calls kept tags lost that are gone from a resource that a request touched', () => {
    const { account } = anAccount('removed');

    account.compare(before, now({}));

    expect([account.foreign(), account.lost(), account.unexplained(() => true)]).toEqual([0, 1, []]);
  });

  it('calls a tag foreign that was seen to be gone, and is there again', () => {
    const { account, book } = anAccount('removed');
    book.noteSeenDone(0);

    account.compare(before, now({ a: '1', env: 'dev' }));

    expect([account.foreign(), account.waiting()]).toEqual([1, []]);
  });

  it('compares tags, and neither name nor status', () => {
    const { account } = anAccount('removed');

    account.compare(before, { ...now({ a: '1' }), name: 'other', status: 'Failed', resourceGroupId: 'rg-2' });

    expect([account.foreign(), account.lost()]).toEqual([0, 1]);
    expect(account.waiting()).toMatchObject([{ region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-1' }]);
  });

  it('sees that a removed tag is still there though name and status are the same', () => {
    const { account } = anAccount('removed');

    account.compare(before, before);

    expect(account.waiting()).toMatchObject([{ region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-1' }]);
    expect(account.unexplained(() => false)).toEqual([]);
    expect(account.unexplained(() => true)).toEqual(['cn-hangzhou/ContainerGroup/eci-1 a']);
  });

  it.each<TagEnd>(['failed', 'stale', 'notReached'])('does not wait for a tag that %s', (end) => {
    const { account } = anAccount(end);

    account.compare(before, before);

    expect(account.waiting()).toEqual([]);
  });

  it('does not take another resource’s removed tag for its own', () => {
    const { account } = anAccount('removed');

    account.compare(now({ a: '1' }, 'eci-2'), now({ a: '1' }, 'eci-2'));
    account.compare(now({ a: '1' }, 'eci-3'), now({}, 'eci-3'));

    expect([account.waiting(), account.foreign()]).toEqual([[], 1]);
  });

  it('cannot compare what was seen and is not seen any more', () => {
    const { account } = anAccount('removed');

    expect(account.compare(before, now(undefined))).toBe(false);
    expect(account.foreign()).toBe(0);
  });

  it('asks nothing of a resource whose tags were never seen', () => {
    const { account } = anAccount('removed');

    expect(account.compare(now(undefined), now({ a: '1' }))).toBe(true);
    expect(account.compare(now(undefined), now(undefined))).toBe(true);
    expect([account.foreign(), account.waiting()]).toEqual([0, []]);
  });
});

describe('lookAgain', () => {
  const ref = { region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-1' } as const;

  /** Two removed tags that still show. */
  function waitingFor() {
    const book = createBook(createChangeTable([aRemoval('eci-1', { a: '1', b: '2' })]));
    for (const slot of [0, 1]) book.end(slot, 'removed');
    book.noteSent(aBatch(['eci-1'], ['a', 'b']));
    const account = createAccount(book);
    account.compare(now({ a: '1', b: '2' }), now({ a: '1', b: '2' }));
    return account;
  }

  it('keeps what still shows, and names each key', () => {
    const account = waitingFor();

    account.lookAgain(ref, now({ a: '1', b: '2' }));

    expect(account.waiting()).toMatchObject([ref]);
    expect(account.unexplained(() => true)).toEqual([
      'cn-hangzhou/ContainerGroup/eci-1 a',
      'cn-hangzhou/ContainerGroup/eci-1 b',
    ]);
  });

  it('lets go of what is gone, tag by tag', () => {
    const account = waitingFor();

    account.lookAgain(ref, now({ b: '2' }));
    expect(account.unexplained(() => true)).toEqual(['cn-hangzhou/ContainerGroup/eci-1 b']);
    expect(account.waiting()).toMatchObject([ref]);

    account.lookAgain(ref, now({}));
    expect([account.unexplained(() => true), account.waiting(), account.foreign()]).toEqual([[], [], 0]);
  });

  it('calls a new value foreign: ours is gone', () => {
    const account = waitingFor();

    account.lookAgain(ref, now({ a: 'other' }));

    expect([account.waiting(), account.foreign()]).toEqual([[], 1]);
  });

  it('lets go of a resource that is gone', () => {
    const account = waitingFor();

    account.lookAgain(ref, undefined);

    expect([account.waiting(), account.foreign()]).toEqual([[], 0]);
  });

  it('learns nothing from tags that cannot be seen, or from a resource that it does not wait for', () => {
    const account = waitingFor();

    account.lookAgain(ref, now(undefined));
    account.lookAgain({ ...ref, id: 'eci-2' }, now({}, 'eci-2'));

    expect(account.waiting()).toMatchObject([ref]);
  });
});
