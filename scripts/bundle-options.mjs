// What of the packages goes into the bundles: what a run can reach, and no more. They must start fast.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

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
const leftOut = (name) => `
    module.exports = class LeftOut { constructor() { throw new Error('${name} is left out of this bundle.'); } };`;

const STAND_INS = {
  // The SDK is always given `credential`, an object of ours; its own providers read files and other services. What the
  // command line itself asks of this package, it gets.
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
  // `fc2` brings along what uploads code and opens terminals; invoking a function reaches none of it.
  'ali-oss': leftOut('ali-oss'),
  axios: leftOut('axios'),
  ws: leftOut('ws'),
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

/** Puts into the log SDK the description of its messages, which it would read beside its own file. */
function takeProtoIn(source, file) {
  const reading = "protobuf.loadSync(path.join(__dirname, './sls.proto'))";
  if (!source.includes(reading)) throw new Error(`${file}: the log SDK reads it in another way than before`);
  return source.replace(reading, `protobuf.parse(${JSON.stringify(readFileSync(file, 'utf8'))}).root`);
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
    build.onResolve({ filter: standIns }, ({ path, importer }) =>
      /[\\/]node_modules[\\/]/.test(importer) ? { path, namespace: 'stand-in' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({
      contents: STAND_INS[path],
      loader: 'js',
    }));
    // Of this package only the models are used; around them it has a websocket, proxies, dates, files and XML.
    build.onResolve({ filter: /^@darabonba\/typescript$/ }, ({ kind, resolveDir }) =>
      build.resolve('@darabonba/typescript/dist/core.js', { kind, resolveDir }),
    );
    // The CommonJS files of this package cannot be shaken; its modules can.
    build.onResolve({ filter: /^yaml$/ }, async ({ kind, resolveDir }) => {
      const { path } = await build.resolve('yaml/package.json', { kind, resolveDir });
      return { path: join(dirname(path), 'browser/dist/index.js'), sideEffects: false };
    });
    build.onLoad({ filter: /@alicloud[\\/]eci20180808[\\/]dist[\\/]client\.js$/ }, async ({ path }) => ({
      contents: trimEciSdk(await readFile(path, 'utf8')),
      loader: 'js',
    }));
    build.onLoad({ filter: /@alicloud[\\/]log[\\/]lib[\\/]client\.js$/ }, async ({ path }) => ({
      contents: takeProtoIn(await readFile(path, 'utf8'), join(dirname(path), 'sls.proto')),
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

/** What both bundles are made with. */
const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Paths stand in the code, and must not depend on where packages lie.
  preserveSymlinks: true,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [leaveOut],
};

/**
 * The esbuild options of the command line: modules, since each command is loaded when it is called, and with the names
 * that it is written with, since an unknown error shows its stack.
 */
export const commandLineOptions = {
  ...shared,
  format: 'esm',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  minifySyntax: true,
  minifyWhitespace: true,
  charset: 'utf8',
  // The SDKs are CommonJS, and ask for what Node brings along.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
};

/** The esbuild options of the function: one CommonJS file, since the runtime's own modules need `require`. */
export const functionOptions = {
  ...shared,
  format: 'cjs',
  minify: true,
  // One byte a character: a single other one would double what is read, kept and parsed.
  charset: 'ascii',
  define: { 'import.meta.dirname': '__dirname' },
  // The runtime ships it; the bundle loads it only when it has to invoke itself.
  external: ['@alicloud/fc2'],
  // What the runtime ships is found by `require` alone.
  supported: { 'dynamic-import': false },
};
