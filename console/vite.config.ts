// One page per audience from one code base. Everything a page needs lies beside it: centres sit on closed networks.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const page = (name: string) => fileURLToPath(new URL(`./${name}.html`, import.meta.url));
const centre = process.env['JICHI_CENTRE'] ?? 'http://127.0.0.1:8120';
const agent = process.env['JICHI_AGENT'] ?? 'http://127.0.0.1:8201';

// The caller's page is built by itself (`--mode text`): one small file for an old telephone on a thin line, not the
// others' shared pieces.
const pages = ['index', 'board', 'report', 'planning', 'vehicle'];

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  build: {
    // Telephones of people in need are old; the desk's browser is new.
    target: ['es2020', 'chrome80', 'firefox78', 'safari14'],
    // The page's security policy allows no inlined data: each asset is a file of its own.
    assetsInlineLimit: 0,
    emptyOutDir: mode !== 'text',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1600,
    rolldownOptions: {
      input: Object.fromEntries((mode === 'text' ? ['text'] : pages).map((name) => [name, page(name)])),
    },
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api/v1': { target: centre, ws: true },
      '/tiles': { target: centre },
      '/api': { target: agent },
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
}));
