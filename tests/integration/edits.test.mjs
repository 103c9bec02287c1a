// Edits, unsending and reactions from outside: who may, and what each side sees, over REST and WebSocket.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { within } from './data.mjs';
import { assertError } from './rest.mjs';
import { TestServer } from './server.mjs';

async function shopOf(t) {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  for (const name of ['alice', 'budi', 'citra']) await shop.createUser(name);
  const group = await shop.createGroup('g', ['alice', 'budi']);
  const people = {};
  for (const name of ['alice', 'budi', 'citra']) people[name] = await shop.as(name);
  return { server, shop, group, ...people };
}

const say = (rest, content, more = {}) =>
  rest.expect(201, 'POST', '/v1/channels/g/messages', { content, ...more });

async function connected(t, server, token, options = {}) {
  const client = new Client(server, token, { reconnect: false, ...options });
  t.after(() => client.close());
  const synced = once(client, 'synced');
  client.open();
  await within(synced, 'the first sync');
  return client;
}

const thumb = encodeURIComponent('👍');

test('REST: edits, unsending and reactions', async (t) => {
  const { shop, alice, budi, citra } = await shopOf(t);
  const message = await say(budi, 'helo');
  const path = `/v1/channels/g/messages/${message.id}`;

  await t.test('the author edits', async () => {
    const edited = await budi.expect(200, 'PATCH', path, { content: 'hello' });
    assert.equal(edited.content, 'hello');
    assert.equal(edited.rev, message.rev + 1);
    assert.notEqual(edited.edited_at, null);
    const again = await budi.expect(200, 'PATCH', path, { content: 'hello' });
    assert.equal(again.rev, edited.rev);
    assertError(await alice.request('PATCH', path, { body: { content: 'x' } }), 403, 'NOT_AUTHOR');
    assertError(await citra.request('PATCH', path, { body: { content: 'x' } }), 403, 'NOT_A_MEMBER');
    assertError(await shop.rest.request('PATCH', path, { body: { content: 'x' } }), 403, 'FORBIDDEN');
    assertError(await budi.request('PATCH', path, { body: { content: '' } }), 400, 'VALIDATION_ERROR');
    assertError(await budi.request('PATCH', path, { body: { content: 'x'.repeat(8193) } }), 413, 'PAYLOAD_TOO_LARGE');
  });

  await t.test('members react', async () => {
    const added = await alice.expect(200, 'PUT', `${path}/reactions/${thumb}`);
    assert.deepEqual(added.reactions, [{ emoji: '👍', count: 1, reacted_by_me: true }]);
    const moved = await alice.expect(200, 'POST', `${path}/reactions`, { emoji: '🎉' });
    assert.deepEqual(moved.reactions, [{ emoji: '🎉', count: 1, reacted_by_me: true }]);
    const { messages } = await budi.expect(200, 'GET', '/v1/channels/g/messages');
    assert.deepEqual(messages[0].reactions, [{ emoji: '🎉', count: 1, reacted_by_me: false }]);
    const unchanged = await alice.expect(200, 'DELETE', `${path}/reactions/${thumb}`);
    assert.equal(unchanged.rev, moved.rev);
    const removed = await alice.expect(200, 'DELETE', `${path}/reactions/${encodeURIComponent('🎉')}`);
    assert.deepEqual(removed.reactions, []);
    for (const emoji of ['a', '1', '👍👍', '']) {
      assertError(await alice.request('POST', `${path}/reactions`, { body: { emoji } }), 400, 'VALIDATION_ERROR');
    }
    assertError(await citra.request('PUT', `${path}/reactions/${thumb}`), 403, 'NOT_A_MEMBER');
  });

  await t.test('the author, an admin and the backend unsend', async () => {
    const mine = await say(alice, 'mine');
    assertError(await budi.request('DELETE', `/v1/channels/g/messages/${mine.id}`), 403, 'NOT_AUTHOR');
    const gone = await alice.expect(200, 'DELETE', path);
    assert.equal(gone.content, '');
    assert.notEqual(gone.deleted_at, null);
    const again = await budi.expect(200, 'DELETE', path);
    assert.equal(again.rev, gone.rev);
    assertError(await budi.request('PATCH', path, { body: { content: 'x' } }), 404, 'NOT_FOUND');
    assertError(await budi.request('PUT', `${path}/reactions/${thumb}`), 404, 'NOT_FOUND');
    await shop.rest.expect(200, 'DELETE', `/v1/channels/g/messages/${mine.id}`);
  });

  await t.test('the edit window closes', async () => {
    await shop.rest.expect(200, 'PATCH', '/v1/workspace', { edit_window_seconds: 0 });
    const late = await say(budi, 'late');
    await new Promise((resolve) => setTimeout(resolve, 5));
    assertError(await budi.request('PATCH', `/v1/channels/g/messages/${late.id}`, { body: { content: 'x' } }), 422,
        'EDIT_WINDOW_EXPIRED');
  });
});

test('WebSocket: frames, acks, and state after a resume', async (t) => {
  const { server, shop, group, alice, budi } = await shopOf(t);
  const first = await connected(t, server, await shop.token('alice'));
  const second = await connected(t, server, await shop.token('budi'), { reconnect: true });
  const message = await first.sendMessage('g', 'one');
  const reply = await second.sendMessage('g', 'two', { parent_id: message.id });
  await within(second.until(() => second.channel(group.id).messages.size === 2), 'both messages');
  const frame = (client, type) => within(client.nextFrame((it) => it.type === type), type);

  let event = frame(second, 'message.updated');
  let own = frame(first, 'message.updated');
  const edit = await first.ask('message.edit', { channel: 'g', message_id: message.id, content: 'uno' });
  assert.equal(edit.type, 'ack');
  assert.equal(edit.data.message.content, 'uno');
  assert.equal((await event).data.rev, edit.data.rev);
  assert.equal((await event).data.message.idempotency_key, undefined);
  assert.equal((await own).data.message.idempotency_key, message.idempotency_key);
  assert.equal(second.channel(group.id).messages.get(reply.id).quoted_message.content, 'uno');

  event = frame(second, 'reaction.added');
  const react = await first.ask('reaction.add', { channel: 'g', message_id: reply.id, emoji: '👍' });
  assert.deepEqual(react.data.message.reactions, [{ emoji: '👍', count: 1, reacted_by_me: true }]);
  assert.deepEqual((await event).data, {
    channel_id: group.id, rev: react.data.rev, message_id: reply.id, user_id: first.user.id, emoji: '👍',
    reactions: [{ emoji: '👍', count: 1 }],
  });

  event = frame(second, 'reaction.removed');
  await first.ask('reaction.remove', { channel: 'g', message_id: reply.id, emoji: '👍' });
  assert.deepEqual((await event).data.reactions, []);
  const refused = await second.ask('message.edit', { channel: 'g', message_id: message.id, content: 'x' });
  assert.equal(refused.data.code, 'NOT_AUTHOR');

  // What happens while the second one is away.
  const away = once(second, 'closed');
  const back = once(second, 'synced');
  second.drop();
  await within(away, 'the loss of the connection');
  await alice.expect(200, 'PUT', `/v1/channels/g/messages/${reply.id}/reactions/${thumb}`);
  await budi.expect(200, 'PUT', `/v1/channels/g/messages/${reply.id}/reactions/${thumb}`);
  await budi.expect(200, 'PATCH', `/v1/channels/g/messages/${reply.id}`, { content: 'dos' });
  await alice.expect(200, 'DELETE', `/v1/channels/g/messages/${message.id}`);
  await within(back, 'the resume');
  const present = await budi.expect(200, 'GET', '/v1/channels/g/messages');
  const state = second.channel(group.id);
  await within(second.until(() => state.rev === present.rev), 'the present revision');
  assert.deepEqual(state.messages.get(reply.id), present.messages[0]);
  assert.deepEqual(state.messages.get(message.id).content, '');
  assert.equal(state.messages.get(reply.id).quoted_message.deleted, true);

  event = frame(second, 'message.deleted');
  const gone = await second.ask('message.delete', { channel: 'g', message_id: reply.id });
  const { data } = await event;
  assert.deepEqual(data, {
    channel_id: group.id, rev: gone.data.rev, message_id: reply.id, seq: reply.seq,
    deleted_at: gone.data.message.deleted_at,
  });
  assert.deepEqual(second.violations, []);
});
