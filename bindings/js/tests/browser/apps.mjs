// The pages, built for browsers from their sources: what is in the packages' `dist`, or in the server, may be older, or just being made.

import { execFileSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { example, link } from '../../example.mjs';
import { js } from '../../needs.mjs';
import { demoUi } from './demo_page.mjs';
import { shopUi } from './shop_page.mjs';

const src = (name) => join(js, 'packages', name, 'src');
const alias = [
  ['@cariosan/react-native/locales/(.*)', join(src('react-native'), 'locales', '$1.ts')], ['@cariosan/react-native', join(src('react-native'), 'index.ts')],
  ['@cariosan/react/styles.css', join(src('react'), 'styles', 'cariosan.css')], ['@cariosan/react/headless', join(src('react'), 'headless.ts')], ['@cariosan/react/text', join(src('react'), 'text.ts')],
  ['@cariosan/react/locales/(.*)', join(src('react'), 'locales', '$1.ts')], ['@cariosan/react', join(src('react'), 'index.ts')],
  ['@cariosan/client/indexeddb', join(src('client'), 'store', 'indexeddb.ts')], ['@cariosan/client', join(src('client'), 'index.ts')],
].map(([find, replacement]) => ({ find: new RegExp(`^${find}$`), replacement }));

/** The example in React. Its looks must work under a strict policy. */
export const shopApp = {
  name: 'the example in React',
  ui: shopUi,
  policy: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'",
  async build(outDir) {
    link();
    await build({ root: example, configFile: join(example, 'vite.config.js'), logLevel: 'error', resolve: { alias }, build: { outDir, emptyOutDir: true } });
  },
};

/** The demo page, bundled as it is for the server, under the server's own policy. */
export const demoApp = {
  name: 'the demo page',
  ui: demoUi,
  policy: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'",
  build(outDir) {
    const root = join(js, '..', '..');
    const facts = { INDEX: join(root, 'examples', 'server', 'page', 'index.html'), OUTPUT: outDir, FILES: 'icon.svg' };
    execFileSync('cmake', [...Object.entries(facts).map(([name, value]) => `-D${name}=${value}`), '-P', join(root, 'cmake', 'embed', 'bundle.cmake')], { stdio: 'pipe' });
  },
};

const nativeExample = join(js, '..', '..', 'examples', 'react-native');

/** On a phone the server has an address of its own; here it stands behind the page's. */
const atOwnOrigin = {
  name: 'at-own-origin',
  enforce: 'pre',
  transform(code, path) {
    if (path !== join(nativeExample, 'App.tsx')) return null;
    const [before, after, ...more] = code.split("'http://127.0.0.1:8080'");
    if (after === undefined || more.length > 0) throw new Error('where does App.tsx say its address now?');
    return `${before}location.origin${after}`;
  },
};

/** The example in React Native, by react-native-web, which puts its styles into the page. */
export const phoneApp = {
  policy: shopApp.policy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
  async build(outDir) {
    if (!existsSync(join(nativeExample, 'node_modules'))) symlinkSync(join(js, 'node_modules'), join(nativeExample, 'node_modules'));
    await build({
      root: join(import.meta.dirname, 'phone'), configFile: false, logLevel: 'error', plugins: [atOwnOrigin], oxc: { jsx: { runtime: 'automatic' } },
      resolve: { alias: [...alias, { find: /^react-native$/, replacement: join(js, 'node_modules', 'react-native-web') }] }, build: { outDir, emptyOutDir: true },
    });
  },
};
