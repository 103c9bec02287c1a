// `POST /v1/me/sync` over real connections: the fallback of clients whose network blocks WebSockets.

import assert from 'node:assert/strict';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { eventually } from './data.mjs';
import { TestServer } from './server.mjs';

/// A client that holds what it was told, one request after the other.
class Poller {
  constructor(rest) {
    this.rest = rest;
    this.held = {};
    this.epoch = undefined;
    this.messages = [];
  }

  body(wait_seconds) {
    return { epoch: this.epoch, channels: this.held, complete: true, wait_seconds };
  }

  take({ pages, epoch }) {
    this.epoch = epoch;
    for (const page of pages) {
      if (page.left) {
        delete this.held[page.channel_id];
        continue;
      }
      this.held[page.channel_id] = [page.rev, page.receipt_rev];
      for (const message of page.messages ?? []) this.messages.push(message.content);
    }
  }

  /// One request and the rest of its answer.
  async poll(wait_seconds) {
    let answer = await this.rest.expect(200, 'POST', '/v1/me/sync', this.body(wait_seconds));
    this.take(answer);
    while (answer.next !== null) {
      answer = await this.rest.expect(200, 'POST', '/v1/me/sync', { next: answer.next });
      this.take(answer);
    }
    return answer;
  }
}

async function shopWith(t, names, env = {}) {
  const server = await TestServer.start(t, { env: { CARIOS_RATE_LIMITS: 'off', ...env } });
  const shop = await server.createWorkspace();
  for (const name of names) await shop.createUser(name);
  await shop.createGroup('g', names);
  const pollers = [];
  for (const name of names) {
    const poller = new Poller(await shop.as(name));
    await poller.poll();
    pollers.push(poller);
  }
  return { server, shop, pollers };
}

async function waiting(server) {
  const text = (await server.open.get('/metrics')).text;
  return Number(/^cariosan_waiting_requests (\d+)$/m.exec(text)[1]);
}
const untilWaiting = (server, count) => eventually(async () => (await waiting(server)) === count, `${count} waiting requests`);

test('a request that waits is answered by the message of another user', async (t) => {
  const { server, pollers: [alice, bob, citra] } = await shopWith(t, ['alice', 'bob', 'citra']);
  const polls = [bob.poll(25), citra.poll(25)];
  await untilWaiting(server, 2);
  await alice.rest.expect(201, 'POST', '/v1/channels/g/messages', { content: 'hello' });
  const [answer] = await Promise.all(polls);
  assert.equal(answer.unread_total, 1);
  assert.deepEqual([bob.messages, citra.messages], [['hello'], ['hello']]);
  assert.equal(await waiting(server), 0);
});

test('a client that polls gets every message once and in order, whoever sends how fast', async (t) => {
  const { pollers: [alice, bob, citra] } = await shopWith(t, ['alice', 'bob', 'citra']);
  const COUNT = 150;
  const sending = (async () => {
    for (let i = 0; i < COUNT; ++i) await alice.rest.expect(201, 'POST', '/v1/channels/g/messages', { content: `m${i}` });
  })();
  const all = Array.from({ length: COUNT }, (_, i) => `m${i}`);
  const read = async (poller) => {
    while (poller.messages.length < COUNT) await poller.poll(25);
    assert.deepEqual(poller.messages, all);
  };
  await Promise.all([sending, read(bob), read(citra)]);
});

test('without news the answer is 200 without pages, and the connection is kept', async (t) => {
  const { server, pollers: [alice] } = await shopWith(t, ['alice']);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const sockets = new Set();
  for (let i = 0; i < 2; ++i) {
    const answer = await new Promise((resolve, reject) => {
      const url = new URL('/v1/me/sync', server.base());
      const headers = { Authorization: alice.rest.authorization, 'Content-Type': 'application/json' };
      const sent = httpRequest(url, { agent, method: 'POST', headers }, (response) => {
        sockets.add(response.socket);
        let text = '';
        response.setEncoding('utf8').on('data', (part) => { text += part; });
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: JSON.parse(text) }));
      });
      sent.on('error', reject);
      sent.end(JSON.stringify(alice.body(1)));
    });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body.pages, []);
    assert.equal(answer.body.next, null);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.ok(answer.headers['content-length'] > 0);
  }
  assert.equal(sockets.size, 1);
});

test('requests behind one that waits are answered after it, in order', async (t) => {
  const { server, pollers: [alice, bob] } = await shopWith(t, ['alice', 'bob']);
  const { port } = new URL(server.base());
  const socket = connect(Number(port), '127.0.0.1');
  t.after(() => socket.destroy());
  const head = (method, path) => `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${bob.rest.authorization}\r\n`;
  const body = JSON.stringify(bob.body(25));
  socket.write(`${head('POST', '/v1/me/sync')}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
               `${head('GET', '/healthz')}\r\n`);
  let text = '';
  socket.setEncoding('utf8').on('data', (part) => { text += part; });
  await untilWaiting(server, 1);
  assert.equal(text, '');
  await alice.rest.expect(201, 'POST', '/v1/channels/g/messages', { content: 'hello' });
  await eventually(() => text.includes('"status":"ok"'), 'both answers');
  assert.ok(text.indexOf('hello') < text.indexOf('"status":"ok"'));
  assert.equal(text.split('HTTP/1.1 200').length, 3);
});

test('a client that goes away leaves nothing behind', async (t) => {
  const { server, pollers: [alice, bob] } = await shopWith(t, ['alice', 'bob']);
  const gone = new AbortController();
  const lost = fetch(`${server.base()}/v1/me/sync`, {
    method: 'POST', body: JSON.stringify(bob.body(25)), signal: gone.signal,
    headers: { Authorization: bob.rest.authorization, 'Content-Type': 'application/json' },
  });
  await untilWaiting(server, 1);
  gone.abort();
  await assert.rejects(lost);
  await untilWaiting(server, 0);
  await alice.rest.expect(201, 'POST', '/v1/channels/g/messages', { content: 'hello' });
  await bob.poll(25);
  assert.deepEqual(bob.messages, ['hello']);
});

test('SIGTERM answers the requests that wait', async (t) => {
  const { server, pollers } = await shopWith(t, ['alice', 'bob', 'citra']);
  const polls = pollers.map((poller) => poller.rest.post('/v1/me/sync', poller.body(25)));
  await untilWaiting(server, 3);
  const ended = server.end('SIGTERM');
  for (const answer of await Promise.all(polls)) {
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.body.pages, []);
  }
  assert.deepEqual(await ended, { code: 0, signal: null }, server.log.slice(-2000));
});

test('one more than the connections of a user is refused, and others still wait', async (t) => {
  const { server, pollers: [alice, bob] } = await shopWith(t, ['alice', 'bob'], { CARIOS_WS_MAX_CONNECTIONS_PER_USER: '2' });
  const polls = [bob.rest, bob.rest, alice.rest].map((rest, i) => rest.post('/v1/me/sync', (i < 2 ? bob : alice).body(25)));
  await untilWaiting(server, 3);
  const refused = await bob.rest.post('/v1/me/sync', bob.body(25));
  assert.equal(refused.status, 429, refused.text);
  assert.equal(refused.body.error.details.limit, 2);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  await alice.rest.expect(201, 'POST', '/v1/channels/g/messages', { content: 'hello' });
  for (const answer of await Promise.all(polls)) assert.equal(answer.status, 200);
});

test('the log has one line for each request that waited', async (t) => {
  const { server, pollers: [alice] } = await shopWith(t, ['alice'], { CARIOS_LOG_LEVEL: 'debug' });
  const { headers } = await alice.rest.post('/v1/me/sync', alice.body(1));
  const id = headers.get('x-request-id');
  await eventually(() => server.log.includes(id), 'its line');
  const lines = server.log.split('\n').filter((line) => line.includes(id));
  assert.equal(lines.length, 1);
  assert.ok(lines[0].includes('/v1/me/sync'), lines[0]);
});
