// How much memory the server uses while clients send endless bodies, and while they do not read what they requested: the
// maximum, the amount after they are gone, and how another client fares meanwhile.
//
//   node memory_bench.mjs FOLDER_OF_PROGRAMS
import { readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const [build] = process.argv.slice(2);
if (!build) {
  console.error('usage: node memory_bench.mjs FOLDER_OF_PROGRAMS');
  process.exit(2);
}
process.env.CARIOSAN_SERVER ??= join(build, '../../examples/server/cariosan-server');
const { TestServer } = await import('../integration/server.mjs');
const { forEachAtOnce } = await import('../integration/data.mjs');

const CONNECTIONS = 1000;
const ADDRESSES = 16;
const ATTACK_MS = 8_000;
const CALM_MS = 6_000;
const MIB = 1 << 20;
const body = Buffer.alloc(MIB - 1, ' ');

const residentMib = (pid) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

function head(method, path, authorization, length) {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: bench'];
  if (authorization !== null) lines.push(`Authorization: ${authorization}`);
  if (length !== undefined) lines.push('Content-Type: application/json', `Content-Length: ${length}`);
  return lines.join('\r\n') + '\r\n\r\n';
}

/// All loopback addresses are ours; to the server, each is another client.
function open(port, address) {
  const socket = connect({ port, host: '127.0.0.1', localAddress: address });
  socket.on('error', () => {});
  return socket;
}

/// A body that lacks its last byte.
function sendBody(authorization) {
  return (socket) => {
    socket.resume();
    socket.write(head('POST', '/v1/channels/all/messages', authorization, MIB));
    socket.write(body);
  };
}

/// Many pages, none of which is read.
function askPages(authorization) {
  return (socket) => {
    socket.pause();
    socket.write(head('GET', '/v1/channels/all/messages?limit=100', authorization).repeat(50));
  };
}

/// The responses to another client until `done`, one call after the other.
async function neighbour(rest, done) {
  const times = [];
  let refused = 0;
  while (!done()) {
    const began = performance.now();
    const answer = await rest.request('GET', '/v1/channels/quiet').catch(() => ({ status: 0 }));
    times.push(performance.now() - began);
    if (answer.status !== 200) ++refused;
    await sleep(20);
  }
  times.sort((a, b) => a - b);
  return { p99: times[Math.floor(times.length * 0.99)], refused, calls: times.length };
}

async function attack(server, workspace, name, addresses, act) {
  const before = residentMib(server.pid);
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, residentMib(server.pid))), 20);
  let over = false;
  const beside = neighbour(workspace.rest, () => over);
  const sockets = [];
  for (let i = 0; i < CONNECTIONS; ++i) {
    const socket = open(server.port, addresses[i % addresses.length]);
    socket.once('connect', () => act(socket));
    sockets.push(socket);
    if (i % 50 === 49) await sleep(5);
  }
  await sleep(ATTACK_MS);
  over = true;
  const { p99, refused, calls } = await beside;
  for (const socket of sockets) socket.destroy();
  await sleep(CALM_MS);
  clearInterval(watch);
  const mib = (value) => `${value.toFixed(0).padStart(5)} MiB`;
  console.log(
    `${name.padEnd(34)} before ${mib(before)}, at most ${mib(most)}, afterwards ${mib(residentMib(server.pid))}; ` +
      `another client: p99 ${p99.toFixed(0)} ms, ${refused} of ${calls} not served`,
  );
}

const several = Array.from({ length: ADDRESSES }, (_, i) => `127.0.1.${i + 1}`);
const server = new TestServer({ CARIOS_LOG_LEVEL: 'error' });
await server.start();
try {
  const workspace = await server.createWorkspace('Bench');
  await workspace.createUser('writer');
  await workspace.createGroup('all', ['writer']);
  await workspace.createGroup('quiet', ['writer']);
  const token = `Bearer ${await workspace.token('writer')}`;
  // Each byte of the text takes six in JSON.
  const content = '\u0001'.repeat(8000) + 'x';
  await forEachAtOnce(Array.from({ length: 100 }), 8, () =>
    workspace.rest.expect(201, 'POST', '/v1/channels/all/messages', { user: 'writer', content }),
  );
  const page = await workspace.rest.request('GET', '/v1/channels/all/messages?limit=100');
  console.log(`${CONNECTIONS} connections each; a page of history has ${page.text.length} bytes`);
  const good = workspace.rest.authorization;
  await attack(server, workspace, 'bodies without credentials', ['127.0.0.2'], sendBody(null));
  await attack(server, workspace, 'bodies with a wrong key', several, sendBody('Bearer pk_live_wrong:sk_wrong'));
  await attack(server, workspace, 'bodies with a good key', ['127.0.0.3'], sendBody(good));
  await attack(server, workspace, `the same from ${ADDRESSES} addresses`, several, sendBody(good));
  await attack(server, workspace, 'pages that are not read', ['127.0.0.4'], askPages(token));
  await attack(server, workspace, `the same from ${ADDRESSES} addresses`, several, askPages(token));
} finally {
  await server.stop();
  rmSync(server.folder, { recursive: true, force: true });
}
