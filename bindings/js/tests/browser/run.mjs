// The example in a browser, against the real server: node tests/browser/run.mjs [options of vitest]

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { js, needs, needsServer } from '../../needs.mjs';

needs('playwright-core');
needsServer();
const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
if (browser === undefined) {
  console.log('skipped: needs Chromium');
  process.exit(0);
}
const vitest = join(js, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', 'vitest.config.mjs', ...process.argv.slice(2)],
  { cwd: import.meta.dirname, stdio: 'inherit', env: { ...process.env, CARIOSAN_BROWSER: browser } });
process.exitCode = status ?? 1;
