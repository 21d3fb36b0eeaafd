import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

/** Builds the page into `dist`: no inline script, no inline style, nothing from elsewhere, as the page's CSP demands. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: false })],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
