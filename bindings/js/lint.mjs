// Looks for what the rules of hooks and React's compiler object to: node lint.mjs

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { js, needs } from './needs.mjs';

needs('eslint');
const { status } = spawnSync(process.execPath, [join(js, 'node_modules', 'eslint', 'bin', 'eslint.js'), 'packages/react/src'], { cwd: js, stdio: 'inherit' });
if (status === 0) console.log('lint: nothing to say');
process.exitCode = status ?? 1;
