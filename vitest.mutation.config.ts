import { defineConfig } from 'vitest/config';

/**
 * The tests of the mutation run: the units of what is mutated, quick, since they run once for each mutant.
 * Properties and whole runs draw so many cases that they would find much by luck, and take hours.
 */
export default defineConfig({
  test: {
    include: ['test/unit/{apply,pace,proof}/**/*.test.ts', 'test/unit/plan/verify.test.ts'],
    exclude: ['**/*.property.test.ts', 'test/unit/apply/{isolation,pace}.test.ts'],
    isolate: false,
    testTimeout: 10_000,
  },
});
