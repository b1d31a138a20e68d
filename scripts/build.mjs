// Writes what runs to dist/: the function's package, the archive of it that is uploaded, and the command line. The same
// sources give the same bytes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeArchive } from './archive.mjs';
import { writeBillOfMaterials } from './bill-of-materials.mjs';
import { asciiOnly, commandLineOptions, functionOptions } from './bundle-options.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

const PROFILE = 'tagsweep.profile.json';

/**
 * The function: its code in one file, what starts it in `index.js`, and what V8 made of the code.
 *
 * CommonJS, since the runtime's own modules can be loaded with `require` only.
 */
async function buildFunction(folder) {
  const { metafile, outputFiles } = await build({
    ...functionOptions,
    absWorkingDir: root,
    metafile: true,
    write: false,
    entryPoints: ['functions/cleanup/index.ts'],
    outfile: join(folder, 'code.js'),
    banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
    footer: { js: '})' },
  });
  const bytes = asciiOnly(outputFiles[0].text);
  const code = `code-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.js`;
  writeFileSync(join(folder, code), bytes);
  await build({
    ...functionOptions,
    absWorkingDir: root,
    define: { ...functionOptions.define, CODE_FILE: JSON.stringify(code) },
    entryPoints: ['functions/cleanup/start.ts'],
    outfile: join(folder, 'index.js'),
  });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ type: 'commonjs' })}\n`);
  writeBillOfMaterials({ root, folder, inputs: Object.keys(metafile.inputs) });
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  // What `tagsweep doctor --out tagsweep.profile.json` learned of the account, where it is kept here.
  if (existsSync(join(root, PROFILE))) cpSync(join(root, PROFILE), join(folder, PROFILE));
  mkdirSync(join(folder, 'policies'));
  for (const name of policyFiles()) cpSync(join(root, 'policies', name), join(folder, 'policies', name));
  writeCodeCache(folder, code);
}

/**
 * Lets a process of its own, with nothing of this one's settings, run the code once and keep what was compiled.
 *
 * V8 seeds the hashes of its strings by chance, and keeps them: a fixed seed makes equal bytes.
 */
function writeCodeCache(folder, code) {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--hash-seed=1', join(root, 'scripts/code-cache.mjs'), folder, code],
    { env: {}, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] },
  );
  if (status !== 0) console.warn(`Built without a code cache, so that cold starts take longer: ${stderr}`);
}

/** Policies without their tests, those of subfolders too, in a stable order. */
function policyFiles() {
  const names = existsSync(join(root, 'policies'))
    ? readdirSync(join(root, 'policies'), { recursive: true })
    : [];
  return names.filter((name) => /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name)).sort();
}

/** The command line: its packages are in it, so that whoever installs it installs nothing else. */
async function buildCommandLine(folder) {
  const { metafile } = await build({
    ...commandLineOptions,
    absWorkingDir: root,
    metafile: true,
    entryPoints: ['cli/main.ts'],
    outdir: folder,
  });
  writeBillOfMaterials({ root, folder, inputs: Object.keys(metafile.inputs) });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ type: 'module' })}\n`);
}

/** The front end of the pages: one script and one style sheet, which each page carries whole. */
async function buildPages(folder) {
  const { metafile } = await build({
    absWorkingDir: root,
    bundle: true,
    charset: 'utf8',
    logLevel: 'warning',
    legalComments: 'none',
    metafile: true,
    platform: 'browser',
    target: ['chrome109', 'firefox115', 'safari16'],
    entryPoints: { page: 'pages/main.tsx', style: 'pages/page.css' },
    outdir: folder,
    format: 'iife',
    minify: true,
    tsconfig: 'pages/tsconfig.json',
    // Its licence asks to be named wherever it is copied to.
    banner: { js: '/* Holds preact, (c) Jason Miller, MIT licence */' },
  });
  writeBillOfMaterials({ root, folder, inputs: Object.keys(metafile.inputs) });
}

/** Builds beside the old folder and puts the new one in its place only when it is whole. */
async function replaceFolder(name, fill) {
  mkdirSync(dist, { recursive: true });
  const fresh = mkdtempSync(join(dist, `.${name}-`));
  try {
    await fill(fresh);
    // A temporary folder is for its owner alone; what is installed or copied from here is for everybody.
    chmodSync(fresh, 0o755);
    const target = join(dist, name);
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

await replaceFolder('cleanup', buildFunction);
writeArchive(join(dist, 'cleanup'), join(dist, 'cleanup.zip'));
await replaceFolder('cli', buildCommandLine);
await replaceFolder('pages', buildPages);
