// What a delivery costs when the members of a channel are on two nodes instead of one, both over PostgreSQL and Redis.
//
//   node nodes_bench.mjs FOLDER_OF_PROGRAMS
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const build = process.argv[2];
if (!build) {
  console.error('usage: node nodes_bench.mjs FOLDER_OF_PROGRAMS');
  process.exit(2);
}
process.env.CARIOSAN_SERVER ??= join(build, '../../examples/server/cariosan-server');

const folder = mkdtempSync(join(tmpdir(), 'cariosan-nodes-'));
const script = join(dirname(fileURLToPath(import.meta.url)), '../../cmake/services.sh');
const service = (kind, what) => execFileSync(script, [kind, what, join(folder, kind)], { encoding: 'utf8' }).trim();
// PostgreSQL runs as a user of its own.
execFileSync('chmod', ['711', folder]);
process.env.CARIOSAN_TEST_POSTGRES = service('postgres', 'start');
process.env.CARIOSAN_TEST_REDIS = service('redis', 'start');
const { BROADCAST, figuresOf, linesIn, makeLargeGroup, median, pin, ROUNDS, withServer } = await import('./bench_server.mjs');

async function compare(one, other) {
  const workspace = await one.createWorkspace('Bench');
  const file = linesIn(one, 'tokens', await makeLargeGroup(workspace));
  for (const node of [one, other]) pin(node.pid, 0);
  // The last: each of two nodes has as much in flight as the one.
  for (const [alone, both] of [[1, 1], [16, 16], [16, 32]]) await compareLoads(file, [[[one], alone], [[one, other], both]]);
}

async function compareLoads(file, cases) {
  const figures = cases.map(() => []);
  for (let round = 0; round < ROUNDS; ++round) {
    for (const [index, [nodes, inFlight]] of cases.entries()) {
      const common = { broadcasts: inFlight === 1 ? 200 : 1000, 'in-flight': inFlight, warmup: 50, tokens: file };
      const [ports, pids] = ['port', 'pid'].map((what) => nodes.map((node) => node[what]).join(','));
      figures[index].push(await figuresOf(build, 'load', { ...common, port: ports, pid: pids, ...BROADCAST }));
    }
  }
  const of = (index, name) => median(figures[index].map((each) => each[name]));
  const shown = cases.map(([nodes, inFlight], index) =>
    `${nodes.length} node${nodes.length > 1 ? 's' : ''}, ${String(inFlight).padStart(2)} in flight: ${of(index, 'cpu_ns_per_delivery')} ns of the nodes' CPU per delivery, p99 ${of(index, 'p99_us')} us`);
  const ratio = of(1, 'cpu_ns_per_delivery') / of(0, 'cpu_ns_per_delivery');
  console.log(`1,000 members   ${shown.join('   ')}   ratio ${ratio.toFixed(2)}   (median of ${ROUNDS})`);
}

try {
  const threads = { CARIOS_THREADS: '1' };
  await withServer(threads, (one) => withServer({ ...threads, CARIOS_DATABASE_URL: one.env.CARIOS_DATABASE_URL, CARIOS_REDIS_URL: one.env.CARIOS_REDIS_URL }, (other) => compare(one, other)));
} finally {
  for (const kind of ['redis', 'postgres']) service(kind, 'remove');
  rmSync(folder, { recursive: true, force: true });
}
