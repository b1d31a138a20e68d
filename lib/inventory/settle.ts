/**
 * Waits for all before it throws what the first of them threw, so that nothing goes on behind the caller's
 * back.
 */
export async function settleAll<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  const values: T[] = [];
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'rejected') {
      throw result.reason;
    }
    values.push(result.value);
  }
  return values;
}
