import { SlsError } from './errors.ts';

/** A search condition, as far as the emulator knows the language. */
export type SearchNode =
  | { readonly kind: 'everything' }
  | { readonly kind: 'and'; readonly of: readonly SearchNode[] }
  | { readonly kind: 'or'; readonly of: readonly SearchNode[] }
  | { readonly kind: 'not'; readonly of: SearchNode }
  /** Without a field: in any. A word that ends in `*` is a beginning. */
  | { readonly kind: 'term'; readonly field?: string; readonly text: string; readonly prefix: boolean };

interface Token {
  readonly kind: 'word' | 'quoted' | '(' | ')' | ':';
  readonly text: string;
}

const TOKEN = /\s+|"((?:\\.|[^"\\])*)"|([():])|([^\s"():]+)/y;

/**
 * Parses the search part of a query: `*`, words, `field: value`, quotes, `and`, `or`, `not`, parentheses;
 * words side by side are joined by and.
 *
 * @throws {SlsError} `ParameterInvalid` for SQL, ranges and whatever else it does not know: a wrong answer
 * would be worse than none.
 */
export function parseSearch(text: string): SearchNode {
  if (stripQuoted(text).includes('|')) {
    throw new SlsError('ParameterInvalid', 'SQL is not supported by this emulator.');
  }
  const tokens = tokenize(text);
  if (tokens.length === 0) return { kind: 'everything' };
  const parser = new Parser(tokens);
  const node = parser.parseOr();
  parser.expectEnd();
  return node;
}

function stripQuoted(text: string): string {
  return text.replace(/"(?:\\.|[^"\\])*"/g, '');
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (match === null) throw invalid('a quote is not closed');
    const [, quoted, mark, word] = match;
    if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted.replace(/\\(.)/gs, '$1') });
    else if (mark !== undefined) tokens.push({ kind: mark as '(' | ')' | ':', text: mark });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parseOr(): SearchNode {
    const of = [this.#parseAnd()];
    while (this.#takeWord('or')) of.push(this.#parseAnd());
    return of.length === 1 ? (of[0] as SearchNode) : { kind: 'or', of };
  }

  expectEnd(): void {
    if (this.#at < this.#tokens.length) throw invalid(`unexpected ${this.#tokens[this.#at]?.text}`);
  }

  #parseAnd(): SearchNode {
    const of = [this.#parseNot()];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined || token.kind === ')' || this.#isWord('or')) break;
      this.#takeWord('and');
      of.push(this.#parseNot());
    }
    return of.length === 1 ? (of[0] as SearchNode) : { kind: 'and', of };
  }

  #parseNot(): SearchNode {
    return this.#takeWord('not') ? { kind: 'not', of: this.#parseNot() } : this.#parsePrimary();
  }

  #parsePrimary(): SearchNode {
    const token = this.#next();
    if (token.kind === '(') {
      const node = this.parseOr();
      if (this.#next().kind !== ')') throw invalid('a parenthesis is not closed');
      return node;
    }
    if (token.kind !== 'word' && token.kind !== 'quoted') throw invalid(`unexpected ${token.text}`);
    if (this.#tokens[this.#at]?.kind !== ':') return term(token);
    this.#at += 1;
    const value = this.#next();
    if (value.kind !== 'word' && value.kind !== 'quoted') throw invalid(`no value for ${token.text}`);
    return term(value, token.text);
  }

  #next(): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw invalid('the query ends too early');
    this.#at += 1;
    return token;
  }

  #isWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === 'word' && token.text.toLowerCase() === word;
  }

  #takeWord(word: string): boolean {
    if (!this.#isWord(word)) return false;
    this.#at += 1;
    return true;
  }
}

function term(token: Token, field?: string): SearchNode {
  const named = field === undefined ? {} : { field };
  if (token.kind === 'quoted') return { kind: 'term', ...named, text: token.text, prefix: false };
  if (token.text === '*' && field === undefined) return { kind: 'everything' };
  if (/^[<>=]|^\[/.test(token.text)) throw invalid('ranges are not supported by this emulator');
  const star = token.text.indexOf('*');
  if (star === 0 && field !== undefined && token.text.length === 1)
    return { kind: 'term', field, text: '', prefix: true };
  if (star === 0) throw invalid('a word cannot begin with a wildcard');
  if (star > 0 && star < token.text.length - 1)
    throw invalid('a wildcard in the middle is not supported by this emulator');
  const text = star > 0 ? token.text.slice(0, star) : token.text;
  return { kind: 'term', ...named, text, prefix: star > 0 };
}

function invalid(why: string): SlsError {
  return new SlsError('ParameterInvalid', `The query cannot be parsed: ${why}.`);
}
