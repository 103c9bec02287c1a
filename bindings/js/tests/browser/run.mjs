// The example in a browser, against the real server: node tests/browser/run.mjs [options of vitest]

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { js, needsBrowser, needsServer } from '../../needs.mjs';

needsServer();
const browser = needsBrowser();
const vitest = join(js, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', 'vitest.config.mjs', ...process.argv.slice(2)],
  { cwd: import.meta.dirname, stdio: 'inherit', env: { ...process.env, CARIOSAN_BROWSER: browser } });
process.exitCode = status ?? 1;
