import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureOverHttp } from './memory/over-http.ts';

/*
 * What a whole run takes (reading, plan, proof of the plan, journal, removal, proof of the result), in a process
 * of its own for each size, under the heap that Node takes for itself in a container of 512 MiB: a half.
 * With --http: the built command line against the emulator, at the real quotas.
 * npm run --silent bench:memory -- [--sizes 10000,100000,1000000] [--heap 256] [--http]
 */
const { values } = parseArgs({
  options: {
    sizes: { type: 'string' },
    http: { type: 'boolean', default: false },
    heap: { type: 'string', default: '256' },
  },
});

/** What a run tells of itself; `bench/memory/run.ts` prints it. */
interface Taken {
  readonly seconds: number;
  readonly peakMiB: number;
  readonly peaks: Readonly<Record<string, number>>;
  readonly tags: number;
  readonly calls: { readonly list: number; readonly untag: number };
  readonly recordsMiB: number;
}

const script = fileURLToPath(new URL('./memory/run.ts', import.meta.url));

function measure(size: number, mode: string): Taken {
  const flags = [`--max-old-space-size=${values.heap}`, ...process.execArgv];
  return JSON.parse(
    execFileSync(process.execPath, [...flags, script, String(size), mode], { encoding: 'utf8' }),
  );
}

function sizes(text: string): number[] {
  return text.split(',').map(Number);
}

function measureInMemory(): void {
  console.log(`Old space of at most ${values.heap} MiB; the in-memory cloud takes one byte a resource.\n`);
  console.log(
    '| resources | mode | peak MiB | B a resource | reading, plan, removal, proof | seconds | list | untag | tags | records MiB |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  // A process that runs over nothing.
  const empty = measure(0, 'dry-run').peakMiB;
  for (const size of sizes(values.sizes ?? '10000,100000,1000000')) {
    for (const mode of ['dry-run', 'apply']) {
      const { peakMiB, peaks, seconds, calls, tags, recordsMiB } = measure(size, mode);
      const own = ((peakMiB - empty) * 1024 * 1024) / size;
      const steps = ['inventory', 'plan', 'apply', 'verify'].map((step) => peaks[step] ?? '-').join(', ');
      const figures = [
        peakMiB.toFixed(0),
        own.toFixed(0),
        steps,
        seconds.toFixed(1),
        calls.list,
        calls.untag,
        tags,
      ];
      console.log(`| ${[size, mode, ...figures, recordsMiB.toFixed(0)].join(' | ')} |`);
    }
  }
  console.log(`\nA run over nothing: ${empty.toFixed(0)} MiB.`);
}

async function measureHttp(): Promise<void> {
  console.log('| resources | peak MiB | seconds | list | untag | tags |\n|---|---|---|---|---|---|');
  for (const size of sizes(values.sizes ?? '100000')) {
    const { peakMiB, report } = await measureOverHttp(size, values.heap);
    const { durationMs, calls, tags } = report;
    const figures = [size, peakMiB.toFixed(0), (durationMs / 1000).toFixed(0)];
    console.log(`| ${[...figures, calls.list, calls.untag, tags.removed].join(' | ')} |`);
  }
}

if (values.http) await measureHttp();
else measureInMemory();
