// Stopping a server: requests in progress are finished, clients are notified, and nothing is left behind.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { eventually, within } from './data.mjs';
import { notOnPostgres } from './database.mjs';
import { allPages } from './rest.mjs';
import { TestServer } from './server.mjs';

/// Commands open a shared database themselves.
const inProcessOfItsOwn = notOnPostgres && 'an import does not run inside the server';

async function serverWithClients(t, count) {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  const names = Array.from({ length: count }, (_, i) => `u${i}`);
  for (const name of names) await shop.createUser(name);
  await shop.createGroup('g', names);
  const clients = [];
  for (const name of names) {
    const client = new Client(server, await shop.token(name), { reconnect: false });
    t.after(() => client.close());
    const synced = once(client, 'synced');
    client.open();
    await within(synced, 'the first sync');
    clients.push(client);
  }
  return { server, shop, clients };
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} ends the server well`, async (t) => {
    const { server, clients } = await serverWithClients(t, 5);
    const draining = clients.map((client) => client.nextFrame((frame) => frame.type === 'server.draining'));
    const closes = clients.map((client) => once(client, 'closed'));
    const started = performance.now();
    const { code, signal: by } = await server.end(signal);
    const seconds = (performance.now() - started) / 1000;
    assert.deepEqual([code, by], [0, null], server.log.slice(-2000));
    // A promise of the server, not a measurement: with 5 idle clients it takes a fraction of this.
    assert.ok(seconds < 10, `${seconds} s`);
    for (const frame of await Promise.all(draining)) assert.ok(frame.data.reconnect_after_ms > 0);
    for (const [closeCode] of await Promise.all(closes)) assert.equal(closeCode, 1001);
    assert.ok(!existsSync(`${server.database}.sock`));
    await server.start();
    assert.equal((await server.open.get('/readyz')).status, 200);
  });
}

test('SIGHUP ends neither the server nor its connections', async (t) => {
  const { server, clients } = await serverWithClients(t, 1);
  process.kill(server.pid, 'SIGHUP');
  await eventually(() => server.log.includes('server.hangup_ignored'), 'the line that says so');
  await clients[0].sendMessage('g', 'still here');
  assert.equal((await server.open.get('/readyz')).status, 200);
});

test('what was acknowledged before the end exists after it', async (t) => {
  const { server, shop, clients } = await serverWithClients(t, 4);
  const acknowledged = [];
  let sending = true;
  const senders = clients.map(async (client, index) => {
    for (let i = 0; sending; ++i) {
      const message = await client.sendMessage('g', `${index}:${i}`);
      acknowledged.push(message.id);
    }
  });
  senders.forEach((sender) => sender.catch(() => {}));
  await within(clients[0].until(() => acknowledged.length > 200), 'some traffic');
  const closes = clients.map((client) => once(client, 'closed'));
  const { code } = await server.end('SIGTERM');
  assert.equal(code, 0, server.log.slice(-2000));
  for (const [closeCode] of await Promise.all(closes)) assert.equal(closeCode, 1001);
  sending = false;
  await server.start();
  const stored = new Set(
      (await allPages(shop.rest, '/v1/channels/g/messages?limit=100', 'messages')).map((message) => message.id));
  for (const id of acknowledged) assert.ok(stored.has(id), id);
});

test('an import inside the server ends with it, and can be resumed', { skip: inProcessOfItsOwn }, async (t) => {
  const { server } = await serverWithClients(t, 1);
  const line = (i) => JSON.stringify({ channel: 'c', ts: '2020-01-01T00:00:00Z', user: `u${i % 7}`, text: `m${i}`, id: i });
  // Twice as many lines each time it finished before the server was stopped.
  for (let count = 20_000; ; count *= 2) {
    const file = join(server.folder, `${count}.jsonl`);
    writeFileSync(file, Array.from({ length: count }, (_, i) => line(i)).join('\n'));
    const from = server.log.length;
    const importing = server.cli('import', file);
    await within((async () => {
      while (!server.log.includes('"admin.command"', from)) await new Promise((resolve) => setTimeout(resolve, 5));
    })(), 'the start of the import');
    const { code } = await server.end('SIGTERM');
    assert.equal(code, 0, server.log.slice(-2000));
    const cut = await importing;
    if (cut.code === 0) {
      assert.ok(count < 1_000_000, 'no import was ever cut');
      await server.start();
      continue;
    }
    assert.equal(cut.code, 1, cut.stdout + cut.stderr);
    const again = await server.cli('import', file);
    assert.equal(again.code, 0, again.stderr);
    const [, imported, known] = /^imported (\d+) messages .* already there (\d+)$/m.exec(again.stdout);
    assert.equal(Number(imported) + Number(known), count);
    assert.match((await server.cli('import', file)).stdout, new RegExp(`imported 0 .* already there ${count}`));
    return;
  }
});

test('a second signal ends the process at once', async (t) => {
  const { server } = await serverWithClients(t, 1);
  // A request whose body never comes delays the end of the first stop.
  const { connect } = await import('node:net');
  const socket = connect(server.port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write('POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n');
  const { pid } = server;
  const ended = server.end('SIGTERM');
  await within((async () => {
    while (!server.log.includes('server.stopping')) await new Promise((resolve) => setImmediate(resolve));
  })(), 'the first signal');
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    assert.equal(error.code, 'ESRCH');
  }
  const { code } = await ended;
  assert.ok(code === 0 || code === 143, `exit code ${code}`);
});
