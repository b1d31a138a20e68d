// Writes what runs to dist/: the function's package and the command line. The same sources give the same bytes.
import {
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
import { writeBillOfMaterials } from './bill-of-materials.mjs';
import { bundleOptions, protoFile } from './bundle-options.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

/** @type {import('esbuild').BuildOptions} */
const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  charset: 'utf8',
  logLevel: 'warning',
  legalComments: 'none',
};

/** The function: one CommonJS file, since the runtime's own modules can be loaded with `require` only. */
async function buildFunction(folder) {
  const { metafile } = await build({
    ...shared,
    ...bundleOptions,
    metafile: true,
    entryPoints: ['functions/cleanup/index.ts'],
    outfile: join(folder, 'index.js'),
  });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ type: 'commonjs' })}\n`);
  writeBillOfMaterials({ root, folder, inputs: Object.keys(metafile.inputs) });
  cpSync(protoFile, join(folder, 'sls.proto'));
  mkdirSync(join(folder, 'policies'));
  for (const name of policyFiles()) cpSync(join(root, 'policies', name), join(folder, 'policies', name));
}

/** Policies without their tests, in a stable order. */
function policyFiles() {
  const names = existsSync(join(root, 'policies')) ? readdirSync(join(root, 'policies')) : [];
  return names.filter((name) => /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name)).sort();
}

/** The command line: packages stay outside, as an installed package has them in its own node_modules. */
async function buildCommandLine(folder) {
  await build({
    ...shared,
    entryPoints: ['cli/main.ts'],
    outdir: folder,
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    packages: 'external',
  });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ type: 'module' })}\n`);
}

/** Builds beside the old folder and puts the new one in its place only when it is whole. */
async function replaceFolder(name, fill) {
  mkdirSync(dist, { recursive: true });
  const fresh = mkdtempSync(join(dist, `.${name}-`));
  try {
    await fill(fresh);
    const target = join(dist, name);
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

await replaceFolder('cleanup', buildFunction);
await replaceFolder('cli', buildCommandLine);
