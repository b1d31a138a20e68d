/** One row of a log store, as a query sees it. */
export type Row = Readonly<Record<string, string>>;

/**
 * Evaluates the part of the log service's query language that the alarms use, without any of our code: a search of
 * words, `key: value`, `and`, `or`, `not`; then `select AGGREGATE as NAME from log [where CONDITION]`.
 *
 * @returns the one row: the name and its figure.
 * @throws {Error} for whatever it does not know, so that no alarm is taken for one that was looked at.
 */
export function evaluate(query: string, rows: readonly Row[]): Readonly<Record<string, number>> {
  const [search = '', sql = ''] = query.split(' | ');
  const found = rows.filter(parser(search, searchTerm));
  const [, aggregate = '', name = '', where] =
    /^select (count\(\*\)|count\(distinct \w+\)|max\(\w+\)) as (\w+) from log(?: where (.*))?$/.exec(sql) ??
    [];
  if (aggregate === '') throw new Error(`no such statement: ${sql}`);
  const kept = where === undefined ? found : found.filter(parser(where, sqlTerm));
  if (aggregate === 'count(*)') return { [name]: kept.length };
  const field = /(\w+)\)$/.exec(aggregate)?.[1] ?? '';
  const values = kept.flatMap((row) => row[field] ?? []);
  if (aggregate.startsWith('count')) return { [name]: new Set(values).size };
  return { [name]: Math.max(0, ...values.map(Number)) };
}

/** Whether a condition such as `cnt + earlier < 1` is true of the rows of its queries side by side. */
export function fires(condition: string, row: Readonly<Record<string, number>>): boolean {
  const [, sum = '', operator, bound] = /^([a-z]+(?: \+ [a-z]+)*) ([<>]) (\d+)$/.exec(condition) ?? [];
  if (operator === undefined) throw new Error(`no such condition: ${condition}`);
  const figures = sum.split(' + ').map((name) => {
    if (row[name] === undefined) throw new Error(`no query gives ${name}: ${condition}`);
    return row[name];
  });
  const figure = figures.reduce((all, one) => all + one);
  return operator === '<' ? figure < Number(bound) : figure > Number(bound);
}

type Test = (row: Row) => boolean;
type Term = (tokens: string[]) => Test;

function parser(text: string, term: Term): Test {
  const tokens = text.match(/"[^"]*"|'[^']*'|\w+:|[\w*-]+|[()=,<>]/g) ?? [];
  const test = anyOf(tokens, term);
  if (tokens.length > 0) throw new Error(`not understood: ${tokens.join(' ')}`);
  return test;
}

function anyOf(tokens: string[], term: Term): Test {
  const parts = [allOf(tokens, term)];
  while (tokens[0] === 'or' && tokens.shift()) parts.push(allOf(tokens, term));
  return (row) => parts.some((part) => part(row));
}

function allOf(tokens: string[], term: Term): Test {
  const parts = [one(tokens, term)];
  while (tokens[0] === 'and' && tokens.shift()) parts.push(one(tokens, term));
  return (row) => parts.every((part) => part(row));
}

function one(tokens: string[], term: Term): Test {
  if (tokens[0] === 'not' && tokens.shift()) {
    const test = one(tokens, term);
    return (row) => !test(row);
  }
  if (tokens[0] !== '(') return term(tokens);
  tokens.shift();
  const test = anyOf(tokens, term);
  if (tokens.shift() !== ')') throw new Error('a bracket is not closed');
  return test;
}

/** `key: value` compares a field; a word alone is looked for in all of them. */
function searchTerm(tokens: string[]): Test {
  const token = tokens.shift() ?? '';
  if (token.endsWith(':')) {
    const value = tokens.shift();
    return (row) => row[token.slice(0, -1)] === value;
  }
  const word = token.replace(/"/g, '').toLowerCase();
  return (row) => Object.values(row).some((text) => ` ${text.toLowerCase()} `.includes(word));
}

function sqlTerm(tokens: string[]): Test {
  const field = tokens.shift() ?? '';
  const operator = tokens.shift();
  if (operator === 'is') {
    const wanted = tokens[0] === 'not' && tokens.shift() !== undefined;
    if (tokens.shift() !== 'null') throw new Error('is what?');
    return (row) => (row[field] !== undefined) === wanted;
  }
  const value = (tokens.shift() ?? '').replace(/'/g, '');
  if (operator === '=') return (row) => row[field] === value;
  if (operator === '>') return (row) => Number(row[field] ?? Number.NaN) > Number(value);
  throw new Error(`no such operator: ${operator}`);
}
