import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

/** A file that is larger than anything of its kind. */
export class FileTooLargeError extends Error {
  static override readonly name: string = 'FileTooLargeError';

  constructor(maxBytes: number) {
    super(`it is larger than ${maxBytes} bytes`);
  }
}

const CHUNK_BYTES = 64 * 1024;

/**
 * A file's text, of which at most `maxBytes` are ever read: a device or a pipe may have no end.
 *
 * @throws {FileTooLargeError} when there is more.
 * @throws {NodeJS.ErrnoException} when it cannot be read.
 */
export function readTextFile(file: string, maxBytes: number): string {
  const handle = openSync(file, 'r');
  try {
    const about = fstatSync(handle);
    if (about.size > maxBytes) throw new FileTooLargeError(maxBytes);
    if (about.isFile() && about.size > 0) return readFileSync(handle, 'utf8');
    return readStream(handle, maxBytes);
  } finally {
    closeSync(handle);
  }
}

/** What tells no size beforehand, or a wrong one as the files of `/proc` do. */
function readStream(handle: number, maxBytes: number): string {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const part = Buffer.alloc(CHUNK_BYTES);
    const read = readSync(handle, part);
    if (read === 0) return Buffer.concat(parts).toString('utf8');
    bytes += read;
    if (bytes > maxBytes) throw new FileTooLargeError(maxBytes);
    parts.push(part.subarray(0, read));
  }
}
