// Packs the binding with the library inside: node pack.mjs LIBCARIOSAN.SO [FOLDER]. Prints the name of the tarball.

import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [library, folder = '.'] = process.argv.slice(2);
if (!library) {
  console.error('usage: node pack.mjs LIBCARIOSAN.SO [FOLDER]');
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const staging = mkdtempSync(join(tmpdir(), 'cariosan-pack-'));
try {
  for (const name of ['src', 'package.json', 'README.md', 'LICENSE']) cpSync(join(here, name), join(staging, name), { recursive: true });
  mkdirSync(join(staging, 'lib'));
  copyFileSync(realpathSync(library), join(staging, 'lib/libcariosan.so'));
  const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', realpathSync(folder)], { cwd: staging, encoding: 'utf8' }).trim();
  console.log(join(realpathSync(folder), name));
} finally {
  rmSync(staging, { recursive: true, force: true });
}
