/** The way to a place in a document: keys and list positions from the root. */
export type IssuePath = readonly (string | number)[];

/** A fault, before it is known on which line it stands. */
export interface Fault {
  readonly path: IssuePath;
  readonly message: string;
  readonly suggestion?: string;
  /** True when the key itself is at fault, not its value. */
  readonly atKey?: boolean;
}

/** Writes a path as people read it: `remove[0].when.expired`; the root is empty. */
export function formatPath(path: IssuePath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const name = /^[\w$-]+$/.test(step) ? step : JSON.stringify(step);
    return text === '' ? name : `${text}.${name}`;
  }, '');
}
