// Starts the example in React: npm run example

import { existsSync, symlinkSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildPackages } from './build.mjs';
import { js } from './needs.mjs';

export const example = join(js, '..', '..', 'examples', 'react');

/** The example finds its packages as it would after `npm install`. */
export function link() {
  if (!existsSync(join(example, 'node_modules'))) symlinkSync(join(js, 'node_modules'), join(example, 'node_modules'));
}

function prepare() {
  link();
  for (const name of ['client', 'react']) {
    if (!existsSync(join(js, 'packages', name, 'dist', 'index.d.ts'))) buildPackages([name]);
  }
}

if (import.meta.filename === process.argv[1]) {
  prepare();
  process.exitCode = spawnSync(process.execPath, [join(js, 'node_modules', 'vite', 'bin', 'vite.js'), ...process.argv.slice(2)], { cwd: example, stdio: 'inherit' }).status ?? 1;
}
