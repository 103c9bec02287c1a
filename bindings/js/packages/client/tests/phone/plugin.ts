// Tests run as they do elsewhere, but what they import of the package lives in a phone's world.

import { build } from 'esbuild';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { runInContext } from 'node:vm';
import type { Plugin } from 'vite';
import { phone } from './phone.ts';

const NAMED = '\0phone:';

/** All modules of the package in one script, which leaves them in `modules`. */
async function bundle(src: string): Promise<string> {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !name.endsWith('.gen.ts') && name !== 'webhook.ts');
  const contents = files.map((name, at) => `import * as m${at} from './${name}';`).join('\n')
    + `\nglobalThis.modules = { ${files.map((name, at) => `${JSON.stringify(name)}: m${at}`).join(', ')} };`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: src, loader: 'ts' }, bundle: true, write: false, format: 'iife', target: 'es2020', platform: 'neutral', ignoreAnnotations: true, sourcemap: 'inline',
  });
  return outputFiles[0]?.text ?? '';
}

export async function onPhone(root: string): Promise<{ plugin: Plugin; script: string }> {
  const src = join(root, 'src');
  const script = join(mkdtempSync(join(tmpdir(), 'cariosan-phone-')), 'client.js');
  writeFileSync(script, await bundle(src));
  const world = phone();
  runInContext(readFileSync(script, 'utf8'), world);
  const modules = world['modules'] as Readonly<Record<string, object>>;
  return {
    script,
    plugin: {
      name: 'cariosan:phone',
      enforce: 'pre',
      resolveId(source, importer) {
        if (importer === undefined || !source.startsWith('.')) return undefined;
        const name = relative(src, resolve(dirname(importer), source));
        return name in modules ? `${NAMED}${name}` : undefined;
      },
      load(id) {
        if (!id.startsWith(NAMED)) return undefined;
        const name = id.slice(NAMED.length);
        const names = Object.keys(modules[name] ?? {});
        return `const held = globalThis.onPhone[${JSON.stringify(name)}];\n${names.map((one) => `export const ${one} = held.${one};`).join('\n')}`;
      },
    },
  };
}
