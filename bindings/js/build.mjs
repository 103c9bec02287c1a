// Builds the packages: node build.mjs [client react react-native]
// Where CARIOSAN_JS_BUILT is set, as in the tests, somebody has just done so, and it builds nothing.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { js, needs } from './needs.mjs';

/** Whatever another package is built on comes first. */
const all = ['client', 'react', 'react-native'];

/** Into each one's `dist`, whose former content goes. Throws what the builder said if it failed. */
export function buildPackages(names = all) {
  if (process.env.CARIOSAN_JS_BUILT !== undefined) return;
  for (const name of names) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(js, 'node_modules', 'tsup', 'dist', 'cli-default.js'), '--silent'],
      { cwd: join(js, 'packages', name), encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name} was not built: ${stdout}${stderr}`);
  }
}

if (import.meta.filename === process.argv[1]) {
  needs('tsup');
  buildPackages(process.argv.length > 2 ? process.argv.slice(2) : all);
}
