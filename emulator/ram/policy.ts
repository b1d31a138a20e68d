/** One or several, as policy documents spell both. */
type Several = string | readonly string[];

export interface RamStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: Several;
  readonly Resource: Several;
  /** Not judged here: a document that has one is refused. */
  readonly Condition?: unknown;
}

/** A RAM policy, the JSON that RAM takes. */
export interface RamPolicy {
  readonly Version: '1';
  readonly Statement: readonly RamStatement[];
}

/** True when a statement names the action on the resource; `*` stands for any text, `?` for one character. */
export function names(statement: RamStatement, action: string, resource: string): boolean {
  if (statement.Condition !== undefined) throw new Error('conditions of RAM policies are not judged here');
  return (
    several(statement.Action).some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    several(statement.Resource).some((pattern) => matches(pattern, resource))
  );
}

/** What is not allowed is denied, and what is denied by name is denied whatever allows it. */
export function isAllowed(policies: readonly RamPolicy[], action: string, resource: string): boolean {
  const named = policies
    .flatMap((policy) => policy.Statement)
    .filter((statement) => names(statement, action, resource));
  return named.length > 0 && named.every(({ Effect }) => Effect === 'Allow');
}

function several(value: Several): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
