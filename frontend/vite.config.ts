import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const server = process.env.VIGIE_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  // The map's worker is a module of its own, so that the page needs no `blob:` in its CSP.
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // The CSP allows neither inline scripts nor `data:` files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        // MapLibre changes far less often than the product: its file stays cached across versions.
        codeSplitting: { groups: [{ name: 'maplibre', test: /node_modules[\\/]maplibre-gl/ }] },
      },
    },
  },
  server: { host: '127.0.0.1', proxy: { '/api': server, '/health': server } },
  preview: { host: '127.0.0.1', proxy: { '/api': server, '/health': server } },
  test: { include: ['src/**/*.test.ts'], environment: 'node', css: true },
});
