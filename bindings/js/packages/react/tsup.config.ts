import { copyFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', headless: 'src/headless.ts', text: 'src/text.ts', 'locales/en': 'src/locales/en.ts', 'locales/id': 'src/locales/id.ts' },
  tsconfig: 'tsconfig.build.json',
  format: ['esm', 'cjs'],
  target: 'es2020',
  // Both entries must hold one and the same context.
  splitting: true,
  banner: { js: "'use client';" },
  dts: true,
  sourcemap: true,
  clean: true,
  minify: false,
  // Every element is used: without it each would carry a note that it may be dropped, which no minifier takes away.
  esbuildOptions(options) {
    options.jsxSideEffects = true;
  },
  onSuccess: () => Promise.resolve(copyFileSync('src/styles/cariosan.css', 'dist/styles.css')),
});
