import { fileURLToPath } from 'node:url';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  resolve: { alias: { $lib: fileURLToPath(new URL('./src/lib', import.meta.url)) } },
  // The window's address in development; see devUrl in src-tauri/tauri.conf.json.
  server: { port: 5187, strictPort: true },
  // The window's engine is WebKitGTK 4.1; nothing older has to be served. Fonts stay files: CSP allows no data: fonts.
  build: { target: 'safari16', assetsInlineLimit: 0, chunkSizeWarningLimit: 900 },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    include: ['src/**/*.test.ts'],
    restoreMocks: true,
    // Bounds against hanging, not against a slow machine.
    testTimeout: 60_000,
  },
});
