import { defineConfig } from 'vitest/config';

// make prove-cascade RUN=Browsers: what its Go side asks the pages.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['tiers.ts'],
    globalSetup: ['harness/setup.ts'],
    setupFiles: ['harness/evidence.ts'],
    testTimeout: 600_000,
    hookTimeout: 240_000,
    teardownTimeout: 30_000,
    reporters: ['verbose'],
  },
});
