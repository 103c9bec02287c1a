// Presence from outside: who is notified about whom, over REST and WebSocket, and in how many frames.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { within } from './data.mjs';
import { assertError } from './rest.mjs';
import { TestServer } from './server.mjs';

async function connected(t, shop, name) {
  const client = new Client(shop.server, await shop.token(name), { reconnect: false });
  client.notices = []; // presence notifications in order: "name status"
  client.frames = []; // when each frame arrived
  client.on('frame', ({ type, data }) => {
    if (type !== 'presence.update') return;
    client.frames.push(Date.now());
    for (const user of data.users) client.notices.push(`${user.external_id} ${user.status}`);
  });
  t.after(() => client.close());
  const synced = once(client, 'synced');
  client.open();
  await within(synced, 'the first sync');
  return client;
}

const frameAbout = (client, name) =>
  within(client.nextFrame(({ type, data }) => type === 'presence.update' &&
      data.users.some((user) => user.external_id === name)), `news of ${name}`)
      .then(({ data }) => data.users.find((user) => user.external_id === name));

async function shopOf(t) {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  const users = {};
  for (const name of ['alice', 'budi', 'citra', 'dewi']) users[name] = await shop.createUser(name);
  await shop.createGroup('g', ['alice', 'budi']);
  await shop.createGroup('h', ['citra', 'dewi']);
  return { server, shop, users };
}

test('only users who share a channel are notified, and last-seen times are stored', async (t) => {
  const { server, shop, users } = await shopOf(t);
  const asks = {};
  for (const name of ['alice', 'citra']) asks[name] = await shop.as(name);
  const ask = async (name, list) => {
    const page = await asks[name].expect(200, 'GET', `/v1/presence?users=${list}`);
    assert.equal(page.has_more, false);
    assert.equal(page.next_cursor, null);
    return page.presence;
  };
  const never = { user_id: users.budi.id, external_id: 'budi', status: 'offline', last_seen_at: null };
  assert.deepEqual(await ask('alice', 'budi,citra,nobody'), [never]);
  assert.deepEqual(await ask('citra', 'budi'), []);

  const alice = await connected(t, shop, 'alice');
  const citra = await connected(t, shop, 'citra');
  let news = frameAbout(alice, 'budi');
  const budi = await connected(t, shop, 'budi');
  const online = { ...never, status: 'online' };
  assert.deepEqual(await news, online);
  assert.deepEqual(await ask('alice', users.budi.id), [online]);

  // Away for a moment: nobody is notified.
  const notices = alice.notices.length;
  await budi.close();
  assert.deepEqual(await ask('alice', 'budi'), [online]);
  const again = await connected(t, shop, 'budi');
  assert.equal(alice.notices.length, notices);

  news = frameAbout(alice, 'budi');
  const before = Date.now();
  await again.close();
  const gone = await news;
  const waited = Date.now() - before;
  assert.equal(gone.status, 'offline');
  assert.ok(waited >= 9_900, `notified after ${waited} ms`);
  const seen = Date.parse(gone.last_seen_at);
  assert.ok(Math.abs(seen - before) < 5_000, gone.last_seen_at);
  assert.deepEqual(await ask('alice', 'budi'), [gone]);
  assert.deepEqual(citra.notices, []);

  // The server stops while alice is online, which is when they were last seen.
  await server.stop();
  const stopped = Date.now();
  await server.start();
  assert.deepEqual(await ask('alice', 'budi'), [gone]);
  const [self] = await ask('alice', 'alice');
  assert.equal(self.status, 'offline');
  assert.ok(Math.abs(Date.parse(self.last_seen_at) - stopped) < 5_000, self.last_seen_at);

  // After a kill it may report an earlier visit, but what it reported stays.
  await server.kill();
  await server.start();
  assert.deepEqual(await ask('alice', 'budi'), [gone]);
});

test('a connection only subscribes to users that it may', async (t) => {
  const { shop, users } = await shopOf(t);
  const alice = await connected(t, shop, 'alice');
  const budi = await connected(t, shop, 'budi');
  const follow = await alice.ask('presence.subscribe', { users: ['budi', users.citra.id, 'nobody'] });
  assert.deepEqual(follow.data.users.map((user) => [user.external_id, user.status]), [['budi', 'online']]);

  // The channel is too large to notify all its members.
  const crowd = [];
  for (let i = 0; i < 100; ++i) crowd.push((await shop.createUser(`u${i}`)).external_id);
  await shop.createGroup('crowd', ['u0', 'alice']);
  const add = (external_ids) =>
      shop.rest.expect(200, 'POST', '/v1/channels/crowd/members', { external_ids });
  await add(crowd);
  await add(['dewi', 'citra']);
  const following = await alice.ask('presence.subscribe', { users: ['dewi', ...crowd] });
  assert.equal(following.data.users.length, 101);
  const over = await alice.ask('presence.subscribe', { users: Array.from({ length: 201 }, (_, i) => `u${i}`) });
  assert.equal(over.type, 'error');
  assert.equal(over.data.code, 'VALIDATION_ERROR');
  assert.equal(over.data.details.limit, 200);

  let news = frameAbout(alice, 'dewi');
  const dewi = await connected(t, shop, 'dewi');
  const citra = await connected(t, shop, 'citra');
  assert.equal((await news).status, 'online');
  assert.ok(!budi.notices.some((line) => line.startsWith('dewi')));
  assert.equal((await alice.ask('presence.unsubscribe', { users: [users.dewi.id] })).type, 'ack');

  // Subscribed, but no longer sharing a channel when there is a change.
  assert.equal((await citra.ask('presence.subscribe', { users: ['alice'] })).data.users.length, 1);
  await shop.rest.expect(200, 'DELETE', '/v1/channels/crowd/members/alice');
  news = frameAbout(citra, 'dewi');
  await dewi.close();
  assert.equal((await news).status, 'offline');
  assert.deepEqual(alice.notices.filter((line) => !line.startsWith('budi')), ['dewi online']);
  news = frameAbout(budi, 'alice');
  await alice.close();
  assert.equal((await news).status, 'offline');
  assert.ok(!citra.notices.some((line) => line.startsWith('alice')), citra.notices.join());
});

test('GET /v1/presence accepts at most a hundred users, and only from a user', async (t) => {
  const { shop } = await shopOf(t);
  const alice = await shop.as('alice');
  const many = (count) => `/v1/presence?users=${Array.from({ length: count }, (_, i) => `u${i}`).join(',')}`;
  await alice.expect(200, 'GET', many(100));
  const error = assertError(await alice.get(many(101)), 400, 'VALIDATION_ERROR');
  assert.deepEqual(error.details, { field: 'users', limit: 100 });
  assertError(await alice.get('/v1/presence'), 400, 'VALIDATION_ERROR');
  assertError(await alice.get('/v1/presence?users='), 400, 'VALIDATION_ERROR');
  assertError(await shop.rest.get('/v1/presence?users=budi'), 403, 'FORBIDDEN');
  assertError(await shop.rest.get('/v1/presence?users=budi', { authorization: null }), 401, 'UNAUTHORIZED');
});

test('two hundred users who connect together cause few frames', async (t) => {
  // More connections than one address may have, so they come as if through a proxy.
  const server = await TestServer.start(t, { env: { CARIOS_TRUSTED_PROXIES: '127.0.0.1' } });
  const shop = await server.createWorkspace();
  const names = Array.from({ length: 200 }, (_, i) => `u${i}`);
  await Promise.all(names.map((name) => shop.createUser(name)));
  await shop.createGroup('left', names.slice(0, 100));
  await shop.createGroup('right', names.slice(100));
  const start = Date.now();
  const clients = await Promise.all(names.map((name) => connected(t, shop, name)));
  // Two groups of two show when all other notifications are out, because they are sent in order.
  await shop.createUser('last');
  for (const name of ['u0', 'u199']) await shop.createGroup(`with-${name}`, [name, 'last']);
  const news = [clients[0], clients[199]].map((client) => frameAbout(client, 'last'));
  clients.push(await connected(t, shop, 'last'));
  await Promise.all(news);
  // Data written to one connection may be read before earlier data on another; a round trip settles that.
  await Promise.all(clients.map((client) => {
    const pong = within(client.nextFrame(({ type }) => type === 'pong'), 'a pong');
    client.send('ping', {});
    return pong;
  }));
  const took = Date.now() - start;
  const rounds = Math.floor(took / 2000) + 1;
  const frames = clients.reduce((sum, client) => sum + client.frames.length, 0);
  t.diagnostic(`200 users online within ${took} ms: ${frames} frames instead of ${200 * 99}`);
  assert.ok(clients.slice(0, 100).some((client) => client.notices.length >= 99), 'the first of a group is notified of all others');
  for (const client of clients) {
    assert.ok(client.frames.length <= rounds, `${client.frames.length} frames in ${took} ms`);
    assert.ok(!client.notices.some((line) => line.startsWith(`${client.user.external_id} `)), 'notified about itself');
    assert.equal(new Set(client.notices).size, client.notices.length, 'notified twice');
  }
});
