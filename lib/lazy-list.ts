/**
 * A read-only array whose elements are made when they are asked for, so that a list of a million need not be a
 * million objects. It can be used wherever an array is only read; an element that is asked for twice may be two
 * equal objects.
 *
 * @param make - gives the element at an index from 0 to `length - 1`.
 */
export function lazyList<T>(length: number, make: (index: number) => T): readonly T[] {
  const target: T[] = [];
  target.length = length;
  let lastIndex = -1;
  let last: T | undefined;
  /** The one asked for last is asked for again most often. */
  const at = (index: number): T => {
    if (index !== lastIndex) {
      last = make(index);
      lastIndex = index;
    }
    return last as T;
  };
  const indexOf = (key: string | symbol): number => {
    if (typeof key === 'symbol' || !isDigit(key.charCodeAt(0))) return -1;
    const index = Number(key);
    return Number.isInteger(index) && index < length ? index : -1;
  };
  const list = new Proxy(target, {
    get(list, key, receiver) {
      const index = indexOf(key);
      return index < 0 ? Reflect.get(list, key, receiver) : at(index);
    },
    has: (list, key) => indexOf(key) >= 0 || Reflect.has(list, key),
    ownKeys: (list) => [...Array.from({ length }, (_, index) => String(index)), ...Reflect.ownKeys(list)],
    getOwnPropertyDescriptor(list, key) {
      const index = indexOf(key);
      if (index < 0) return Reflect.getOwnPropertyDescriptor(list, key);
      return { value: at(index), writable: false, enumerable: true, configurable: true };
    },
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
  });
  elementAt.set(list, at);
  return list;
}

/** How each lazy list makes its elements. */
const elementAt = new WeakMap<object, (index: number) => unknown>();

/** Gives a list's elements by their index, in the shortest way. */
export function readerOf<T>(list: readonly T[]): (index: number) => T {
  const at = elementAt.get(list) as ((index: number) => T) | undefined;
  return at ?? ((index) => list[index]!);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Several lists as one, without copying them. */
export function joinLists<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const filled = lists.filter((list) => list.length > 0);
  if (filled.length <= 1) return filled[0] ?? [];
  const readers = filled.map(readerOf);
  const firsts: number[] = [];
  let length = 0;
  for (const list of filled) {
    firsts.push(length);
    length += list.length;
  }
  return lazyList(length, (index) => {
    let which = 0;
    while (which + 1 < firsts.length && firsts[which + 1]! <= index) which += 1;
    return readers[which]!(index - firsts[which]!);
  });
}

/** A part of a list, without copying it. */
export function sliceList<T>(list: readonly T[], from: number, to: number): readonly T[] {
  const at = readerOf(list);
  return lazyList(to - from, (index) => at(from + index));
}
