/** An argument's value as it is written: an expression of Terraform's language, not evaluated. */
export interface Expression {
  readonly text: string;
  readonly line: number;
}

/** A block, or a whole file: arguments by name, and the blocks in it. */
export interface Block {
  readonly type: string;
  readonly labels: readonly string[];
  readonly line: number;
  readonly attributes: Readonly<Record<string, Expression>>;
  readonly blocks: readonly Block[];
}

const OPENING = '([{';
const CLOSING = ')]}';
/** A here-document, or a comment. */
const ASIDE = /<<-?([A-Z]+)\n[\s\S]*?\n[ \t]*\1(?=\n)|#[^\n]*/y;

/**
 * Reads the structure of a Terraform file: which blocks hold which arguments. Expressions stay text.
 *
 * @throws {Error} with the line where the text is no such structure.
 */
export function readHcl(source: string): Block {
  const reader = new Reader(source);
  const body = reader.body(false);
  return { type: '', labels: [], line: 1, ...body };
}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Arguments and blocks up to the end of the file, or to the brace that ends the block. */
  body(inBlock: boolean): Pick<Block, 'attributes' | 'blocks'> {
    const attributes: Record<string, Expression> = {};
    const blocks: Block[] = [];
    for (;;) {
      this.#skip(/(?:\s+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y);
      if (this.#at === this.#source.length && !inBlock) return { attributes, blocks };
      if (inBlock && this.#take(/\}/y) !== undefined) return { attributes, blocks };
      const line = this.#line();
      const name = this.#take(/[A-Za-z_][\w-]*/y);
      if (name === undefined) throw this.#fault('an argument or a block');
      if (this.#take(/[ \t]*=(?!=)[ \t]*/y) !== undefined) {
        if (Object.hasOwn(attributes, name)) throw new Error(`line ${line}: ${name} is set twice`);
        attributes[name] = { text: this.#expression(), line };
      } else blocks.push({ type: name, labels: this.#labels(), line, ...this.body(true) });
    }
  }

  #labels(): readonly string[] {
    const labels: string[] = [];
    for (;;) {
      this.#skip(/[ \t]*/y);
      if (this.#take(/\{/y) !== undefined) return labels;
      const label = this.#take(/"[^"\n]*"|[A-Za-z_][\w-]*/y);
      if (label === undefined) throw this.#fault('a label or "{"');
      labels.push(label.replaceAll('"', ''));
    }
  }

  /** Up to the end of the line, outside of every bracket, text and here-document. */
  #expression(): string {
    const start = this.#at;
    let depth = 0;
    while (this.#at < this.#source.length) {
      const here = this.#source[this.#at] ?? '';
      if (depth === 0 && '\n#}'.includes(here)) break;
      if (here === '"') this.#text();
      else if (this.#take(ASIDE) === undefined) {
        depth += Number(OPENING.includes(here)) - Number(CLOSING.includes(here));
        this.#at += 1;
      }
    }
    return this.#source.slice(start, this.#at).trim();
  }

  /** A quoted text, whose templates may hold quoted texts in turn. */
  #text(): void {
    this.#at += 1;
    for (let depth = 0; this.#at < this.#source.length; ) {
      const here = this.#source[this.#at];
      if (here === '\\') this.#at += 2;
      else if (depth === 0 && here === '"') break;
      else if (here === '"') this.#text();
      else if (this.#take(/[$%]\{/y) !== undefined) depth += 1;
      else {
        if (depth > 0 && here === '}') depth -= 1;
        this.#at += 1;
      }
    }
    this.#at += 1;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #skip(pattern: RegExp): void {
    this.#take(pattern);
  }

  #line(): number {
    return this.#source.slice(0, this.#at).split('\n').length;
  }

  #fault(wanted: string): Error {
    return new Error(
      `line ${this.#line()}: ${wanted} is expected, not ${JSON.stringify(this.#source.slice(this.#at, this.#at + 20))}`,
    );
  }
}
