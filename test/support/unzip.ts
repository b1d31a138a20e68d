import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';

/** One file of an archive. */
export interface ArchiveEntry {
  readonly name: string;
  readonly content: Buffer;
  /** Permissions and kind, as Unix has them. */
  readonly mode: number;
  /** Date and time in MS-DOS form. */
  readonly stamp: number;
}

/** Every entry in the order of the directory at the archive's end, each held against its check sum. */
export function readArchive(file: string): readonly ArchiveEntry[] {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  let at = bytes.readUInt32LE(end + 16);
  return Array.from({ length: bytes.readUInt16LE(end + 10) }, () => {
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const packed = contentAt(bytes, bytes.readUInt32LE(at + 42), bytes.readUInt32LE(at + 20));
    const content = bytes.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed);
    if (crc32(content) !== bytes.readUInt32LE(at + 16)) throw new Error(`${name}: wrong check sum`);
    const entry = {
      name,
      content,
      mode: bytes.readUInt32LE(at + 38) >>> 16,
      stamp: bytes.readUInt32LE(at + 12),
    };
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    return entry;
  });
}

/** Behind the local header, whose own lengths count. */
function contentAt(bytes: Buffer, header: number, length: number): Buffer {
  const from = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  return bytes.subarray(from, from + length);
}

/** Unpacks an archive as the platform does with what was uploaded. */
export function unpackArchive(file: string, folder: string): void {
  for (const { name, content, mode } of readArchive(file)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    writeFileSync(join(folder, name), content, { mode: mode & 0o777 });
  }
}
