import { defineConfig } from 'vitest/config';

// The journeys share two cores with the browsers they drive: one file at a
// time, one test at a time, and no retries, so that a flaky journey is seen.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    globalSetup: ['harness/setup.ts'],
    setupFiles: ['harness/evidence.ts'],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    teardownTimeout: 30_000,
    reporters: ['verbose'],
  },
});
