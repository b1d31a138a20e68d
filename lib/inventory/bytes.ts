/** Rows of bytes, one after the other; a row is written whole and never changes. */
export interface Bytes {
  /** Copies the row that was written to `pen`, and gives its place. */
  keep(pen: Pen): number;
  /** A reader that stands at a place, until the next row is read. */
  read(place: number): Reader;
}

/** Writes one row. */
export interface Pen {
  readonly buffer: Buffer;
  readonly length: number;
  start(): void;
  number(value: number): void;
  float(value: number): void;
  text(value: string): void;
}

/** Reads a row in the order in which it was written. */
export interface Reader {
  number(): number;
  float(): number;
  text(): string;
}

/** The first chunks are small, so that a few resources take little; none is larger than this. */
const FIRST_CHUNK_BYTES = 4096;
const CHUNK_BYTES = 1 << 20;

export function createBytes(): Bytes {
  const chunks: Buffer[] = [];
  const reader = createReader();
  let used = 0;
  return {
    keep(pen) {
      if (used + pen.length > (chunks.at(-1)?.length ?? 0)) {
        const size = Math.min(FIRST_CHUNK_BYTES * 4 ** chunks.length, CHUNK_BYTES);
        // A row larger than that has a chunk of its own.
        chunks.push(Buffer.allocUnsafeSlow(Math.max(size, pen.length)));
        used = 0;
      }
      const at = used;
      pen.buffer.copy(chunks.at(-1)!, at, 0, pen.length);
      used += pen.length;
      return (chunks.length - 1) * CHUNK_BYTES + at;
    },
    read(place) {
      reader.move(chunks[Math.floor(place / CHUNK_BYTES)]!, place % CHUNK_BYTES);
      return reader;
    },
  };
}

/** One reader for all rows: they are read one after the other, and often. */
function createReader(): Reader & { move(to: Buffer, place: number): void } {
  let buffer: Buffer = Buffer.alloc(0);
  let at = 0;
  const number = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = buffer[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  };
  return {
    move(to, place) {
      buffer = to;
      at = place;
    },
    number,
    float() {
      at += 8;
      return buffer.readDoubleLE(at - 8);
    },
    text() {
      const head = number();
      const from = at;
      at += head >> 1;
      return buffer.toString(head & 1 ? 'utf16le' : 'latin1', from, at);
    },
  };
}

/** A pen that is used again and again. */
export function createPen(): Pen {
  let buffer = Buffer.allocUnsafeSlow(4096);
  let at = 0;
  const room = (bytes: number): void => {
    if (at + bytes <= buffer.length) return;
    const wider = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, at + bytes));
    buffer.copy(wider, 0, 0, at);
    buffer = wider;
  };
  const number = (value: number): void => {
    room(8);
    let rest = value;
    while (rest >= 128) {
      buffer[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    buffer[at++] = rest;
  };
  return {
    get buffer() {
      return buffer;
    },
    get length() {
      return at;
    },
    start() {
      at = 0;
    },
    number,
    float(value) {
      room(8);
      at = buffer.writeDoubleLE(value, at);
    },
    text(value) {
      // One byte a character where that is exact; half a surrogate pair survives in the wide form alone.
      const isWide = /[^\0-\xff]/.test(value);
      number(value.length * (isWide ? 4 : 2) + (isWide ? 1 : 0));
      room(value.length * 2);
      at += buffer.write(value, at, isWide ? 'utf16le' : 'latin1');
    },
  };
}
