// Puts a folder into a zip whose bytes depend on names and contents alone: for what is uploaded.
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** 1980-01-01 00:00, the first date that a zip can hold. */
const DATE = 0x0021;
/** A plain file that everybody may read, made on Unix. */
const MODE = 0o100644 * 0x10000;
const MADE_BY = 0x0314;
const NEEDS = 20;
const UTF8 = 0x0800;

/**
 * Writes every file of a folder, sorted by name, all with one date and one mode.
 *
 * The files are stored as they are: what deflate makes of them differs between versions and machines, and the
 * same commit has to give the same bytes.
 *
 * @param {string} folder
 * @param {string} file
 */
export function writeArchive(folder, file) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const name of filesOf(folder)) {
    const content = readFileSync(join(folder, name));
    const path = Buffer.from(name, 'utf8');
    const common = Buffer.alloc(26);
    common.writeUInt16LE(NEEDS, 0);
    common.writeUInt16LE(UTF8, 2);
    common.writeUInt16LE(DATE, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, path]);
    const made = Buffer.alloc(2);
    made.writeUInt16LE(MADE_BY);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(MODE, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), made, common, rest, path]));
    parts.push(local, content);
    offset += local.length + content.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  writeFileSync(`${file}.part`, Buffer.concat([...parts, listing, end]));
  renameSync(`${file}.part`, file);
}

/** Paths from the folder with `/` between their parts, in the order of their code units. */
function filesOf(folder) {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
}
