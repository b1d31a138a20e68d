/** The numbers from 0 to `count - 1`, without a list of them in between. */
export function indexes(count: number): Int32Array {
  const list = new Int32Array(count);
  for (let i = 0; i < count; i++) list[i] = i;
  return list;
}

/** Those of the numbers from 0 to `count - 1` for which something holds, ascending; asked twice each. */
export function indexesWhere(count: number, holds: (index: number) => boolean): Int32Array {
  let found = 0;
  for (let i = 0; i < count; i++) if (holds(i)) found++;
  const list = new Int32Array(found);
  let at = 0;
  for (let i = 0; at < found; i++) if (holds(i)) list[at++] = i;
  return list;
}
