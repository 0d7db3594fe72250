import { defineConfig } from 'vitest/config';

// npm run screenshots: the pictures in docs/images.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['screenshots.ts', 'screens.ts', 'roomscreens.ts', 'officescreens.ts', 'loadscreens.ts'],
    setupFiles: ['harness/evidence.ts'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    reporters: ['verbose'],
  },
});
