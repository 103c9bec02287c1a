// Ends a script in the way that ctest takes for "skipped", where what it needs is missing.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const js = dirname(fileURLToPath(import.meta.url));

function skip(why) {
  console.log(`skipped: needs ${why}`);
  process.exit(0);
}

export function needs(npmPackage) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) skip('Node.js 20.19');
  if (!existsSync(join(js, 'node_modules', npmPackage))) skip('the packages that tests/run.sh fetches, or npm ci in bindings/js');
}

export function needsServer() {
  const program = process.env.CARIOSAN_SERVER;
  return program ?? skip('CARIOSAN_SERVER, the path of cariosan-server');
}

/** Where Chromium, or Chrome, is. */
export function needsBrowser() {
  needs('playwright-core');
  const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
  return program ?? skip('Chromium');
}
