import { defineConfig } from 'vitest/config';

/** The tests of the mutation run: the units of what is mutated, all in this process and quick. */
export default defineConfig({
  test: {
    include: ['test/unit/{apply,pace,proof,report}/**/*.test.ts', 'test/unit/plan/verify.test.ts'],
  },
});
