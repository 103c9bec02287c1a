import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', indexeddb: 'src/store/indexeddb.ts', webhook: 'src/webhook.ts', testing: 'src/testing.ts' },
  format: ['esm', 'cjs'],
  target: 'es2020',
  dts: true,
  sourcemap: true,
  clean: true,
  minify: false,
});
