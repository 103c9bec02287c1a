// Receipts and unread counts from outside: who learns what was delivered and read, over REST and WebSocket.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { within } from './data.mjs';
import { allPages, assertError } from './rest.mjs';
import { TestServer } from './server.mjs';

const EPHEMERAL = new Set(['receipt.read', 'receipt.delivered', 'unread']);

async function shopOf(t, members = ['alice', 'budi', 'citra']) {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  for (const name of [...members, 'dewi']) await shop.createUser(name);
  const group = await shop.createGroup('g', members.slice(0, 100));
  const people = {};
  for (const name of ['alice', 'budi', 'citra', 'dewi']) people[name] = await shop.as(name);
  return { server, shop, group, ...people };
}

/// A client that records frames about receipts and unread counts in `received`.
async function connected(t, server, token) {
  const client = new Client(server, token, { reconnect: false });
  t.after(() => client.close());
  client.received = [];
  client.on('frame', (frame) => EPHEMERAL.has(frame.type) && client.received.push(frame));
  const synced = once(client, 'synced');
  client.open();
  await within(synced, 'the first sync');
  return client;
}

/// Waits until everything on its way to the client has arrived.
async function settled(client) {
  const pong = client.nextFrame((frame) => frame.type === 'pong');
  client.send('ping', {});
  await within(pong, 'the pong');
}

const say = (rest, content = 'hi') => rest.expect(201, 'POST', '/v1/channels/g/messages', { content });
const mark = (rest, kind, message_id) => rest.expect(200, 'POST', `/v1/channels/g/${kind}`, { message_id });
const receipts = (rest) => rest.expect(200, 'GET', '/v1/channels/g/receipts');
const of = (list, user) => list.find((receipt) => receipt.user_id === user);
const frame = (client, type, user) =>
  within(client.nextFrame((it) => it.type === type && (!user || it.data.user_id === user)), type);

test('REST: receipts only move forward, and only for members', async (t) => {
  const { shop, group, alice, budi, citra, dewi } = await shopOf(t);
  const me = await budi.expect(200, 'GET', '/v1/me');
  const messages = [];
  for (let i = 0; i < 3; i += 1) messages.push(await say(alice));

  const delivered = await mark(budi, 'delivered', messages[1].id);
  assert.equal(delivered.receipt.last_delivered_seq, 2);
  assert.equal(delivered.receipt.last_read_seq, 0);
  assert.equal(delivered.unread_count, 3);
  const read = await mark(budi, 'read', messages[0].id);
  assert.equal(read.receipt.last_read_seq, 1);
  assert.equal(read.receipt.last_delivered_seq, 2);
  assert.equal(read.unread_count, 2);
  assert.deepEqual((await mark(budi, 'delivered', messages[0].id)).receipt, read.receipt);
  assert.equal((await mark(budi, 'read', messages[0].id)).receipt_rev, read.receipt_rev);
  const all = await mark(budi, 'read');
  assert.equal(all.receipt.last_read_seq, 3);
  assert.equal(all.receipt.last_delivered_seq, 3);

  const list = await receipts(citra);
  assert.deepEqual(of(list.receipts, me.id), all.receipt);
  assert.equal(list.receipts.length, 3);
  assert.equal(list.receipt_rev, all.receipt_rev);
  assert.deepEqual(await allPages(citra, '/v1/channels/g/receipts?limit=2', 'receipts'), list.receipts);

  for (const kind of ['read', 'delivered']) {
    const path = `/v1/channels/g/${kind}`;
    assertError(await dewi.post(path, {}), 403, 'NOT_A_MEMBER');
    assertError(await shop.rest.post(path, {}), 403, 'FORBIDDEN');
    assertError(await budi.post(path, { message_id: 'x' }), 400, 'VALIDATION_ERROR');
    assertError(await budi.post(path, { message_id: group.id }), 404, 'NOT_FOUND');
    assertError(await budi.post(`/v1/channels/none/${kind}`, {}), 404, 'NOT_FOUND');
  }
  assertError(await dewi.get('/v1/channels/g/receipts'), 403, 'NOT_A_MEMBER');
  assertError(await shop.rest.get('/v1/channels/g/receipts'), 403, 'FORBIDDEN');
});

test('WebSocket: everyone in a small channel is notified', async (t) => {
  const { server, shop, alice } = await shopOf(t);
  const [first, second, phone] = await Promise.all(
      ['alice', 'budi', 'budi'].map(async (name) => connected(t, server, await shop.token(name))));
  const message = await say(alice);
  const others = [first, phone].map((client) => frame(client, 'receipt.delivered', second.user.id));
  const ack = await second.ask('message.delivered', { channel: 'g', message_id: message.id });
  assert.equal(ack.type, 'ack');
  for (const received of await Promise.all(others)) {
    assert.deepEqual(received.data, {
      channel_id: message.channel_id, receipt_rev: ack.data.receipt_rev, user_id: second.user.id, seq: 1,
      at: ack.data.receipt.last_delivered_at,
    });
  }
  const received = frame(first, 'receipt.read', second.user.id);
  const read = await phone.ask('message.read', { channel: 'g' });
  assert.equal((await received).data.at, read.data.receipt.last_read_at);
  // A send by oneself implies it, without a receipt.
  await settled(first);
  assert.equal(first.received.filter((it) => it.data.user_id === first.user.id).length, 0);
  assert.deepEqual(first.violations, []);
});

test('WebSocket: what others have read stays private if the workspace wants it', async (t) => {
  const { server, shop, group, alice, budi, citra } = await shopOf(t);
  await shop.rest.expect(200, 'PATCH', '/v1/workspace', { read_receipts_enabled: false });
  const [first, second, phone] = await Promise.all(
      ['alice', 'budi', 'budi'].map(async (name) => connected(t, server, await shop.token(name))));
  await say(alice);
  let own = frame(phone, 'receipt.read');
  let others = frame(first, 'receipt.delivered', second.user.id);
  await mark(budi, 'read');
  await own;
  await others;
  await say(alice);
  others = frame(first, 'receipt.delivered', second.user.id);
  await mark(budi, 'delivered');
  await others;
  own = frame(phone, 'receipt.read');
  await mark(budi, 'read');
  await own;
  await settled(first);
  assert.ok(first.received.every((it) => it.type !== 'receipt.read'));
  const seen = of((await receipts(citra)).receipts, second.user.id);
  assert.deepEqual(Object.keys(seen), ['user_id', 'last_delivered_seq', 'last_delivered_at']);
  const changes = await citra.expect(200, 'GET', `/v1/channels/${group.id}/changes?since=0`);
  assert.deepEqual(of(changes.receipts, second.user.id), seen);
  assert.equal(of((await receipts(budi)).receipts, second.user.id).last_read_seq, 2);
});

test('changes and sync contain the receipts that moved', async (t) => {
  const { server, shop, group, alice, budi, citra } = await shopOf(t);
  for (let i = 0; i < 3; i += 1) await say(alice);
  const before = await citra.expect(200, 'GET', `/v1/channels/${group.id}/changes?since=0`);
  const state = await mark(budi, 'read');
  await shop.rest.expect(200, 'DELETE', '/v1/channels/g/members/citra');
  await shop.rest.expect(200, 'POST', '/v1/channels/g/members', { external_ids: ['citra'] });
  const query = `since=${before.rev}&receipts_since=${before.receipt_rev}&epoch=${before.epoch}`;
  const after = await citra.expect(200, 'GET', `/v1/channels/${group.id}/changes?${query}`);
  const { id } = await citra.expect(200, 'GET', '/v1/me');
  assert.deepEqual(after.receipts, [state.receipt, of((await receipts(citra)).receipts, id)]);
  assert.equal(after.receipt_rev, state.receipt_rev + 1);
  const client = await connected(t, server, await shop.token('citra'));
  const sync = client.nextFrame((it) => it.type === 'channel.sync');
  client.send('sync', { epoch: before.epoch, channels: { [group.id]: [after.rev, before.receipt_rev] } });
  assert.deepEqual((await within(sync, 'the page')).data.receipts, after.receipts);
});

test('in a large channel, users only get their own receipts', async (t) => {
  const many = Array.from({ length: 97 }, (_, i) => `u${i}`);
  const { server, shop, group, alice, budi } = await shopOf(t, ['alice', 'budi', 'citra', ...many, 'last']);
  const first = await connected(t, server, await shop.token('alice'));
  const second = await connected(t, server, await shop.token('budi'));
  await say(alice);
  let event = frame(first, 'receipt.read', second.user.id);
  await mark(budi, 'read');
  await event;
  await shop.rest.expect(200, 'POST', '/v1/channels/g/members', { external_ids: ['last'] });
  await say(alice);
  event = frame(second, 'receipt.read', second.user.id);
  first.received.length = 0;
  await mark(budi, 'read');
  await event;
  await settled(first);
  assert.ok(first.received.every((it) => it.type === 'unread'));
  const { rev, epoch } = await receipts(budi);
  const changes = await budi.expect(200, 'GET', `/v1/channels/${group.id}/changes?since=${rev}&epoch=${epoch}`);
  assert.deepEqual(changes.receipts.map((receipt) => receipt.user_id), [second.user.id]);
  assert.equal((await allPages(budi, '/v1/channels/g/receipts?limit=100', 'receipts')).length, 101);
});

test('unread counts follow the mentions that an edit adds and removes', async (t) => {
  const { server, shop, group, alice } = await shopOf(t);
  const client = await connected(t, server, await shop.token('budi'));
  const mentioned = (count) => within(
      client.nextFrame((it) => it.type === 'unread' && it.data.mention_count === count), `${count} mentions`);
  await say(alice);
  let event = mentioned(1);
  const message = await alice.expect(201, 'POST', '/v1/channels/g/messages', { content: 'hi', mentions: ['budi'] });
  await event;
  for (const [mentions, count] of [[[], 0], [['budi'], 1], [['citra'], 0]]) {
    event = mentioned(count);
    await alice.expect(200, 'PATCH', `/v1/channels/g/messages/${message.id}`, { content: `hi ${mentions}`, mentions });
    assert.deepEqual((await event).data,
        { channel_id: group.id, unread_count: 2, mention_count: count, unread_total: 2 });
  }
});

test('unread counts follow messages and reading, at most one frame a second', async (t) => {
  const { server, shop, group, alice, budi } = await shopOf(t);
  const client = await connected(t, server, await shop.token('budi'));
  const unread = (count) => within(
      client.nextFrame((it) => it.type === 'unread' && it.data.unread_count === count), `${count} unread`);
  let event = unread(20);
  for (let i = 0; i < 20; i += 1) {
    const mentions = i === 0 ? ['budi'] : undefined;
    await alice.expect(201, 'POST', '/v1/channels/g/messages', { content: 'hi', mentions });
  }
  assert.deepEqual((await event).data,
      { channel_id: group.id, unread_count: 20, mention_count: 1, unread_total: 20 });
  assert.ok(client.received.length < 20, `${client.received.length} frames`);
  event = unread(0);
  await mark(budi, 'read');
  assert.equal((await event).data.unread_total, 0);
});
