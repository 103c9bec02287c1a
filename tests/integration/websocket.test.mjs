// WebSocket from outside: the handshake, frames and acks, events, limits and closes.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import WebSocket from 'ws';
import { Client } from './client.mjs';
import { within } from './data.mjs';
import { makeToken, readToken } from './rest.mjs';
import { JWT_SECRET, TestServer } from './server.mjs';

/// A server with a workspace, three users, and a group of the first two.
async function shopOf(t, env = {}) {
  const server = await TestServer.start(t, { env });
  const shop = await server.createWorkspace();
  for (const name of ['alice', 'budi', 'citra']) await shop.createUser(name, name.toUpperCase());
  const group = await shop.createGroup('order_1', ['alice', 'budi']);
  const connect = async (t2, name, options = {}) => {
    const client = new Client(server, await shop.token(name), { reconnect: false, ...options });
    t2.after(() => client.close());
    const synced = once(client, 'synced');
    client.open();
    await within(synced, `${name}'s first sync`);
    return client;
  };
  return { server, shop, group, connect };
}

/// Opens a socket without a client: `{socket, status, body, protocol}`.
function handshake(server, protocols, headers = {}, path = '/v1/ws') {
  return new Promise((resolve, reject) => {
    const url = new URL(path, server.webSocketUrl);
    const socket = new WebSocket(url, protocols, { headers, perMessageDeflate: false });
    const frames = [];
    socket.on('message', (bytes) => frames.push(JSON.parse(bytes)));
    socket.on('open', () => resolve({ socket, protocol: socket.protocol, frames }));
    socket.on('unexpected-response', (_, response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on(
          'end', () => resolve({status: response.statusCode, body: JSON.parse(text), headers: response.headers}));
    });
    socket.on('error', reject);
  });
}

const frameOf = (type, fits = () => true) => (frame) => frame.type === type && fits(frame.data);
const closeOf = (socket) =>
    new Promise((resolve) => socket.on('close', (code, reason) => resolve({code, reason: String(reason)})));

test('the handshake', async (t) => {
  const { server, shop } = await shopOf(t, { CARIOS_CORS_ALLOWED_ORIGINS: 'https://shop.example,https://*.pages.example' });
  const token = await shop.token('alice');
  const jwt = `cariosan.jwt.${token}`;

  await t.test('returns the offered subprotocol', async () => {
    const alone = await handshake(server, [jwt]);
    assert.equal(alone.protocol, jwt);
    alone.socket.terminate();
    const both = await handshake(server, ['cariosan.v1', jwt]);
    assert.equal(both.protocol, 'cariosan.v1');
    both.socket.terminate();
  });

  await t.test('refuses in plain HTTP', async () => {
    const refused = async (status, code, protocols, headers) => {
      const answer = await handshake(server, protocols, headers);
      assert.equal(answer.status, status, JSON.stringify(answer.body));
      assert.equal(answer.body.error.code, code);
      assert.ok(answer.headers['x-request-id']);
      return answer.body.error;
    };
    const claims = readToken(token);
    await refused(401, 'UNAUTHORIZED', []);
    await refused(401, 'UNAUTHORIZED', ['cariosan.jwt.x']);
    await refused(401, 'UNAUTHORIZED', [`cariosan.jwt.${makeToken(claims, 'x'.repeat(32))}`]);
    await refused(401, 'UNAUTHORIZED', [`cariosan.jwt.${makeToken(claims, JWT_SECRET, {header: {alg: 'none'}})}`]);
    const late = `cariosan.jwt.${makeToken({ ...claims, iat: claims.iat - 2000, exp: claims.iat - 1000 }, JWT_SECRET)}`;
    assert.equal((await refused(401, 'UNAUTHORIZED', [late])).details.reason, 'expired');
    await refused(403, 'FORBIDDEN', [jwt], { Origin: 'https://evil.example' });
  });

  await t.test('tells clients of cariosan.v1 in a frame, as browsers hide the answer', async () => {
    const told = async (protocols, code, close) => {
      const { socket, frames, protocol } = await handshake(server, ['cariosan.v1', ...protocols]);
      assert.equal(protocol, 'cariosan.v1');
      assert.equal((await within(closeOf(socket), 'the close')).code, close);
      assert.deepEqual(frames.map((each) => [each.type, each.data.code]), [['error', code]]);
      return frames[0].data;
    };
    const claims = readToken(token);
    await told([], 'UNAUTHORIZED', 4401);
    await told(['cariosan.jwt.x'], 'UNAUTHORIZED', 4401);
    const late = `cariosan.jwt.${makeToken({ ...claims, iat: claims.iat - 2000, exp: claims.iat - 1000 }, JWT_SECRET)}`;
    assert.equal((await told([late], 'UNAUTHORIZED', 4401)).details.reason, 'expired');
    assert.equal((await handshake(server, ['cariosan.v1', jwt], { Origin: 'https://evil.example' })).status, 403);
  });

  await t.test('accepts listed and own origins', async () => {
    for (const origin of ['https://shop.example', 'https://a.b.pages.example', server.base()]) {
      const { socket } = await handshake(server, [jwt], { Origin: origin });
      socket.terminate();
    }
  });

  await t.test('behind a proxy that does not pass on the host, it says what to configure', async () => {
    const headers = { Origin: 'https://chat.example', Host: '127.0.0.1:8080' };
    const { status, body } = await handshake(server, [jwt], headers);
    assert.equal(status, 403);
    assert.match(body.error.message, /CARIOS_CORS_ALLOWED_ORIGINS/);
    const find = () => server.log.split('\n').find((each) => each.includes('websocket.origin_refused') && each.includes('chat.example'));
    const seen = async () => {
      while (!find()) await new Promise((resolve) => setTimeout(resolve, 10));
      return find();
    };
    const line = await within(seen(), 'the line in the log');
    assert.match(line, /"level":"warning".*"origin":"https:\/\/chat\.example","host":"127\.0\.0\.1:8080".*CARIOS_CORS_ALLOWED_ORIGINS/);
    assert.doesNotMatch(server.log, new RegExp(token));
    const forwarded = { ...headers, 'X-Forwarded-Host': 'chat.example' };
    assert.equal((await handshake(server, [jwt], forwarded)).status, 403, 'nobody who is not trusted may say what was asked for');
    const behind = await shopOf(t, { CARIOS_TRUSTED_PROXIES: '127.0.0.1' });
    const ticket = `cariosan.jwt.${await behind.shop.token('alice')}`;
    (await handshake(behind.server, [ticket], forwarded)).socket.terminate();
  });

  await t.test('a plain GET is not an upgrade', async () => {
    const answer = await server.open.get('/v1/ws');
    assert.ok(answer.status === 400 || answer.status === 426, answer.text);
  });
});

test('frames', async (t) => {
  const { shop, group, connect } = await shopOf(t);
  const alice = await connect(t, 'alice');
  const budi = await connect(t, 'budi');
  const citra = await connect(t, 'citra');

  await t.test('connection.ready says who the user is', async (t2) => {
    const client = new Client(alice.server, alice.token(), { reconnect: false });
    t2.after(() => client.close());
    const ready = within(client.nextFrame(() => true), 'the first frame');
    client.open();
    const { type, data } = await ready;
    assert.equal(type, 'connection.ready');
    assert.equal(data.user.external_id, 'alice');
    assert.equal(data.epoch, alice.epoch);
    assert.equal(data.heartbeat_seconds, 30);
    assert.equal(data.unread_total, 0);
    assert.equal(data.blocks_rev, 0);
    assert.ok(Date.parse(data.server_time) > 0);
    assert.match(data.connection_id, /^[0-9a-f-]{36}$/);
  });

  await t.test('ping is answered', async () => {
    alice.send('ping', undefined, 'p1');
    assert.equal((await within(alice.nextFrame(frameOf('pong')), 'pong')).id, 'p1');
  });

  await t.test('a send is acknowledged to its author and reaches every connection', async (t2) => {
    const second = await connect(t2, 'alice');
    const events =
        [alice, second, budi].map((client) => within(client.nextFrame(frameOf('message.created')), 'the event'));
    const ack = await within(
        alice.ask('message.send', {channel: 'order_1', content: 'Halo', idempotency_key: 'k1'}), 'the ack');
    assert.equal(ack.type, 'ack');
    assert.equal(ack.data.rev, ack.data.message.rev);
    assert.equal(ack.data.message.idempotency_key, 'k1');
    const [own, other, theirs] = await Promise.all(events);
    for (const event of [own, other, theirs]) {
      assert.equal(event.data.channel_id, group.id);
      assert.equal(event.data.channel_external_id, 'order_1');
      assert.equal(event.data.rev, ack.data.rev);
      assert.equal(event.data.message.id, ack.data.message.id);
    }
    assert.equal(own.data.message.idempotency_key, 'k1');
    assert.equal(other.data.message.idempotency_key, 'k1');
    assert.ok(!('idempotency_key' in theirs.data.message));
    const again = await within(
        alice.ask('message.send', {channel: group.id, content: 'Halo', idempotency_key: 'k1'}), 'the second ack');
    assert.equal(again.data.duplicate, true);
    assert.equal(again.data.message.id, ack.data.message.id);
    assert.equal(again.data.rev, ack.data.rev);
  });

  await t.test("one connection's sends keep their order, in acks and in events", async () => {
    const before = budi.channel(group.id).list().length;
    const acks = [];
    for (let i = 0; i < 200; ++i) acks.push(alice.sendMessage('order_1', `n${i}`));
    const sent = await within(Promise.all(acks), 'two hundred acks');
    assert.deepEqual(sent.map((message) => message.seq), sent.map((_, i) => sent[0].seq + i));
    await within(budi.until(() => budi.channel(group.id).list().length === before + 200), 'two hundred events');
    assert.deepEqual(
        budi.channel(group.id).list().slice(before).map((message) => message.content), sent.map((_, i) => `n${i}`));
    assert.deepEqual(budi.violations, []);
  });

  await t.test('mentions and typing reach the users concerned', async () => {
    const mention = within(budi.nextFrame(frameOf('mention')), 'the mention');
    const ack = await alice.ask('message.send', { channel: 'order_1', content: '@budi', mentions: ['budi'] });
    const { data } = await mention;
    assert.deepEqual(data, { channel_id: group.id, message_id: ack.data.message.id, by_user_id: alice.user.id });

    const start = within(budi.nextFrame(frameOf('typing.start')), 'typing.start');
    alice.send('typing.start', { channel: 'order_1' });
    assert.deepEqual((await start).data, { channel_id: group.id, user_id: alice.user.id });
    const stop = within(budi.nextFrame(frameOf('typing.stop')), 'typing.stop');
    alice.send('typing.stop', { channel: 'order_1' });
    assert.equal((await stop).data.user_id, alice.user.id);
    // Without another notice, typing ends by itself.
    const byItself = within(budi.nextFrame(frameOf('typing.stop')), 'typing.stop by itself');
    alice.send('typing.start', { channel: 'order_1' });
    assert.equal((await byItself).data.user_id, alice.user.id);
  });

  await t.test('reading is acknowledged with the receipt', async () => {
    const last = budi.channel(group.id).list().at(-1);
    const ack = await within(budi.ask('message.read', { channel: 'order_1', message_id: last.id }), 'the ack');
    assert.equal(ack.type, 'ack');
    assert.equal(ack.data.unread_count, 0);
    assert.equal(ack.data.receipt.last_read_seq, last.seq);
    assert.ok(!('rev' in ack.data));
  });

  await t.test('errors have the id of their frame', async () => {
    const cases = [
      [citra, 'message.send', { channel: 'order_1', content: 'x' }, 'NOT_A_MEMBER'],
      [alice, 'message.send', { channel: 'nowhere', content: 'x' }, 'NOT_FOUND'],
      [alice, 'message.send', { channel: 'order_1' }, 'VALIDATION_ERROR'],
      [alice, 'message.send', { channel: 'order_1', content: 7 }, 'VALIDATION_ERROR'],
      [alice, 'message.send', { channel: 'order_1', content: 'x'.repeat(8193) }, 'PAYLOAD_TOO_LARGE'],
      [alice, 'message.send', [], 'VALIDATION_ERROR'],
      [alice, 'message.send', { channel: 'order_1', content: 'Other', idempotency_key: 'k1' }, 'CONFLICT'],
      [alice, 'no.such.frame', {}, 'VALIDATION_ERROR'],
      [alice, 'user.list', {}, 'VALIDATION_ERROR'],
      [alice, 'sync', { epoch: 1 }, 'VALIDATION_ERROR'],
    ];
    for (const [client, type, data, code] of cases) {
      const answer = await within(client.ask(type, data), type);
      assert.equal(answer.type, 'error', `${type} ${JSON.stringify(data).slice(0, 80)}`);
      assert.equal(answer.data.code, code, `${type} ${JSON.stringify(answer.data)}`);
      assert.equal(typeof answer.data.retryable, 'boolean');
    }
  });

  await t.test('channels and members are added and removed', async () => {
    const created = within(citra.nextFrame(frameOf('channel.created')), 'channel.created');
    const club = await shop.createGroup('club', ['alice', 'citra']);
    const event = await created;
    assert.equal(event.data.channel.id, club.id);
    assert.equal(event.data.members.length, 2);
    assert.equal(event.data.rev, club.rev);

    const joined =
        [alice, budi].map((client) => within(client.nextFrame(frameOf('member.joined')), 'member.joined'));
    await shop.rest.expect(200, 'POST', '/v1/channels/club/members', { external_ids: ['budi'] });
    for (const frame of await Promise.all(joined)) {
      assert.equal(frame.data.channel_id, club.id);
      assert.equal(frame.data.members[0].user.external_id, 'budi');
    }
    const updated = within(budi.nextFrame(frameOf('channel.updated')), 'channel.updated');
    await shop.rest.expect(200, 'PATCH', '/v1/channels/club', { name: 'Club' });
    assert.equal((await updated).data.channel.name, 'Club');

    const left = [alice, citra].map((client) => within(client.nextFrame(frameOf('member.left')), 'member.left'));
    assert.ok((await shop.rest.delete('/v1/channels/club/members/citra')).status < 300);
    for (const frame of await Promise.all(left))
      assert.deepEqual(frame.data.members.map((member) => member.left), [true]);
    assert.ok(!citra.channels.has(club.id));

    const deleted = within(alice.nextFrame(frameOf('channel.deleted')), 'channel.deleted');
    await shop.rest.expect(204, 'DELETE', '/v1/channels/club');
    assert.equal((await deleted).data.channel.id, club.id);
    assert.ok(!alice.channels.has(club.id));
  });

  await t.test('a new name reaches users who share a channel', async () => {
    const updated = within(budi.nextFrame(frameOf('user.updated')), 'user.updated');
    await shop.createUser('alice', 'Alice the Second');
    assert.equal((await updated).data.user.name, 'Alice the Second');
  });

  for (const client of [alice, budi, citra]) assert.deepEqual(client.violations, []);
});

test('clients with and without compression talk to each other', async (t) => {
  const { group, connect } = await shopOf(t);
  const alice = await connect(t, 'alice');
  const budi = await connect(t, 'budi', { deflate: true });
  assert.equal(alice.compresses, false);
  assert.equal(budi.compresses, true);
  const contents = ['Halo', 'selamat pagi '.repeat(600), '\u{1f600} '.repeat(1000), JSON.stringify(Array.from({ length: 800 }, (_, i) => i ** 3 % 9973))];
  for (const [i, content] of [...contents, ...contents].entries()) {
    const [sender, other] = i < contents.length ? [budi, alice] : [alice, budi];
    const event = within(other.nextFrame(frameOf('message.created', (data) => data.message.content === content.trim())), 'the event');
    const ack = await within(sender.ask('message.send', { channel: 'order_1', content: content.trim() }), 'the ack');
    assert.equal(ack.type, 'ack', JSON.stringify(ack.data));
    assert.equal((await event).data.message.id, ack.data.message.id);
  }
  assert.equal(budi.channel(group.id).list().length, alice.channel(group.id).list().length);
  for (const client of [alice, budi]) assert.deepEqual(client.violations, []);
});

test('a token is refreshed for the same user only', async (t) => {
  const { shop, connect } = await shopOf(t);
  const alice = await connect(t, 'alice');
  const fresh = await within(alice.ask('auth.refresh', { token: await shop.token('alice', 7200) }), 'the ack');
  assert.equal(fresh.type, 'ack');
  const other = await within(alice.ask('auth.refresh', { token: await shop.token('budi') }), 'an answer');
  assert.equal(other.type, 'error');
  const forged = await within(alice.ask('auth.refresh', { token: 'a.b.c' }), 'an answer');
  assert.equal(forged.type, 'error');
  assert.equal(forged.data.code, 'UNAUTHORIZED');
});

test('an expired token ends the connection with 4401', async (t) => {
  const { server, shop } = await shopOf(t);
  const now = Math.floor(Date.now() / 1000);
  // Valid for another two seconds of its minute of leeway.
  const claims = { ...readToken(await shop.token('alice')), iat: now - 100, exp: now - 58 };
  const { socket } = await handshake(server, [`cariosan.jwt.${makeToken(claims, JWT_SECRET)}`]);
  assert.equal((await within(closeOf(socket), 'the close')).code, 4401);
});

test('closes', async (t) => {
  const { server, shop } = await shopOf(t);
  const token = await shop.token('alice');
  const open = async () => (await handshake(server, [`cariosan.jwt.${token}`])).socket;

  await t.test('1003 for a binary frame', async () => {
    const socket = await open();
    socket.send(Buffer.from('{}'), { binary: true });
    assert.equal((await within(closeOf(socket), 'the close')).code, 1003);
  });

  await t.test('1007 for bad UTF-8', async () => {
    const socket = await open();
    socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    assert.equal((await within(closeOf(socket), 'the close')).code, 1007);
  });

  await t.test('1009 for an oversized frame', async () => {
    const socket = await open();
    socket.on('error', () => {});
    socket.send(`{"type":"ping","data":"${'x'.repeat(65_536)}"}`);
    assert.equal((await within(closeOf(socket), 'the close')).code, 1009);
  });

  await t.test('4400 for the tenth malformed frame', async () => {
    const socket = await open();
    const errors = [];
    socket.on('message', (bytes) => {
      const frame = JSON.parse(bytes);
      if (frame.type === 'error') errors.push(frame.data.code);
    });
    for (let i = 0; i < 10; ++i) socket.send('{');
    assert.equal((await within(closeOf(socket), 'the close')).code, 4400);
    assert.ok(errors.length >= 9);
    assert.ok(errors.every((code) => code === 'VALIDATION_ERROR'));
  });

  await t.test('a close is answered with its code', async () => {
    const socket = await open();
    socket.close(1000, 'bye');
    assert.equal((await within(closeOf(socket), 'the close')).code, 1000);
  });
});

test('a user has five connections, and the sixth is asked to wait', async (t) => {
  const { server, shop } = await shopOf(t);
  const token = await shop.token('alice');
  const sockets = [];
  t.after(() => sockets.forEach((socket) => socket.terminate()));
  for (let i = 0; i < 5; ++i) {
    const { socket } = await handshake(server, [`cariosan.jwt.${token}`]);
    sockets.push(socket);
  }
  const { socket, frames: received } = await handshake(server, [`cariosan.jwt.${token}`]);
  assert.equal((await within(closeOf(socket), 'the close')).code, 4429);
  assert.equal(received.at(-1).type, 'error');
  assert.ok(received.at(-1).data.retry_after_ms > 0);
  // Other users are not affected, and a place becomes free again.
  const other = await handshake(server, [`cariosan.jwt.${await shop.token('budi')}`]);
  sockets.push(other.socket);
  const gone = closeOf(sockets[0]);
  sockets[0].close();
  await gone;
  await within((async () => {
    for (;;) {
      const again = await handshake(server, [`cariosan.jwt.${token}`]);
      sockets.push(again.socket);
      if (again.frames.length === 0) await once(again.socket, 'message');
      if (again.frames[0].type === 'connection.ready') return;
    }
  })(), 'a free place');
});

test('rates apply to REST and WebSocket together', async (t) => {
  const {shop, connect} = await shopOf(t, {CARIOS_RATE_LIMITS: 'on', CARIOS_RATE_LIMIT_MESSAGES_PER_MINUTE: '5'});
  const alice = await connect(t, 'alice');
  for (let i = 0; i < 5; ++i)
    assert.equal((await alice.ask('message.send', {channel: 'order_1', content: `${i}`})).type, 'ack');
  const refused = await alice.ask('message.send', { channel: 'order_1', content: 'x' });
  assert.equal(refused.data.code, 'RATE_LIMITED');
  assert.equal(refused.data.retryable, true);
  const rest = await shop.as('alice');
  const answer = await rest.post('/v1/channels/order_1/messages', { content: 'x' });
  assert.equal(answer.status, 429, answer.text);
  assert.ok(Number(answer.headers.get('retry-after')) > 0);
  // The backend is not limited by a user's rate.
  await shop.rest.expect(201, 'POST', '/v1/channels/order_1/messages', { user: 'alice', content: 'x' });
});
