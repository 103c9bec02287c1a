// A server that may open 64 files, as in small containers: idle connections do not keep others out, and the database works.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { within } from './data.mjs';
import { TestServer } from './server.mjs';

const OPEN_FILES = 64;

test('with 64 descriptors idle connections make room', async (t) => {
  const server = await TestServer.start(t, { openFiles: OPEN_FILES });
  const limited = new RegExp(`"transport.connections_limited".*"open_files":${OPEN_FILES}`);
  const said = async () => {
    while (!limited.test(server.log)) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await within(said(), 'the line about the limit');
  const shop = await server.createWorkspace();
  await shop.createUser('alice', 'Alice');
  await shop.createGroup('order_1', ['alice'], 'Order #1');
  const idle = [];
  t.after(() => idle.forEach((socket) => socket.destroy()));
  for (let i = 0; i < OPEN_FILES; ++i) {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    idle.push(socket);
  }
  // A burst of connections may be refused with 503; one that comes a second later finds room, repeatedly.
  const ask = async () => {
    for (;;) {
      const answer = await shop.rest.get('/v1/workspace').catch(() => null);
      if (answer?.status === 200) return;
      if (answer) assert.equal(answer.status, 503);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await within(ask(), 'a place');
  for (let i = 0; i < 20; ++i) {
    const sent = await shop.rest.post('/v1/channels/order_1/messages', { user: 'alice', content: `line ${i}`, idempotency_key: `k${i}` });
    assert.equal(sent.status, 201, sent.text);
  }
  const { messages } = (await shop.rest.get('/v1/channels/order_1/messages')).body;
  assert.equal(messages.length, 20);
  assert.doesNotMatch(server.log, /accept_failed/);
});

test('too few descriptors for any connection are reported at the start', async (t) => {
  const server = TestServer.prepare(t, { openFiles: 34 });
  await assert.rejects(server.start(), /open files leaves none for connections|too many open files|Too many open files|unable to open/);
});
