import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** The file beside this one that holds the function as one function expression; its name changes with its content. */
declare const CODE_FILE: string;

type Wrapped = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  filename: string,
  dirname: string,
) => void;

/**
 * Loads the function, compiled already where the build left a cache for this very version of Node.
 *
 * V8 looks whether a cache fits, and compiles the source where it does not. It compares the length of the
 * source alone, hence the digest in the names: a cache is never met by other code than its own.
 */
function loadFunction(): typeof import('./index.ts') {
  const file = join(import.meta.dirname, CODE_FILE);
  const cachedData = readCache(`${file}.${process.version}-${process.platform}-${process.arch}.cache`);
  // The build makes it ASCII alone, so that each byte is one character.
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: CODE_FILE,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const wrapped = script.runInThisContext() as Wrapped;
  const module = { exports: {} };
  wrapped(module.exports, createRequire(file), module, file, import.meta.dirname);
  return module.exports as typeof import('./index.ts');
}

/** The digest of a cache stands after it: V8 looks at its head alone, and a damaged body would end the process. */
const DIGEST_BYTES = 32;

function readCache(file: string): Buffer | undefined {
  try {
    const bytes = readFileSync(file);
    const cache = bytes.subarray(0, -DIGEST_BYTES);
    const digest = createHash('sha256').update(cache).digest();
    return digest.equals(bytes.subarray(-DIGEST_BYTES)) ? cache : undefined;
  } catch {
    return undefined;
  }
}

/** The function's handler, as `index.ts` has it. */
export const { handler } = loadFunction();
