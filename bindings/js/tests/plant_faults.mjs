// Plants one fault after the other into a copy of a package and runs the suite that must see it.
//   node bindings/js/tests/plant_faults.mjs [words of a fault's name, or "package react"]
// Those of `tests/crash`, `tests/checker`, `tests/conformance`, of the browser, the benchmarks and of `newcomer` need CARIOSAN_SERVER.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faults } from './faults.mjs';

const js = dirname(dirname(fileURLToPath(import.meta.url)));
const wanted = process.argv.slice(2).join(' ');
let missed = 0;

/** The packages of others are where they were; ours are those of the copy. */
function linkPackages(here) {
  const modules = join(here, 'node_modules');
  mkdirSync(join(modules, '@cariosan'), { recursive: true });
  for (const name of readdirSync(join(js, 'node_modules'))) if (name !== '@cariosan') symlinkSync(join(js, 'node_modules', name), join(modules, name));
  for (const name of readdirSync(join(here, 'packages'))) symlinkSync(join(here, 'packages', name), join(modules, '@cariosan', name));
}

/** The packages and what their tests read beside them, in the same places. */
function copy() {
  const root = mkdtempSync(join(tmpdir(), 'cariosan-faults-'));
  const here = join(root, 'bindings', 'js');
  cpSync(js, here, { recursive: true, filter: (path) => !/[/\\](node_modules|dist)$/.test(path) });
  linkPackages(here);
  for (const folder of ['golden', 'crash', 'integration']) cpSync(join(js, '..', '..', 'tests', folder), join(root, 'tests', folder), { recursive: true });
  for (const folder of [join('cmake', 'embed'), join('examples', 'server', 'page'), join('src', 'protocol', 'reference')]) cpSync(join(js, '..', '..', folder), join(root, folder), { recursive: true });
  for (const name of ['react', 'react-native']) cpSync(join(js, '..', '..', 'examples', name), join(root, 'examples', name), { recursive: true, filter: (path) => !path.endsWith('node_modules') });
  return { root, here };
}

const tool = (...path) => join(js, 'node_modules', ...path);
/** What runs the suites of a fault; `here`: the copy. */
function programOf({ package: of, suites }, here) {
  const [first, ...words] = suites;
  if (first.startsWith('bench ')) return [join(here, 'tests', 'bench', 'run.mjs'), '--short', first.slice(6)];
  if (first === 'newcomer') return [join(here, 'tests', 'newcomer', 'run.mjs')];
  if (first === 'browser') return [join(here, 'tests', 'browser', 'run.mjs'), ...words];
  if (first === 'metro') return [join(here, 'tests', 'metro.mjs'), ...words];
  if (first === 'lint') return [join(here, 'lint.mjs')];
  if (first === 'types') return [tool('typescript', 'bin', 'tsc'), '--noEmit'];
  if (first === 'tests/checker') return [join('tests', 'checker', 'run.mjs'), '12'];
  if (of === 'react-native') return [tool('jest', 'bin', 'jest.js'), ...suites];
  return [tool('vitest', 'vitest.mjs'), 'run', ...suites];
}

/** Where the file of a fault lies. */
function sourcesOf(of, root, here) {
  if (of === 'page') return join(root, 'examples', 'server', 'page');
  if (of === 'shop') return join(root, 'examples', 'react', 'src');
  return join(here, 'packages', of, 'src');
}

for (const fault of faults.filter(({ name, package: of = 'client' }) => name.includes(wanted) || wanted === `package ${of}`)) {
  const { root, here } = copy();
  const sources = sourcesOf(fault.package ?? 'client', root, here);
  const folder = join(sources, '..');
  const path = join(sources, fault.file);
  const before = readFileSync(path, 'utf8');
  if (!before.includes(fault.find)) throw new Error(`${fault.name}: ${fault.file} has no such text any more`);
  writeFileSync(path, before.replace(fault.find, () => fault.plant));
  const program = programOf(fault, here);
  const run = spawnSync(process.execPath, program, { cwd: folder, encoding: 'utf8', timeout: 900_000, env: { ...process.env, NO_COLOR: '1', CARIOSAN_FAULT: fault.name, ...(fault.runs === undefined ? {} : { CARIOSAN_MODEL_RUNS: String(fault.runs) }) } });
  const said = /^Caused by: (.*)$|^(AssertionError.*|\s*● .*|\s*\d+ faults, .*|FAILED .*|.* react-hooks\/.*|.*error TS.*|.*Timeout \d+ms exceeded.*|Error: .*)$/m.exec(run.stdout + run.stderr)?.[0] ?? '';
  const skipped = /^skipped: .*$/m.exec(run.stdout);
  if (skipped !== null) throw new Error(skipped[0]);
  console.log(`${run.status === 0 ? 'MISSED' : run.status === null ? 'hung  ' : 'seen  '} ${fault.name} (${fault.suites.join(', ')}) ${said.slice(0, 110)}`);
  if (run.status === 0) missed += 1;
  rmSync(root, { recursive: true, force: true });
}
process.exitCode = missed === 0 ? 0 : 1;
