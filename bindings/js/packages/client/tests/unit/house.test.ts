// Rules of this package that the compiler does not know.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !name.endsWith('.gen.ts'))
  .map((name) => ({ name, text: readFileSync(join(root, 'src', name), 'utf8') }));
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');

test('only `environment` names what not every environment has', () => {
  const bare = /(?<![./\w'])(window|document|localStorage|navigator|setTimeout|setInterval|Date\.now|Math\.random)\b/;
  // Except the part for servers.
  const found = sources.filter(({ name, text }) => !name.startsWith('environment') && name !== 'webhook.ts' && bare.test(withoutComments(text).replace(/\w+\??:/g, '')));
  expect(found.map(({ name }) => name)).toEqual([]);
});

test('no `any`, no class but the public ones, no file over 400 lines', () => {
  for (const { name, text } of sources) {
    expect(/:\s*any\b|as any\b|<any>/.test(withoutComments(text)), name).toBe(false);
    const classes = [...withoutComments(text).matchAll(/\bclass (\w+)/g)].map((match) => match[1]);
    expect(classes.every((one) => ['Cariosan', 'Channel', 'CariosanError'].includes(one ?? '')), name).toBe(true);
    expect(text.split('\n').length, name).toBeLessThanOrEqual(400);
  }
});

test('files import only what lies above them', () => {
  const order = ['wire', 'environment', 'core', 'state', 'net', 'store', 'sync', 'talk', 'testing', ''];
  for (const { name, text } of sources) {
    const own = order.indexOf(dirname(name) === '.' ? '' : dirname(name));
    for (const [, path = ''] of text.matchAll(/from '(\.[^']+)'/g)) {
      const folder = dirname(relative(root, join(root, 'src', dirname(name), path))).replace(/^src\/?/, '');
      expect(order.indexOf(folder), `${name} imports ${path}`).toBeLessThanOrEqual(own);
    }
  }
});

test('each fault to be planted still has its place', async () => {
  const path = pathToFileURL(join(root, '..', '..', 'tests', 'faults.mjs')).href;
  const { faults } = (await import(/* @vite-ignore */ path)) as { faults: readonly { name: string; package?: string; file: string; find: string }[] };
  const lost = faults.filter((one) => one.package === undefined).filter(({ file, find }) => !readFileSync(join(root, 'src', file), 'utf8').includes(find));
  // The one that is planted here now has lost its own.
  expect(lost.length, lost.map(({ name }) => name).join(', ')).toBeLessThanOrEqual(process.env['CARIOSAN_FAULT'] === undefined ? 0 : Infinity);
});
