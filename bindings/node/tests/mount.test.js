import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import express from 'express';
import fastify from 'fastify';
import { World } from './world.js';

/// What comes in answer to bytes, until the connection ends.
async function raw(port, text) {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (part) => (answer += part)).on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

test('requests', async (t) => {
  const world = await World.open(t);
  await world.serve(t);
  assert.equal(await (await world.ask('GET', '/')).text(), 'the shop');
  assert.equal(await (await world.ask('GET', '/chatter')).text(), 'the shop');
  for (const [method, path, body, status] of [
    ['POST', '/chat/v1/channels/room/messages', '{"user":"alice","content":"Halo!"}', 201],
    ['GET', '/chat/v1/channels/room/messages?limit=1', undefined, 200],
    ['GET', '/chat/v1/users/a%2Fb', undefined, 404],
    ['HEAD', '/chat/healthz', undefined, 200],
    ['PUT', '/chat/v1/me/blocks/bob', undefined, 403],
    ['DELETE', '/chat/v1/users/bob', undefined, 204],
    ['GET', '/chat', undefined, 404],
    ['POST', '/chat/v1/channels', ' '.repeat(2 << 20), 413],
  ]) {
    const response = await world.ask(method, path, { body });
    assert.equal(response.status, status, `${method} ${path}: ${await response.text()}`);
  }
});

test('a head is judged before its body', async (t) => {
  const world = await World.open(t);
  await world.serve(t);
  const head = 'POST /chat/v1/channels HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  // The bodies never come, and are not waited for.
  assert.match(await raw(world.port, `${head}Content-Length: 500\r\n\r\n`), /^HTTP\/1\.1 401 /);
  assert.match(await raw(world.port, `${head}Content-Length: 500\r\nExpect: 100-continue\r\n\r\n`), /^HTTP\/1\.1 401 /);
  const body = '{"type":"group","external_id":"r","member_external_ids":["alice"]}';
  const accepted = await raw(world.port, `${head}Authorization: Bearer ${world.key}\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  assert.match(accepted, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
  const shop = await raw(world.port, 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx');
  assert.match(shop, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
});

test('a client that is gone ends its request', async (t) => {
  const world = await World.open(t, { max_waiting_requests: 1 });
  await world.serve(t);
  const authorization = `Bearer ${await world.token('alice')}`;
  for (let i = 0; i < 3; ++i) { // each would be refused if the one before were still waiting
    let status = 503;
    while (status === 503) {
      const response = await world.ask('POST', '/chat/v1/me/sync', { authorization, body: '{"channels":[],"wait_seconds":25}', signal: AbortSignal.timeout(300) }).catch(() => null);
      status = response?.status ?? 0;
    }
  }
});

test('a conversation, and its end', async (t) => {
  const world = await World.open(t);
  await world.serve(t);
  const alice = world.connect(await world.token('alice'));
  const bob = world.connect(await world.token('bob'));
  await alice.until('connection.ready');
  await bob.until('connection.ready');
  for (let i = 0; i < 100; ++i) {
    alice.socket.send(JSON.stringify({ type: 'message.send', id: `${i}`, data: { channel: 'room', content: `${i}`, idempotency_key: `${i}` } }));
  }
  for (let i = 0; i < 100; ++i) assert.equal((await bob.until('message.created')).data.message.content, `${i}`);
  bob.socket.send(Buffer.from([1]));
  assert.equal(await bob.closed, 1003);
  world.chat.drain(1000);
  await alice.until('server.draining');
  const closing = world.chat.close();
  assert.equal(await alice.closed, 1001);
  await closing;
  assert.equal((await world.ask('GET', '/chat/v1/me')).status, 503);
});

test('who is not let in is told why', async (t) => {
  const world = await World.open(t);
  await world.serve(t);
  const stranger = world.connect('nonsense');
  await stranger.until('error');
  assert.equal(await stranger.closed, 4401);
  const evil = world.connect(await world.token('alice'), { origin: 'https://evil.example' });
  const [, response] = await once(evil.socket, 'unexpected-response');
  assert.equal(response.statusCode, 403);
  const upgrade = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
  assert.match(await raw(world.port, `GET /chat/v1/ws HTTP/1.1\r\n${upgrade}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n`), /^HTTP\/1\.1 4\d\d /);
  assert.match(await raw(world.port, `GET /chat/healthz HTTP/1.1\r\n${upgrade}\r\n`), /^HTTP\/1\.1 200 [^]*\{"status":"ok"\}$/);
});

test('a slow client is closed', async (t) => {
  const world = await World.open(t, { max_backlog_bytes: 300_000 });
  await world.serve(t);
  const bob = world.connect(await world.token('bob'));
  await bob.until('connection.ready');
  bob.socket.pause();
  const sessions = async () => /^cariosan_sessions (\d+)$/m.exec(await (await world.ask('GET', '/chat/metrics')).text())[1];
  for (let i = 0; i < 4000; i += 50) {
    await Promise.all(Array.from({ length: 50 }, () => world.send('x'.repeat(8000))));
    if (await sessions() === '0') return;
  }
  assert.fail('it is still connected');
});

test('Express and Fastify', async (t) => {
  const world = await World.open(t);
  const app = express();
  app.get('/', (_, response) => response.send('Express'));
  app.use('/inside', world.chat.handler());
  await world.serve(t, app);
  assert.equal(await (await world.ask('GET', '/')).text(), 'Express');
  assert.equal((await world.ask('GET', '/chat/v1/users/alice')).status, 200);
  assert.equal((await world.ask('GET', '/inside/v1/users/alice')).status, 200);

  const other = fastify();
  other.get('/', async () => 'Fastify');
  await other.ready();
  world.chat.mount(other.server, '/chat');
  world.port = new URL(await other.listen()).port;
  t.after(() => other.close());
  assert.equal(await (await world.ask('GET', '/')).text(), 'Fastify');
  assert.equal((await world.ask('POST', '/chat/v1/channels/room/messages', { body: '{"user":"alice","content":"x"}' })).status, 201);
  const alice = world.connect(await world.token('alice'));
  await alice.until('connection.ready');
  alice.socket.terminate();
});
