const MIN_MATCH = 4;

/**
 * Decompresses one raw LZ4 block (no frame, no size prefix) that must give exactly `rawSize` bytes.
 *
 * @throws {RangeError} for a block that is broken or gives another size.
 */
export function decompressLz4Block(block: Uint8Array, rawSize: number): Buffer {
  const out = Buffer.alloc(rawSize);
  let read = 0;
  let written = 0;
  const next = (): number => {
    const byte = block[read];
    if (byte === undefined) throw new RangeError('the block ends too early');
    read += 1;
    return byte;
  };
  const length = (nibble: number): number => {
    let total = nibble;
    if (nibble < 15) return total;
    for (;;) {
      const byte = next();
      total += byte;
      if (byte !== 255) return total;
    }
  };
  while (read < block.length) {
    const token = next();
    const literals = length(token >> 4);
    if (read + literals > block.length || written + literals > rawSize)
      throw new RangeError('too many literals');
    out.set(block.subarray(read, read + literals), written);
    read += literals;
    written += literals;
    // The last sequence ends after its literals.
    if (read === block.length) break;
    const offset = next() | (next() << 8);
    const count = length(token & 0x0f) + MIN_MATCH;
    if (offset === 0 || offset > written || written + count > rawSize)
      throw new RangeError('a match out of bounds');
    // Byte by byte: a match may overlap what it writes.
    for (let i = 0; i < count; i++, written++) out[written] = out[written - offset] ?? 0;
  }
  if (written !== rawSize) throw new RangeError(`${written} bytes instead of ${rawSize}`);
  return out;
}
