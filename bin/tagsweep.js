#!/usr/bin/env node
// Starts the built command line; in a clone that was installed without scripts, builds it first.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/cli/main.js', import.meta.url);
const buildScript = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));

if (!existsSync(main) && existsSync(buildScript)) {
  process.stderr.write('tagsweep: not built yet, building …\n');
  spawnSync(process.execPath, [buildScript], { stdio: ['ignore', 'ignore', 'inherit'] });
}
if (existsSync(main)) {
  const { run } = await import(main.href);
  process.exitCode = await run(process.argv.slice(2));
} else {
  process.stderr.write(
    'tagsweep: not built. Run "npm ci" (or "npm run build") in its folder, then try again.\n',
  );
  process.exitCode = 2;
}
