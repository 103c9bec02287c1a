// Clients that do not read, from outside: who is closed, what memory is released, and whether others are affected.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import WebSocket from 'ws';
import { Client } from './client.mjs';
import { within } from './data.mjs';
import { TestServer } from './server.mjs';

const MIB = 1 << 20;
const CONTENT = 'x'.repeat(8000);

async function shopOf(t, env = {}) {
  const server = await TestServer.start(t, { env });
  const shop = await server.createWorkspace();
  for (const name of ['alice', 'budi', 'citra', 'dewi']) await shop.createUser(name);
  await shop.createGroup('g', ['alice', 'budi', 'citra', 'dewi']);
  return { server, shop, alice: await shop.as('alice') };
}

/// A plain connection that has received `connection.ready`.
async function connected(t, server, token) {
  // Compressed, this content would hardly fill a socket.
  const socket = new WebSocket(server.webSocketUrl, ['cariosan.v1', `cariosan.jwt.${token}`], { perMessageDeflate: false });
  socket.on('error', () => {});
  t.after(() => socket.terminate());
  const [first] = await within(once(socket, 'message'), 'connection.ready');
  assert.equal(JSON.parse(first).type, 'connection.ready');
  return socket;
}

/// Like `connected`, but from then on it reads nothing.
async function silent(t, server, token) {
  const socket = await connected(t, server, token);
  socket.pause();
  return socket;
}

async function metrics(server) {
  const { text } = await server.open.request('GET', '/metrics');
  const value = (name) => Number(new RegExp(`^cariosan_${name} (\\d+)$`, 'm').exec(text)[1]);
  return { slow: value('sessions_slow_total'), held: value('held_output_bytes'), sessions: value('sessions') };
}

/// Sends until the condition is true; returns how many were sent, and the metrics at that time.
async function sendUntil(rest, server, holds) {
  for (let sent = 0; sent < 4000; ) {
    await Promise.all(Array.from({ length: 8 }, () => rest.expect(201, 'POST', '/v1/channels/g/messages', { content: CONTENT })));
    sent += 8;
    const seen = await metrics(server);
    if (holds(seen)) return { sent, seen };
  }
  assert.fail('it never came to that');
}

test('a client that does not read is closed with 4008, its memory is released at once, and nobody else notices', async (t) => {
  const { server, shop, alice } = await shopOf(t);
  const citra = new Client(server, await shop.token('citra'), { reconnect: false });
  t.after(() => citra.close());
  const synced = once(citra, 'synced');
  citra.open();
  await within(synced, 'the first sync');
  const budi = await silent(t, server, await shop.token('budi'));

  const { sent, seen } = await sendUntil(alice, server, ({ slow }) => slow === 1);
  t.diagnostic(`closed after ${sent} messages of ${CONTENT.length} bytes; held then: ${seen.held}`);
  // It may take ten seconds to go, because it does not read, but its memory does not wait for that. What is left
  // are HTTP buffers.
  let now = seen;
  while (now.held >= MIB / 2) now = await metrics(server);
  if (now.sessions < 2) t.diagnostic('it had gone before anybody could look: nothing is known of its bytes before that');
  assert.equal(now.slow, 1);

  const last = within(citra.nextFrame(({ type, data }) => type === 'message.created' && data.message.content === 'the last'),
      'the last message');
  await alice.expect(201, 'POST', '/v1/channels/g/messages', { content: 'the last' });
  assert.equal((await last).data.message.seq, sent + 1);
  assert.deepEqual(citra.violations, []);
  assert.equal(citra.connected, true);

  const closed = once(budi, 'close');
  budi.resume();
  const [code] = await within(closed, 'the end of the connection');
  assert.ok(code === 4008 || code === 1006, `closed with ${code}`);
  t.diagnostic(`the client that did not read sees ${code}`);
});

test('the memory of a closed connection does not count against others', async (t) => {
  const limit = 1_500_000;  // for all; a single one may hold a MiB
  const { server, shop, alice } = await shopOf(t, { CARIOS_WS_MAX_TOTAL_BACKLOG_BYTES: String(limit) });
  await silent(t, server, await shop.token('budi'));
  await sendUntil(alice, server, ({ slow, held }) => slow === 1 && held < limit / 4);
  await silent(t, server, await shop.token('citra'));
  // More than would fit next to the first one's MiB, and less than a single one may hold.
  const { seen } = await sendUntil(alice, server, ({ slow, held }) => held > limit / 2 || slow > 1);
  assert.equal(seen.slow, 1);
});

test('if one of five connections is closing, a sixth takes its place, once', async (t) => {
  const { server, shop, alice } = await shopOf(t);
  const token = await shop.token('budi');
  const slow = await silent(t, server, token);
  const others = [];
  for (let i = 0; i < 4; ++i) others.push(await connected(t, server, token));
  const refused = async () => {
    const socket = new WebSocket(server.webSocketUrl, ['cariosan.v1', `cariosan.jwt.${token}`]);
    const frames = [];
    socket.on('message', (text) => frames.push(JSON.parse(text)));
    const [code] = await within(once(socket, 'close'), 'the refusal');
    assert.equal(code, 4429);
    assert.deepEqual(frames.map(({ type }) => type), ['error']);
    assert.ok(frames[0].data.details.retry_after_ms > 0);
  };
  await refused();
  await sendUntil(alice, server, (seen) => seen.slow === 1);
  // It has not read anything of this, and its socket stays until it does or ten seconds have passed.
  assert.equal(slow.readyState, WebSocket.OPEN);
  const sixth = await connected(t, server, token);
  await refused();
  for (const socket of [...others, sixth]) assert.equal(socket.readyState, WebSocket.OPEN);
});
