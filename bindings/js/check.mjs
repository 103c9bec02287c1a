// Checks the types of a package and runs its tests: node check.mjs packages/client

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.log('skipped: needs Node.js 20.19');
  process.exit(0);
}

const js = dirname(fileURLToPath(import.meta.url));
if (!existsSync(join(js, 'node_modules', 'vitest'))) {
  console.log('skipped: needs the packages that tests/run.sh fetches, or npm ci in bindings/js');
  process.exit(0);
}
const cwd = join(js, process.argv[2] ?? '');
const tools = [
  ['types', [join(js, 'node_modules', 'typescript', 'bin', 'tsc'), '--noEmit']],
  ['tests', [join(js, 'node_modules', 'vitest', 'vitest.mjs'), 'run']],
];
for (const [what, args] of tools) {
  const began = performance.now();
  const { status } = spawnSync(process.execPath, args, { cwd, stdio: 'inherit' });
  console.log(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  if (status !== 0) process.exit(1);
}
