// Builds the packages and looks at them as those who install them will: node pack.mjs
// What the entries weigh is printed beside what they may weigh, in kB after minifying and gzip.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { js, needs } from './needs.mjs';

needs('publint');
const { build } = await import('esbuild');

/** `goal` is what the design allows, `limit` what may never be passed. */
const budgets = [
  { entry: '@cariosan/client', goal: 16, limit: 30 },
  { entry: '@cariosan/client/indexeddb', goal: 1.2, limit: 1.2 },
  { entry: '@cariosan/client/webhook', goal: 1, limit: 1.2 },
];

let failed = false;
function run(what, program, args, cwd) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  console.log(`${what}: ${status === 0 ? 'nothing to say' : `failed\n${stdout}${stderr}`}`);
  if (status !== 0) failed = true;
  return status === 0;
}
const tool = (name, file) => join(js, 'node_modules', ...name.split('/'), file);

// The names of these packages are taken on the public registry by somebody else's: ours must come from here alone.
const lock = JSON.parse(readFileSync(join(js, 'package-lock.json'), 'utf8'));
const foreign = Object.entries(lock.packages).filter(([path, { link }]) => /node_modules\/@cariosan\//.test(path) && link !== true);
console.log(`lock file: ${foreign.length === 0 ? 'nothing to say' : `failed, not links: ${foreign.map(([path]) => path).join(', ')}`}`);
if (foreign.length > 0) failed = true;

/** What is loaded at once, and what only where an app uses it. */
async function weigh(folder, entry) {
  const file = join(folder, 'weigh.mjs');
  writeFileSync(file, `export * from '${entry}';\n`);
  const { outputFiles, metafile } = await build({
    entryPoints: [file], bundle: true, minify: true, format: 'esm', target: 'es2020', external: ['crypto'], write: false,
    splitting: true, metafile: true, absWorkingDir: folder, outdir: 'weighed',
  });
  const weightOf = new Map(outputFiles.map(({ path, contents }) => [basename(path), gzipSync(contents, { level: 9 }).length / 1000]));
  const first = new Set(['weighed/weigh.js']);
  for (const path of first) for (const { kind, path: next } of metafile.outputs[path].imports) if (kind === 'import-statement' && next in metafile.outputs) first.add(next);
  const later = Object.keys(metafile.outputs).filter((path) => !first.has(path));
  const sum = (paths) => paths.reduce((total, path) => total + weightOf.get(basename(path)), 0);
  return { weight: sum([...first]), later: later.map((path) => `${basename(path).replace(/-.*/, '')} ${weightOf.get(basename(path)).toFixed(1)}`).sort() };
}

const client = join(js, 'packages', 'client');
const folder = mkdtempSync(join(tmpdir(), 'cariosan-pack-'));
try {
  run('build', process.execPath, [tool('tsup', 'dist/cli-default.js'), '--silent'], client);
  run('publint', process.execPath, [tool('publint', 'src/cli.js'), client, '--strict'], js);
  run('attw', process.execPath, [tool('@arethetypeswrong/cli', 'dist/index.js'), '--pack', client, '--profile', 'node16'], js);
  run('npm pack', 'npm', ['pack', '--pack-destination', folder, '--silent'], client);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  run('install', 'npm', ['install', '--offline', '--no-audit', '--no-fund', '--silent', join(folder, tarball ?? '')], folder);
  for (const [how, text] of [['import', "import { Cariosan } from '@cariosan/client'; import { indexedDbStorage } from '@cariosan/client/indexeddb';"],
    ['require', "const { Cariosan } = require('@cariosan/client'); const { indexedDbStorage } = require('@cariosan/client/indexeddb');"]]) {
    const file = join(folder, how === 'import' ? 'try.mjs' : 'try.cjs');
    writeFileSync(file, `${text}\nnew Cariosan({ apiUrl: 'http://x.test', token: 'x', storage: indexedDbStorage() });\n`);
    run(how, process.execPath, [file], folder);
  }
  for (const { entry, goal, limit } of budgets) {
    const { weight, later } = await weigh(folder, entry);
    const more = later.length === 0 ? '' : `; where it is used also ${later.join(', ')}`;
    console.log(`${entry}: ${weight.toFixed(1)} kB, goal ${goal}, limit ${limit}${weight > goal ? ', above the goal' : ''}${more}`);
    if (weight > limit) failed = true;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
