// The packages of this tree as those who install them get them.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackages } from '../build.mjs';
import { js } from '../needs.mjs';

/** Runs a program to its end, and throws what it said if it failed. */
export function run(command, args, cwd, env = process.env) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
}

/** Builds the client and the components of React and packs both into a folder. `args`: those of npm, but for the folder. The paths of the tarballs. */
export function packed(folder, args = ['pack', '-w', 'packages/client', '-w', 'packages/react', '--pack-destination']) {
  buildPackages(['client', 'react']);
  run('npm', [...args, folder, '--silent'], js);
  return readdirSync(folder).filter((file) => file.endsWith('.tgz')).map((file) => join(folder, file));
}
