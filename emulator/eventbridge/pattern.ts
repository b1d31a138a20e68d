/**
 * EventBridge's event patterns: keys are joined by and, the values of a list by or; matching is exact and
 * case-sensitive, and nesting mirrors the event.
 *
 * Operators: `prefix`, `suffix`, `contains`, `anything-but` (values, or `{prefix}`), `numeric`, `cidr`
 * (IPv4), `exists`, and the empty string. Source: EventBridge documentation, event patterns.
 */
export type Pattern = { readonly [key: string]: Pattern | readonly unknown[] };

/** Whether an event matches a pattern; throws on a pattern that is not one, as the service refuses it. */
export function matchesPattern(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([key, expected]) => {
    const present = isObject(event) && Object.hasOwn(event, key);
    const actual = present ? (event as Record<string, unknown>)[key] : undefined;
    if (Array.isArray(expected)) {
      if (expected.length === 0) throw new Error(`pattern: "${key}" lists nothing`);
      return expected.some((one) => matchesOne(one, actual, present));
    }
    if (!isObject(expected)) throw new Error(`pattern: "${key}" must be a list or an object`);
    return matchesPattern(expected as Pattern, actual);
  });
}

function matchesOne(expected: unknown, actual: unknown, present: boolean): boolean {
  if (isObject(expected)) return matchesOperator(expected, actual, present);
  if (!present) return false;
  return Array.isArray(actual) ? actual.includes(expected) : actual === expected;
}

function matchesOperator(operator: Record<string, unknown>, actual: unknown, present: boolean): boolean {
  const [name, ...more] = Object.keys(operator);
  if (name === undefined || more.length > 0)
    throw new Error('pattern: an operator object has exactly one key');
  const operand = operator[name];
  if (name === 'exists') return present === operand;
  if (!present) return false;
  switch (name) {
    case 'prefix':
      return isText(actual) && actual.startsWith(String(operand));
    case 'suffix':
      return isText(actual) && actual.endsWith(String(operand));
    case 'contains':
      return isText(actual) && actual.includes(String(operand));
    case 'anything-but':
      return !matchesAnything(operand, actual);
    case 'numeric':
      return typeof actual === 'number' && matchesNumber(operand, actual);
    case 'cidr':
      return isText(actual) && isInside(String(operand), actual);
    default:
      throw new Error(`pattern: unknown operator "${name}"`);
  }
}

function matchesAnything(operand: unknown, actual: unknown): boolean {
  if (isObject(operand)) return isText(actual) && actual.startsWith(String(operand.prefix));
  return Array.isArray(operand) ? operand.includes(actual) : operand === actual;
}

function matchesNumber(operand: unknown, actual: number): boolean {
  if (!Array.isArray(operand)) throw new Error('pattern: numeric takes a list such as [">", 0]');
  for (let at = 0; at < operand.length; at += 2) {
    const bound = Number(operand[at + 1]);
    const holds = {
      '=': actual === bound,
      '>': actual > bound,
      '>=': actual >= bound,
      '<': actual < bound,
      '<=': actual <= bound,
    }[String(operand[at])];
    if (holds === undefined) throw new Error(`pattern: unknown comparison "${String(operand[at])}"`);
    if (!holds) return false;
  }
  return true;
}

function isInside(range: string, address: string): boolean {
  const [base = '', bits = '32'] = range.split('/');
  const mask = Number(bits) === 0 ? 0 : (-1 << (32 - Number(bits))) >>> 0;
  const [a, b] = [toNumber(base), toNumber(address)];
  return a !== undefined && b !== undefined && (a & mask) >>> 0 === (b & mask) >>> 0;
}

function toNumber(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
