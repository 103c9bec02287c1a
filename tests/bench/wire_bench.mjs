// What compression and TLS cost and save per delivery, by the transport alone: the same broadcasts plain, compressed and
// encrypted, alternating; and the memory of an idle connection.
//
//   node wire_bench.mjs FOLDER_OF_PROGRAMS
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const build = process.argv[2];
if (!build) {
  console.error('usage: node wire_bench.mjs FOLDER_OF_PROGRAMS');
  process.exit(2);
}
const ROUNDS = Number(process.env.CARIOSAN_BENCH_ROUNDS ?? 5);
const CONNECTIONS = 1000;
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const id = (n) => `0198d1f0-5a7c-7e31-9b42-${(n * 7919 * 104729).toString(16).padStart(12, '0')}`;
/// An event as members get it.
const EVENT = JSON.stringify({
  type: 'message.created',
  data: {
    channel_id: id(1), channel_external_id: 'order_2817', rev: 4711,
    message: { id: id(2), channel_id: id(1), seq: 412, rev: 4711, content: 'Halo kak, pesanannya sudah saya kirim lewat kurir pagi ini ya. Mohon ditunggu!',
      user: { id: id(3), external_id: 'seller_88', name: 'Toko Budi', avatar_url: null }, created_at: '2026-01-31T08:15:42.117Z', edited_at: null, deleted_at: null },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'cariosan-wire-'));
const [key, certificate] = ['key', 'pem'].map((name) => join(folder, `server.${name}`));
execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=bench', '-keyout', key, '-out', certificate], { stdio: 'ignore' });

async function host(...args) {
  const child = spawn('taskset', ['-c', '0', join(build, 'transport_host'), '1', ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, port: (await lines.next()).value, lines };
}

function load({ child, port }, inFlight, more) {
  const options = { connections: CONNECTIONS, port, pid: child.pid, 'in-flight': inFlight, broadcasts: inFlight === 1 ? 200 : 500, warmup: 50, message: EVENT, count: '{"type":"message.created"', ...more };
  return JSON.parse(execFileSync('taskset', ['-c', '1', join(build, 'load'), ...optionsOf(options)], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' }));
}

const optionsOf = (given) => Object.entries(given).map(([name, value]) => `--${name}=${value}`);

/// Bytes in use on the heap while so many connections are open and idle.
async function idleMemory({ child, port, lines }, connections, more) {
  const clients = spawn(join(build, 'load'), optionsOf({ connections, port, idle: 1, ...more }), { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(clients.stdout, 'data');
  await delay(1000);
  child.stdin.write('memory\n');
  const bytes = Number((await lines.next()).value);
  clients.stdin.end();
  await once(clients, 'close');
  await delay(500);
  return bytes;
}

const plain = await host();
const secure = await host(certificate, key);
const kinds = [['plain', plain, {}], ['permessage-deflate', plain, { deflate: 1 }], ['TLS', secure, { tls: 1 }], ['both', secure, { tls: 1, deflate: 1 }]];
for (const inFlight of [1, 16]) {
  const figures = kinds.map(() => []);
  for (let round = 0; round < ROUNDS; ++round) {
    for (const [i, [, server, more]] of kinds.entries()) figures[i].push(load(server, inFlight, more));
  }
  const cpu = figures.map((each) => median(each.map((result) => result.cpu_ns_per_delivery)));
  const shown = kinds.map(([name], i) => `${name} ${cpu[i]} ns (${(cpu[i] / cpu[0]).toFixed(2)}), ${figures[i][0].bytes_per_delivery} bytes`);
  console.log(`wire, 1,000 connections, ${String(inFlight).padStart(2)} in flight, CPU and payload per delivery   ${shown.join('   ')}   (median of ${ROUNDS})`);
}
for (const [name, server, more] of kinds.filter(([, , { deflate }]) => !deflate)) {
  await idleMemory(server, 100, more); // what the process keeps anyway
  const few = await idleMemory(server, 100, more);
  const many = await idleMemory(server, 2100, more);
  console.log(`idle connection of the transport, ${name}: ${((many - few) / 2000).toFixed(0)} bytes of heap`);
}
for (const { child } of [plain, secure]) {
  child.stdin.end();
  await once(child, 'close');
}
rmSync(folder, { recursive: true, force: true });
