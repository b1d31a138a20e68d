import { defineConfig } from 'vitest/config';

/** Units that change what all share (a table, the environment): each has a world of its own. */
const ALONE = [
  'test/unit/kinds.test.ts',
  'test/unit/policy/operators.test.ts',
  'test/unit/cloud/credential-chain.test.ts',
];

const shared = { testTimeout: 30_000, hookTimeout: 30_000 };

/** The units in half the time of `npm test`: most of them load the code once between them. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'together',
          include: ['test/unit/**/*.test.ts'],
          exclude: ALONE,
          pool: 'threads',
          isolate: false,
        },
      },
      { test: { ...shared, name: 'alone', include: ALONE } },
    ],
  },
});
