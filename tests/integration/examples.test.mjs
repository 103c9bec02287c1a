// The small examples in C++: what they print, and the one that mounts the chat in a server of Boost.Beast.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import WebSocket from 'ws';
import { within } from './data.mjs';
import { Rest } from './rest.mjs';

const examples = process.env.CARIOSAN_EXAMPLES;
const PROGRAMS = { mount_in_other_http: 'mount' };
const program = (folder) => join(examples, folder, `cariosan-${PROGRAMS[folder] ?? folder.replaceAll('_', '-')}`);

function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'cariosan-examples-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/// What an example prints.
async function printed(name, ...args) {
  const child = spawn(program(name), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (text += part));
  const [code] = await within(once(child, 'close'), `the end of ${name}`, 120_000);
  assert.equal(code, 0);
  return text;
}

test('the smallest host, twice on the same database', async (t) => {
  const database = join(temporaryFolder(t), 'chat.db');
  assert.match(await printed('embed_minimal', database), /the event says: Halo!\n[^]*1 {2}Alice: Halo!\n$/);
  assert.match(await printed('embed_minimal', database), /2 {2}Alice: Halo!\n +1 {2}Alice: Halo!\n$/);
});

test('a moderator of the host', async () => {
  const text = await printed('moderator');
  for (const line of [/still there\? +stored as: Is it still there\?/, /You donkey +stored as: You friend/,
    /transfer first +refused: asks for money in advance/, /log: flag, because: arranges a meeting/]) {
    assert.match(text, line);
  }
});

test('a storage of the host keeps a journal', async (t) => {
  const folder = temporaryFolder(t);
  const journal = join(folder, 'journal.txt');
  await printed('custom_storage', join(folder, 'chat.db'), journal);
  assert.match(readFileSync(journal, 'utf8'), /^\d+ [0-9a-f-]{36} writes to [0-9a-f-]{36}\n$/);
});

class MountedShop {
  static async start(t) {
    const shop = new MountedShop();
    const child = spawn(program('mount_in_other_http'), [join(temporaryFolder(t), 'chat.db'), '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    shop.child = child;
    shop.ended = once(child, 'close');
    t.after(() => child.kill('SIGKILL'));
    let text = '';
    await within(new Promise((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (part) => {
        text += part;
        if (/^Budi: .*\n/m.test(text)) resolve();
      });
    }), 'the start of the shop', 120_000);
    shop.key = /shown once: (\S+)/.exec(text)[1];
    shop.port = Number(/localhost:(\d+)/.exec(text)[1]);
    shop.base = () => `http://127.0.0.1:${shop.port}`;
    shop.backend = new Rest(shop.base, `Bearer ${shop.key}`);
    for (const [, name, token] of text.matchAll(/^(Alice|Budi): \S+#(\S+)$/gm)) {
      shop[name.toLowerCase()] = { token, rest: new Rest(shop.base, `Bearer ${token}`) };
    }
    return shop;
  }

  /// A connection that keeps its frames; `until` waits for one.
  socket(token) {
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}/v1/ws`, ['cariosan.v1', `cariosan.jwt.${token}`]);
    const frames = [];
    const waiting = new Set();
    socket.on('message', (bytes) => {
      frames.push(JSON.parse(bytes.toString()));
      for (const look of [...waiting]) look();
    });
    const until = (type) => within(new Promise((resolve) => {
      const look = () => {
        const found = frames.find((frame) => frame.type === type);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    }), type, 60_000);
    return { socket, until, closed: once(socket, 'close') };
  }
}

/// The response to bytes that no client library would send.
async function raw(port, text) {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (part) => (answer += part)).on('error', () => {});
  socket.write(text);
  await within(once(socket, 'close'), 'the end of the connection');
  return answer;
}

test('the chat in a server of Boost.Beast', async (t) => {
  const shop = await MountedShop.start(t);
  const page = await new Rest(shop.base).get('/?channel=order_1');
  assert.equal(page.status, 200);
  assert.match(page.text, /<title>A shop with a chat/);
  assert.equal((await new Rest(shop.base).get('/nothing')).status, 404);

  await t.test('a conversation', async () => {
    const alice = shop.socket(shop.alice.token);
    const budi = shop.socket(shop.budi.token);
    for (const each of [alice, budi]) await each.until('connection.ready');
    alice.socket.send(JSON.stringify({ type: 'message.send', id: '1', data: { channel: 'order_1', content: 'Halo!', idempotency_key: 'k' } }));
    assert.equal((await alice.until('ack')).data.message.content, 'Halo!');
    assert.equal((await budi.until('message.created')).data.message.content, 'Halo!');
    const { messages } = await shop.budi.rest.expect(200, 'GET', '/v1/channels/order_1/messages');
    assert.deepEqual(messages.map(({ content }) => content), ['Halo!']);
    alice.socket.close(1000);
    const [code] = await alice.closed;
    assert.equal(code, 1000);
    budi.socket.send(Buffer.from([1, 2, 3]));
    assert.equal((await budi.closed)[0], 1003);
  });

  await t.test('a backlog of many frames arrives', async () => {
    const budi = shop.socket(shop.budi.token);
    await budi.until('connection.ready');
    budi.socket.pause();
    await Promise.all(Array.from({ length: 60 }, (_, i) => shop.backend.expect(201, 'POST', '/v1/channels/order_1/messages',
        { user: 'alice', content: `${i} ${'x'.repeat(8000)}` })));
    budi.socket.resume();
    await shop.backend.expect(204, 'DELETE', '/v1/channels/order_1');
    await budi.until('channel.deleted');
    budi.socket.terminate();
  });

  await t.test('requests are refused by their heads', async () => {
    const head = `POST /v1/channels HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer ${shop.key}\r\n`;
    assert.match(await raw(shop.port, `${head}Content-Length: 2000000\r\n\r\n`), /^HTTP\/1\.1 413 [^]*"PAYLOAD_TOO_LARGE"/);
    assert.match(await raw(shop.port, `GET /v1/me HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
    assert.match(await raw(shop.port, 'this is not HTTP\r\n\r\n'), /^HTTP\/1\.1 400 /);
    const chunk = `f000\r\n${'x'.repeat(0xf000)}\r\n`;
    assert.match(await raw(shop.port, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(20)}`), /^HTTP\/1\.1 413 /);
    const body = '{"type":"group","external_id":"order_2","member_external_ids":["alice"]}';
    assert.match(await raw(shop.port, `${head}Expect: 100-continue\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
        /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
    assert.match(await raw(shop.port, 'GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'), /^HTTP\/1\.1 401 /);
  });

  await t.test('an answer in parts', async () => {
    for (let i = 0; i < 120; ++i) {
      await shop.backend.expect(201, 'POST', '/v1/channels/order_2/messages', { user: 'alice', content: `${i} ${'y'.repeat(4000)}` });
    }
    const answer = await shop.backend.get('/v1/users/alice/export');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('transfer-encoding'), 'chunked');
    assert.ok(answer.text.includes('119 yyyy'));
  });

  await t.test('it says goodbye', async () => {
    const alice = shop.socket(shop.alice.token);
    await alice.until('connection.ready');
    shop.child.kill('SIGTERM');
    await alice.until('server.draining');
    const [code] = await within(shop.ended, 'the end of the shop');
    assert.equal(code, 0);
  });
});
