import { defineConfig } from 'vitest/config';

// No retries, so that a flaky journey is seen.
const common = {
  root: import.meta.dirname,
  setupFiles: ['harness/evidence.ts'],
  testTimeout: 240_000,
  hookTimeout: 240_000,
  teardownTimeout: 30_000,
};

/** Files with one browser at a time, or none: two cores bear two of them at once. */
const pages = ['budget', 'console', 'installation', 'legible', 'picture', 'screens', 'troubles'].map(
  (name) => `${name}.test.ts`,
);

// The journeys with media share two cores with up to five browsers: one file at
// a time, one test at a time, after the others.
export default defineConfig({
  test: {
    globalSetup: [`${import.meta.dirname}/harness/setup.ts`],
    reporters: ['verbose'],
    projects: [
      { test: { ...common, name: 'pages', include: pages, maxWorkers: 2, sequence: { groupOrder: 1 } } },
      {
        test: {
          ...common,
          name: 'media',
          include: ['**/*.test.ts'],
          exclude: pages,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
