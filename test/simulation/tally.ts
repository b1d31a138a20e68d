import { simulate } from './simulate.ts';

/** What seeds came to. */
export interface Tallied {
  /** One line for each seed that broke a promise: how to see it again, and the first sentence. */
  readonly failed: readonly string[];
  /** How often each thing went wrong, over all seeds. */
  readonly faults: Readonly<Record<string, number>>;
  /** In how many seeds it did. */
  readonly seedsWith: Readonly<Record<string, number>>;
  /** Executions by kind. */
  readonly played: Readonly<Record<string, number>>;
}

/** Plays seeds, and counts. */
export interface Tally extends Tallied {
  /** Plays one seed; the promises that it broke, one sentence each. */
  run(seed: number): Promise<readonly string[]>;
  /** The story of the seed that was played last. */
  story(): string;
  /** For a person to read. */
  table(): string;
}

export function createTally(): Tally {
  const faults: Record<string, number> = {};
  const seedsWith: Record<string, number> = {};
  const played: Record<string, number> = {};
  const failed: string[] = [];
  const startedAtMs = performance.now();
  let seeds = 0;
  let story = (): string => '';

  const add = (to: Record<string, number>, from: Readonly<Record<string, number>>): void => {
    for (const [name, count] of Object.entries(from)) to[name] = (to[name] ?? 0) + count;
  };
  return {
    failed,
    faults,
    seedsWith,
    played,
    story: () => story(),
    async run(seed) {
      seeds += 1;
      const broken = await playSafely(seed);
      if (broken.length > 0) failed.push(`npm run simulate -- --seed ${seed}: ${broken[0]}`);
      return broken;
    },
    table() {
      const seconds = (performance.now() - startedAtMs) / 1000;
      const rows = Object.entries(faults)
        .sort((a, b) => b[1] - a[1])
        .map(
          ([name, count]) =>
            `  ${name.padEnd(28)}${count.toString().padStart(9)}${seedsWith[name]!.toString().padStart(9)}\n`,
        );
      const kinds = [
        ['runs', played.run],
        ['saved plans applied', played.saved],
        ['undos', played.undo],
      ].map(([name, count]) => `${count ?? 0} ${name}`);
      return [
        `\n  ${'what went wrong'.padEnd(28)}${'times'.padStart(9)}${'seeds'.padStart(9)}\n`,
        ...rows,
        `\n${seeds} seeds in ${seconds.toFixed(1)} s: ${kinds.join(', ')}; ${failed.length} seeds broke a promise\n`,
      ].join('');
    },
  };

  async function playSafely(seed: number): Promise<readonly string[]> {
    try {
      const result = await simulate(seed);
      story = result.story;
      add(faults, result.faults);
      add(seedsWith, Object.fromEntries(Object.keys(result.faults).map((name) => [name, 1])));
      add(played, result.played);
      return result.broken;
    } catch (error) {
      return [`it broke: ${error instanceof Error ? error.stack : String(error)}`];
    }
  }
}
