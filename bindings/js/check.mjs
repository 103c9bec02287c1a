// Checks the types of a package and runs its tests: node check.mjs packages/client
// With the name of another configuration, those tests alone: node check.mjs packages/client vitest.phone.config.ts

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { js, needs } from './needs.mjs';

needs('vitest');
const cwd = join(js, process.argv[2] ?? '');
const config = process.argv[3];
// React Native's own preset is one of jest.
const jest = existsSync(join(cwd, 'jest.config.cjs'));
const tools = config !== undefined ? [['tests', [join(js, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--config', config]]] : [
  ['types', [join(js, 'node_modules', 'typescript', 'bin', 'tsc'), '--noEmit']],
  ['tests', jest ? [join(js, 'node_modules', 'jest', 'bin', 'jest.js'), '--runInBand'] : [join(js, 'node_modules', 'vitest', 'vitest.mjs'), 'run']],
];
for (const [what, args] of tools) {
  const began = performance.now();
  const { status } = spawnSync(process.execPath, args, { cwd, stdio: 'inherit' });
  console.log(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  if (status !== 0) process.exit(1);
}
