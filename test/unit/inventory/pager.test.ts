import { describe, expect, it } from 'vitest';
import { createPager } from '../../../lib/inventory/pager.ts';

/** A service that has a new page for everyone who asks. */
function endless() {
  let page = 0;
  return async () => {
    page += 1;
    return { items: [{ id: `eci-${page}` }], nextToken: `token-${page}` };
  };
}

describe('createPager', () => {
  it('gives up a listing that has no end, although each page is new', async () => {
    const pager = createPager('ContainerGroup in cn-hangzhou', endless(), undefined, 500);

    const reading = async () => {
      while (!pager.ended) await pager.next();
    };

    await expect(reading()).rejects.toMatchObject({
      code: 'INVENTORY_INCOMPLETE',
      message: expect.stringContaining('500 pages did not bring its end'),
    });
    expect(pager.calls).toBe(500);
  });

  it('asks no more once the run is to stop', async () => {
    const stop = new AbortController();
    const pager = createPager('ContainerGroup in cn-hangzhou', endless(), stop.signal);
    await pager.next();

    stop.abort();

    await expect(pager.next()).rejects.toThrow();
    expect(pager.calls).toBe(1);
  });
});
