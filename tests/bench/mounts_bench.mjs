// Calls through the Node.js binding, C and Go beside the C++ calls, and what a delivery costs behind mounts in Node.js and Go beside the bundled
// server, in one run.
//
//   node mounts_bench.mjs FOLDER_OF_PROGRAMS FOLDER_FOR_DATA [calls] [fanout]
//
// CARIOSAN_LIBRARY and CARIOSAN_SERVER name the library and the server. CARIOSAN_GO_SERVED and CARIOSAN_GO_CALLS name
// bindings/go/embed/internal/served and calls, built; without them Go is left out.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [build, data, ...chosen] = process.argv.slice(2);
if (!data) {
  console.error('usage: node mounts_bench.mjs FOLDER_OF_PROGRAMS FOLDER_FOR_DATA [calls] [fanout]');
  process.exit(2);
}
const { BROADCAST, figuresOf, linesIn, makeLargeGroup, median, pin, ROUNDS, SENTENCE, withServer } = await import('./bench_server.mjs');
const { JWT_SECRET, TestWorkspace } = await import('../integration/server.mjs');
const { open, user } = await import('../../bindings/node/src/index.js');

const CALLS = Number(process.env.CARIOSAN_BENCH_CALLS ?? 5000);
const READ_MESSAGES = 50_000;
const served = join(dirname(fileURLToPath(import.meta.url)), '../../bindings/node/tests/served.js');

/// `count` calls, `atOnce` at a time: `call` gets the number of the caller.
async function timed(count, atOnce, call) {
  const taken = [];
  let left = count;
  const begun = performance.now();
  await Promise.all(Array.from({ length: atOnce }, async (_, caller) => {
    while (left-- > 0) {
      const before = performance.now();
      await call(caller);
      taken.push(1000 * (performance.now() - before));
    }
  }));
  taken.sort((a, b) => a - b);
  return { rate: 1000 * count / (performance.now() - begun), p50: taken[Math.floor(0.5 * (count - 1))], p99: taken[Math.floor(0.99 * (count - 1))] };
}

/// What `engine_bench` prints for its cases, by their first words.
function engineBench(part, messages, pattern) {
  const said = execFileSync(join(build, 'engine_bench'), [data, String(messages), part], { encoding: 'utf8' });
  return new Map([...said.matchAll(pattern)].map(([, name, figures]) => [name, figures]));
}

async function withChat(name, work) {
  const chat = open({ storage: `sqlite:${join(data, name)}`, rates: false });
  try {
    const { workspaces: [{ id }] } = await chat.call('workspace.list');
    await work(chat, id);
  } finally {
    await chat.close();
  }
}

const print = (name, { rate, p50, p99 }, beside) =>
  console.log(`${name.padEnd(36)} ${rate.toFixed(0).padStart(7)} /s   p50 ${p50.toFixed(0).padStart(6)} us   p99 ${p99.toFixed(0).padStart(6)} us   C++ ${beside}`);

/// The same calls by programs in C and Go, which print a line of JSON for each kind. C makes one at a time.
function callsElsewhere(database, part, beside) {
  const programs = [['C', join(build, 'capi_bench')]];
  if (process.env.CARIOSAN_GO_CALLS) programs.push(['Go', process.env.CARIOSAN_GO_CALLS]);
  for (const [language, program] of programs) {
    const said = execFileSync(program, [join(data, database), String(CALLS), part], { encoding: 'utf8' });
    for (const line of said.trim().split('\n')) {
      const { name, ...figures } = JSON.parse(line);
      print(`${name}, ${language}`, figures, beside(name));
    }
  }
}

/// On the databases that engine_bench has made, after it.
async function calls() {
  const sends = engineBench('sends', 0, /^durable sends, +(\d+) senders +(.*?) {3}\d+ a batch/gm);
  await withChat('sends.db', async (chat, shop) => {
    for (const senders of [1, 64, 256]) {
      const send = (sender) => chat.call('message.send', { channel: `channel_${sender * 7 % 1000}`, content: SENTENCE }, user(shop, `user_${sender * 7 % 1000}`));
      print(`durable sends, ${String(senders).padStart(3)} at once`, await timed(CALLS * Math.min(senders, 8), senders, send), sends.get(String(senders)));
    }
  });
  callsElsewhere('sends.db', 'sends', (name) => sends.get(/\d+/.exec(name)[0]));
  const reads = engineBench('reads', READ_MESSAGES, /^(history page \(50 newest\)|my channels \(50\)) +(.*)$/gm);
  await withChat('reads.db', async (chat, shop) => {
    const pick = () => Math.floor(1000 * Math.random());
    const history = () => {
      const number = pick();
      return chat.call('message.list', { channel: `channel_${number}` }, user(shop, `user_${number}`));
    };
    print('history page (50 newest)', await timed(CALLS, 1, history), reads.get('history page (50 newest)'));
    print('my channels (50)', await timed(CALLS, 1, () => chat.call('me.channel.list', {}, user(shop, `user_${pick()}`))), reads.get('my channels (50)'));
  });
  callsElsewhere('reads.db', 'reads', (name) => reads.get(name));
}

/// A mount as a server with a workspace.
async function startMount(name, command) {
  const options = { storage: `sqlite:${join(data, `${name}.db`)}`, jwt_secret: JWT_SECRET, rates: false };
  const child = spawn(command[0], [...command.slice(1), JSON.stringify(options), ''], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { base, key } = JSON.parse(line);
  const [api_key, api_secret] = key.split(':');
  return { name, child, pid: child.pid, port: new URL(base).port, workspace: new TestWorkspace({ base: () => base }, { api_key, api_secret }) };
}

async function fanout() {
  await withServer({ CARIOS_THREADS: '1' }, async (bundled) => {
    const all = [{ name: 'bundled server', pid: bundled.pid, port: bundled.port, workspace: await bundled.createWorkspace('Bench') }];
    all.push(await startMount('Node.js', [process.execPath, served]));
    if (process.env.CARIOSAN_GO_SERVED) all.push(await startMount('Go', [process.env.CARIOSAN_GO_SERVED]));
    for (const each of all) {
      each.tokens = linesIn(bundled, `tokens-${each.pid}`, await makeLargeGroup(each.workspace));
      pin(each.pid, 0);
    }
    for (const inFlight of [1, 16]) {
      const figures = all.map(() => []);
      for (let round = 0; round < ROUNDS; ++round) {
        for (const [index, { pid, port, tokens }] of all.entries()) {
          figures[index].push(await figuresOf(build, 'load', { broadcasts: inFlight === 1 ? 100 : 200, 'in-flight': inFlight, warmup: 20, tokens, port, pid, ...BROADCAST }));
        }
      }
      const of = (index, name) => median(figures[index].map((each) => each[name]));
      const cost = all.map((_, index) => of(index, 'cpu_ns_per_delivery'));
      const shown = all.map(({ name }, index) => `${name} ${cost[index]} ns (${(cost[index] / cost[0]).toFixed(1)}), p99 ${of(index, 'p99_us')} us`);
      console.log(`fan-out to 1,000, ${String(inFlight).padStart(2)} in flight, CPU per delivery   ${shown.join('   ')}   (median of ${ROUNDS})`);
    }
    for (const { child } of all) child?.stdin.end();
  });
}

for (const part of chosen.length > 0 ? chosen : ['calls', 'fanout']) await { calls, fanout }[part]();
