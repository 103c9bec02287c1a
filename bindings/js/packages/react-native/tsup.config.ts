import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', 'async-storage': 'src/async-storage.ts', 'locales/en': 'src/locales/en.ts', 'locales/id': 'src/locales/id.ts' },
  tsconfig: 'tsconfig.build.json',
  format: ['esm', 'cjs'],
  target: 'es2020',
  splitting: true,
  dts: true,
  sourcemap: true,
  clean: true,
  minify: false,
});
