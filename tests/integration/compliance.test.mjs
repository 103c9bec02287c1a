// What a backend can see and do as a moderator: lists, history, unsending, system messages; and that
// workspaces are isolated.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { within } from './data.mjs';
import { allPages, assertError } from './rest.mjs';
import { TestServer } from './server.mjs';

async function shopOf(t) {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  const people = {};
  for (const name of ['alice', 'budi', 'citra']) {
    await shop.createUser(name);
    people[name] = await shop.as(name);
  }
  const group = await shop.createGroup('g', ['alice', 'budi']);
  return { server, shop, group, ...people };
}

const messages = '/v1/channels/g/messages';
const thumb = encodeURIComponent('👍');

test('a moderator lists users and channels, reads every message and unsends any', async (t) => {
  const { server, shop, group, alice, budi } = await shopOf(t);
  const direct = await shop.rest.expect(
      201, 'POST', '/v1/channels', { type: 'direct', member_external_ids: ['alice', 'budi'] });
  for (let i = 0; i < 130; ++i) await shop.createUser(`user-${i}`);
  const users = await allPages(shop.rest, '/v1/users?limit=50', 'users');
  assert.equal(users.length, 133);
  assert.equal(new Set(users.map((user) => user.id)).size, 133);
  const channels = await allPages(shop.rest, '/v1/channels?limit=1', 'channels');
  assert.deepEqual(channels.map((channel) => channel.id).sort(), [group.id, direct.id].sort());

  const sent = [];
  for (let i = 0; i < 5; ++i) {
    sent.push(await alice.expect(201, 'POST', messages, { content: `text ${i}`, idempotency_key: `k${i}` }));
  }
  await budi.expect(201, 'POST', `/v1/channels/${direct.id}/messages`, { content: 'in private' });
  const seen = await allPages(shop.rest, `${messages}?limit=2`, 'messages');
  assert.deepEqual(seen.map((message) => message.content), ['text 4', 'text 3', 'text 2', 'text 1', 'text 0']);
  assert.ok(seen.every((message) => message.idempotency_key === undefined && message.user.external_id === 'alice'));
  const [secret] = await allPages(shop.rest, `/v1/channels/${direct.id}/messages`, 'messages');
  assert.equal(secret.content, 'in private');

  const gone = await shop.rest.expect(200, 'DELETE', `${messages}/${sent[2].id}`);
  assert.equal(gone.content, '');
  assert.equal(gone.rev, sent[4].rev + 1);
  const again = await shop.rest.expect(200, 'DELETE', `${messages}/${sent[2].id}`);
  assert.equal(again.rev, gone.rev);
  const shown = await budi.expect(200, 'GET', messages);
  assert.equal(shown.messages.find((message) => message.id === sent[2].id).deleted_at, gone.deleted_at);
  assertError(await shop.rest.delete(`${messages}/${secret.id}`), 404, 'NOT_FOUND');
  assertError(await shop.rest.patch(`${messages}/${sent[0].id}`, { content: 'x' }), 403, 'FORBIDDEN');

  const elsewhere = await server.createWorkspace('Elsewhere');
  assert.deepEqual(await allPages(elsewhere.rest, '/v1/users', 'users'), []);
  assert.deepEqual(await allPages(elsewhere.rest, '/v1/channels', 'channels'), []);
  for (const path of [`/v1/users/${users[0].id}`, '/v1/users/alice', `/v1/channels/${group.id}`, '/v1/channels/g',
    `/v1/channels/${group.id}/messages`, `/v1/channels/${group.id}/members`]) {
    assertError(await elsewhere.rest.get(path), 404, 'NOT_FOUND');
  }
  for (const path of [`/v1/users/${users[0].id}`, `/v1/channels/${group.id}`,
    `/v1/channels/${group.id}/messages/${sent[0].id}`, `/v1/channels/${group.id}/members/${users[0].id}`]) {
    assertError(await elsewhere.rest.delete(path), 404, 'NOT_FOUND');
  }
  assert.equal((await shop.rest.expect(200, 'GET', '/v1/channels/g')).member_count, 2);
});

test('only the backend sends system messages, everyone sees them, and nobody edits them', async (t) => {
  const { server, shop, alice, budi } = await shopOf(t);
  const client = new Client(server, await shop.token('budi'), { reconnect: false });
  t.after(() => client.close());
  const synced = once(client, 'synced');
  client.open();
  await within(synced, 'the first sync');

  const body = { type: 'system', content: 'Alice joined', user: 'alice' };
  const created = within(client.nextFrame((frame) => frame.type === 'message.created'), 'the message');
  const sent = await shop.rest.expect(201, 'POST', messages, body);
  assert.equal(sent.type, 'system');
  const { data } = await created;
  assert.equal(data.message.type, 'system');
  assert.equal(data.message.content, 'Alice joined');
  const { messages: shown } = await budi.expect(200, 'GET', messages);
  assert.equal(shown[0].type, 'system');
  assertError(await shop.rest.post(messages, { type: 'system', content: 'whose?' }), 400, 'VALIDATION_ERROR');

  const { user, ...own } = body;
  assertError(await alice.post(messages, own), 403, 'FORBIDDEN');
  const frame = await client.ask('message.send', { channel: 'g', ...own });
  assert.equal(frame.data.code, 'FORBIDDEN');
  assertError(await alice.patch(`${messages}/${sent.id}`, { content: 'x' }), 403, 'FORBIDDEN');
  assertError(await budi.patch(`${messages}/${sent.id}`, { content: 'x' }), 403, 'NOT_AUTHOR');
  // Like any other message, it can have reactions and replies, and be unsent.
  await budi.expect(200, 'PUT', `${messages}/${sent.id}/reactions/${thumb}`);
  const reply = await budi.expect(201, 'POST', messages, { content: 'welcome', parent_id: sent.id });
  assert.equal(reply.quoted_message.type, 'system');
  assertError(await budi.delete(`${messages}/${sent.id}`), 403, 'NOT_AUTHOR');
  const gone = await shop.rest.expect(200, 'DELETE', `${messages}/${sent.id}`);
  assert.equal(gone.content, '');
  assert.deepEqual(client.violations, []);
});
