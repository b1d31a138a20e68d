import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../bin/tagsweep.js', import.meta.url));

/** What a person types once something is on the screen. */
export interface Reply {
  readonly after: string;
  readonly keys: string;
}

export const CTRL_C = '\u0003';
export const CTRL_D = '\u0004';

/** Whether there is util-linux's `script`, which makes pseudo-terminals; elsewhere nobody can be asked anything. */
export const HAS_TERMINAL = spawnSync('script', ['--version'], { stdio: 'ignore' }).status === 0;

/** Wide enough for what tests look for to stand on one line. */
const USUAL_COLUMNS = 200;

/** Runs the built command line at a pseudo-terminal, and types the replies in turn. */
export function runAtTerminal(
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly replies?: readonly Reply[];
    readonly columns?: number;
  },
): Promise<{ readonly code: number | null; readonly screen: string }> {
  const words = [process.execPath, LAUNCHER, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  // `exec`: a shell in between would die of Ctrl-C itself, whatever the program does.
  const line = `stty cols ${options.columns ?? USUAL_COLUMNS} rows 50; exec ${words.join(' ')}`;
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    cwd: options.cwd,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      TERM: 'xterm',
      NO_COLOR: '1',
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = [...(options.replies ?? [])];
  let screen = '';
  child.stdout.on('data', (chunk) => {
    screen += chunk;
    if (waiting[0] === undefined || !screen.includes(waiting[0].after)) return;
    child.stdin.write(waiting.shift()!.keys);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, screen }));
  });
}
