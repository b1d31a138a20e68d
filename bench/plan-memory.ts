import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { planBatches } from '../lib/batch/batch.ts';
import { FAMILIES } from './fleets.ts';
import { createGrouping } from './groups.ts';

/*
 * What the planner takes above its input: the growth of the resident set between "input built, garbage
 * collected" and the highest point of planning, which the kernel keeps (Linux: VmHWM, set back through
 * /proc/self/clear_refs). Garbage that V8 had no reason to collect yet counts too. One process a measurement.
 * npm run --silent bench:plan-memory -- [--size 100000] [--family NAME] [--free absent|none]
 */
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '100000' },
    family: { type: 'string', default: '' },
    free: { type: 'string', default: 'absent' },
    inside: { type: 'boolean', default: false },
  },
});

if (values.inside) measure();
else measureAll();

function measureAll(): void {
  console.log('family | calls | bytes a resource above the input');
  for (const family of FAMILIES) {
    if (!family.name.includes(values.family)) continue;
    const options = ['--size', values.size, '--family', family.name, '--free', values.free, '--inside'];
    const flags = ['--expose-gc', '--max-old-space-size=4096', ...process.execArgv];
    const script = fileURLToPath(import.meta.url);
    process.stdout.write(
      execFileSync(process.execPath, [...flags, script, ...options], { encoding: 'utf8' }),
    );
  }
}

function measure(): void {
  const size = Number(values.size);
  const grouping = createGrouping(values.free === 'none' ? 'none' : 'absent');
  const family = FAMILIES.find(({ name }) => name === values.family);
  if (family === undefined) throw new Error(`There is no family "${values.family}".`);
  for (const resource of family.generate(size, 1)) {
    grouping.add({ ...resource, id: JSON.parse(JSON.stringify(resource.id)) as string });
  }
  const groups = grouping.finish();
  collectGarbage();
  writeFileSync('/proc/self/clear_refs', '5');
  const before = peakKiB();
  const { batches } = planBatches(groups, { resources: 50, keys: 20, bytes: 7168 });
  const above = (peakKiB() - before) * 1024;
  console.log([family.name.padEnd(18), batches.length, Math.round(above / size)].join(' | '));
}

function peakKiB(): number {
  const line = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
  if (line === null) throw new Error('The kernel tells no peak: this benchmark needs Linux.');
  return Number(line[1]);
}

/** Needs --expose-gc. */
function collectGarbage(): void {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
}
