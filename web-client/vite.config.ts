import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

// One entry per page, so that the room's television loads no console code.
const pages = ['index', 'room', 'console', 'monitor', 'chair', 'operator', 'focal', 'wall', 'relay'];

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    // Room computers run old systems; below this floor the page says so in one sentence.
    target: ['chrome109', 'firefox115', 'safari16.4'],
    rolldownOptions: {
      input: Object.fromEntries(pages.map((page) => [page, resolve(import.meta.dirname, `${page}.html`)])),
    },
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  server: { proxy: { '/api': { target: 'http://localhost:8080', ws: true } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
});
