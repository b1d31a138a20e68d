// Puts a folder into a zip whose bytes depend on names and contents alone: for what is uploaded.
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';

/** One date, the first that a zip can hold; a plain file that everybody may read, made on Unix. */
const ENTRY = { mtime: new Date(1980, 0, 1), os: 3, attrs: 0o100644 << 16 };

/**
 * Writes every file of a folder, sorted by name, all with one date and one mode. The files are stored as they are: the
 * platform unpacks what it starts, and what is uploaded once need not be small.
 *
 * @param {string} folder
 * @param {string} file
 */
export function writeArchive(folder, file) {
  const entries = filesOf(folder).map((name) => [name, readFileSync(join(folder, name))]);
  writeFileSync(`${file}.part`, zipSync(Object.fromEntries(entries), { ...ENTRY, level: 0 }));
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
