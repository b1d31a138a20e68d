import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Units that change what all share (a table, the environment): each has a world of its own. */
const ALONE = [
  'test/unit/kinds.test.ts',
  'test/unit/policy/operators.test.ts',
  'test/unit/cloud/credential-chain.test.ts',
];

const shared = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  /** All cores: left alone, Vitest keeps one for itself, which of two is half. */
  maxWorkers: availableParallelism(),
};

/** Whole programs whose files leave nothing behind in what they have loaded. */
const WHOLE = 'test/{cli,contract,emulator,functions,security}/**';

/**
 * Most files load the code once between them: `units` and `whole` go without isolation. A new folder is isolated until it is named.
 *
 * Groups run one after another: a worker that has loaded the code is kept only while the next file is of its own project.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'units',
          include: ['test/unit/**/*.test.ts'],
          exclude: ALONE,
          pool: 'threads',
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { ...shared, name: 'alone', include: ALONE, sequence: { groupOrder: 2 } } },
      {
        test: {
          ...shared,
          name: 'whole',
          include: [`${WHOLE}/*.test.ts`],
          isolate: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...shared,
          name: 'apart',
          include: ['test/**/*.test.ts'],
          exclude: ['test/unit/**', WHOLE],
          sequence: { groupOrder: 4 },
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['lib/**/*.ts', 'functions/**/*.ts', 'cli/**/*.ts'],
      reporter: ['text-summary', 'text', 'html'],
    },
  },
});
