/** Three-valued truth: `unknown` is a condition that cannot be decided from what was seen. */
export type Truth = true | false | 'unknown';

/** The opposite; of what is unknown, nothing is known. */
export function not(truth: Truth): Truth {
  return truth === 'unknown' ? 'unknown' : !truth;
}

/** True if each is true, false if one is false, else unknown; asks no further than it must. */
export function every<T>(items: readonly T[], ask: (item: T) => Truth): Truth {
  let result: Truth = true;
  for (const item of items) {
    const truth = ask(item);
    if (truth === false) return false;
    if (truth === 'unknown') result = 'unknown';
  }
  return result;
}

/** True if one is true, false if each is false, else unknown; asks no further than it must. */
export function some<T>(items: readonly T[], ask: (item: T) => Truth): Truth {
  let result: Truth = false;
  for (const item of items) {
    const truth = ask(item);
    if (truth === true) return true;
    if (truth === 'unknown') result = 'unknown';
  }
  return result;
}
