// What of the packages goes into the function's bundle: what a run can reach, and no more. It must start fast.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The operations that lib/cloud/eci calls by the SDK's own methods; the models of all others are left out. */
const TYPED_OPERATIONS = [
  'DescribeContainerGroups',
  'DescribeContainerGroupStatus',
  'DescribeDataCaches',
  'DescribeImageCaches',
  'DescribeRegions',
  'DescribeVirtualNodes',
];

/**
 * Modules of the SDKs that our path never reaches, and what stands in their place.
 *
 * Each stand-in that is reached all the same fails with a clear error, or does what is said beside it.
 */
const STAND_INS = {
  // The SDK is always given `credential`, an object of ours; its own providers read files and other services.
  '@alicloud/credentials': `
    class LeftOut { constructor() { throw new Error('The credential providers of the SDK are left out of this bundle.'); } }
    class Config { constructor(fields) { Object.assign(this, fields); } }
    Object.defineProperty(exports, '__esModule', { value: true });
    exports.default = LeftOut;
    exports.Config = Config;`,
  // Errors as XML are flat: their code, message and request id are all that is read of them.
  '@alicloud/tea-xml': `
    const ENTITIES = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
    function parseXml(text) {
      const inside = /<Error>([\\s\\S]*)<\\/Error>/.exec(text);
      if (inside === null) throw new SyntaxError('no <Error> in the XML');
      const fields = {};
      for (const [, name, value] of inside[1].matchAll(/<(\\w+)>([^<]*)<\\/\\1>/g)) {
        fields[name] = value.replace(/&(lt|gt|quot|apos|amp);/g, (_all, entity) => ENTITIES[entity]);
      }
      return { Error: fields };
    }
    Object.defineProperty(exports, '__esModule', { value: true });
    exports.default = { parseXml };`,
  // Prints headers, signatures among them, when DEBUG is set: never wanted here.
  debug: `
    module.exports = () => Object.assign(() => {}, { enabled: false });
    module.exports.default = module.exports;`,
};

/** Leaves out, of the ECI SDK, the models and methods of operations that are not called. */
function trimEciSdk(source) {
  const kept = (name) =>
    TYPED_OPERATIONS.some((operation) => new RegExp(`^${operation}(Request|Response)`).test(name));
  const methods = new Set(TYPED_OPERATIONS.map((name) => name[0].toLowerCase() + name.slice(1)));
  return source
    .replace(/^exports\.\w+ = (?:exports\.\w+ = )*void 0;\n/gm, '')
    .replace(/^class (\w+) extends \$tea\.Model \{[\s\S]*?^\}\nexports\.\1 = \1;\n/gm, (text, name) =>
      kept(name) ? text : '',
    )
    .replace(/^ {4}async (\w+?)(?:WithOptions)?\([\s\S]*?^ {4}\}\n/gm, (text, name) =>
      methods.has(name) ? text : '',
    )
    .replace(/^ {4}\/\*\*[\s\S]*?\*\/\n/gm, '');
}

/** Messages in English only: those of other languages weigh as much as the rest of zod. */
const ENGLISH_ONLY = "export { default as en } from './en.js';";

/** @type {import('esbuild').Plugin} */
export const leaveOut = {
  name: 'leave-out',
  setup(build) {
    const standIns = new RegExp(
      `^(${Object.keys(STAND_INS)
        .map((name) => name.replace('/', '\\/'))
        .join('|')})$`,
    );
    build.onResolve({ filter: standIns }, ({ path }) => ({ path, namespace: 'stand-in' }));
    build.onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({
      contents: STAND_INS[path],
      loader: 'js',
    }));
    // Of this package only the models are used; around them it has a websocket, proxies, dates, files and XML.
    build.onResolve({ filter: /^@darabonba\/typescript$/ }, ({ resolveDir }) => ({
      path: join(
        dirname(createRequire(join(resolveDir, 'x.js')).resolve('@darabonba/typescript')),
        'core.js',
      ),
    }));
    // The CommonJS files of this package cannot be shaken; its modules can.
    build.onResolve({ filter: /^yaml$/ }, ({ resolveDir }) => ({
      path: join(
        dirname(createRequire(join(resolveDir, 'x.js')).resolve('yaml/package.json')),
        'browser/dist/index.js',
      ),
      sideEffects: false,
    }));
    build.onLoad({ filter: /@alicloud[\\/]eci20180808[\\/]dist[\\/]client\.js$/ }, async ({ path }) => ({
      contents: trimEciSdk(await readFile(path, 'utf8')),
      loader: 'js',
    }));
    build.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: ENGLISH_ONLY,
      loader: 'js',
    }));
  },
};

/**
 * The code with every other character as an escape, which means the same in a text and in a regular expression.
 *
 * `charset: 'ascii'` does so for texts and names, and leaves regular expressions as they are.
 *
 * @param {string} code
 */
export function asciiOnly(code) {
  const ascii = code.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return Buffer.from(ascii, 'latin1');
}

/** The esbuild options of the function: one CommonJS file, since the runtime's own modules need `require`. */
export const bundleOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  // One byte a character: a single other one would double what is read, kept and parsed.
  charset: 'ascii',
  legalComments: 'none',
  define: { 'import.meta.dirname': '__dirname' },
  // The runtime ships it; the bundle loads it only when it has to invoke itself.
  external: ['@alicloud/fc2'],
  // What the runtime ships is found by `require` alone.
  supported: { 'dynamic-import': false },
  plugins: [leaveOut],
};

/** Read by the log SDK beside its own file, which is the bundle: to be copied there. */
export const protoFile = join(dirname(require.resolve('@alicloud/log')), 'lib', 'sls.proto');
