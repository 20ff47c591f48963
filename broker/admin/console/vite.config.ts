import { defineConfig } from 'vite';

// Everything in files of its own: the server's policy allows no inline script, and no page asks anybody but the broker.
export default defineConfig({
  base: '/console/',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2020', reportCompressedSize: false },
  // For work on the console: npx vite, beside a broker on its usual port.
  server: { host: '127.0.0.1', proxy: { '/api': 'http://127.0.0.1:5580' } },
});
