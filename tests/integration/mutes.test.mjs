// Mutes from outside: who may mute, what a muted user gets over REST and WebSocket, and how a mute ends.

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
  for (const name of ['alice', 'budi']) await shop.createUser(name);
  await shop.createGroup('g', ['alice', 'budi']);
  await shop.createGroup('h', ['alice', 'budi']);
  return { server, shop, alice: await shop.as('alice'), budi: await shop.as('budi') };
}

const send = (rest, channel, content, more = {}) =>
  rest.request('POST', `/v1/channels/${channel}/messages`, { body: { content, ...more } });

test('REST: a mute in one channel, in the workspace, and the list', async (t) => {
  const { server, shop, alice, budi } = await shopOf(t);
  const message = await budi.expect(201, 'POST', '/v1/channels/g/messages', { content: 'one', idempotency_key: 'k1' });
  const path = `/v1/channels/g/messages/${message.id}`;

  await t.test('in one channel', async () => {
    const before = Date.now();
    const mute = await shop.rest.expect(200, 'PUT', '/v1/users/budi/mute', { channel: 'g', seconds: 3600, reason: 'rude' });
    assert.equal(mute.user.external_id, 'budi');
    assert.equal(mute.channel_id, message.channel_id);
    assert.equal(mute.channel_external_id, 'g');
    assert.equal(mute.reason, 'rude');
    assert.ok(Math.abs(Date.parse(mute.until) - before - 3600_000) < 60_000);
    const refused = await send(budi, 'g', 'two');
    assertError(refused, 403, 'MUTED');
    assert.equal(refused.body.error.details.until, mute.until);
    assert.equal(refused.body.error.retryable, false);
    assertError(await budi.request('PATCH', path, { body: { content: 'x' } }), 403, 'MUTED');
    assert.equal((await send(budi, 'h', 'elsewhere')).status, 201);
    assert.equal((await send(alice, 'g', 'somebody else')).status, 201);
  });

  await t.test('an earlier send is still answered, and a backend is not affected', async () => {
    const again = await send(budi, 'g', 'one', { idempotency_key: 'k1' });
    assert.equal(again.status, 200);
    assert.equal(again.body.id, message.id);
    assert.equal((await send(shop.rest, 'g', 'for budi', { user: 'budi' })).status, 201);
    await budi.expect(200, 'PUT', `${path}/reactions/${encodeURIComponent('👍')}`);
    await budi.expect(200, 'POST', '/v1/channels/g/read', {});
  });

  await t.test('in the workspace, the later end counts', async () => {
    const mute = await shop.rest.expect(200, 'PUT', '/v1/users/budi/mute', {});
    assert.equal(mute.channel_id, null);
    assert.equal(mute.until, null);
    for (const channel of ['g', 'h']) {
      const refused = await send(budi, channel, 'no');
      assertError(refused, 403, 'MUTED');
      assert.equal(refused.body.error.details.until, undefined);
    }
    const { mutes, has_more: more, next_cursor: cursor } = await shop.rest.expect(200, 'GET', '/v1/mutes?limit=1');
    assert.deepEqual(mutes, [mute]);
    assert.equal(more, true);
    const rest = await shop.rest.expect(200, 'GET', `/v1/mutes?limit=1&cursor=${cursor}`);
    assert.deepEqual(rest.mutes.map((each) => each.channel_external_id), ['g']);
    assert.equal(rest.next_cursor, null);
    assert.equal((await shop.rest.request('DELETE', '/v1/users/budi/mute')).status, 204);
    assertError(await send(budi, 'g', 'no'), 403, 'MUTED');
    assert.equal((await send(budi, 'h', 'yes')).status, 201);
    assert.equal((await shop.rest.request('DELETE', '/v1/users/budi/mute?channel=g')).status, 204);
    assert.equal((await shop.rest.request('DELETE', '/v1/users/budi/mute?channel=g')).status, 204);
    assert.equal((await send(budi, 'g', 'yes')).status, 201);
    assert.deepEqual((await shop.rest.expect(200, 'GET', '/v1/mutes')).mutes, []);
  });

  await t.test('a mute expires', async () => {
    await shop.rest.expect(200, 'PUT', '/v1/users/budi/mute', { seconds: 1 });
    const refused = await send(budi, 'g', 'too early');
    assertError(refused, 403, 'MUTED');
    const until = Date.parse(refused.body.error.details.until);
    while (Date.now() <= until) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal((await send(budi, 'g', 'in time')).status, 201);
    assert.deepEqual((await shop.rest.expect(200, 'GET', '/v1/mutes')).mutes, []);
  });

  await t.test('who may not', async () => {
    assertError(await alice.request('PUT', '/v1/users/budi/mute', { body: {} }), 403, 'FORBIDDEN');
    assertError(await alice.request('DELETE', '/v1/users/budi/mute'), 403, 'FORBIDDEN');
    assertError(await alice.request('GET', '/v1/mutes'), 403, 'FORBIDDEN');
    assertError(await shop.rest.request('PUT', '/v1/users/nobody/mute', { body: {} }), 404, 'NOT_FOUND');
    assertError(await shop.rest.request('PUT', '/v1/users/budi/mute', { body: { channel: 'no' } }), 404, 'NOT_FOUND');
    for (const seconds of [0, -5, 1.5, '60', 316_224_001]) {
      assertError(await shop.rest.request('PUT', '/v1/users/budi/mute', { body: { seconds } }), 400, 'VALIDATION_ERROR');
    }
    const other = await server.createWorkspace();
    await other.createUser('budi');
    const { body: stranger } = await other.rest.request('GET', '/v1/users/budi');
    assertError(await shop.rest.request('PUT', `/v1/users/${stranger.id}/mute`, { body: {} }), 404, 'NOT_FOUND');
    await other.rest.expect(200, 'PUT', '/v1/users/budi/mute', {});
    assert.deepEqual((await shop.rest.expect(200, 'GET', '/v1/mutes')).mutes, []);
    assert.equal((await send(budi, 'g', 'still heard')).status, 201);
  });
});

test('WebSocket: a muted send is an error, and the connection stays', async (t) => {
  const { server, shop } = await shopOf(t);
  const client = new Client(server, await shop.token('budi'), { reconnect: false });
  t.after(() => client.close());
  const synced = once(client, 'synced');
  client.open();
  await within(synced, 'the first sync');
  await shop.rest.expect(200, 'PUT', '/v1/users/budi/mute', { seconds: 600 });
  const refused = await client.ask('message.send', { channel: 'g', content: 'no' });
  assert.equal(refused.type, 'error');
  assert.equal(refused.data.code, 'MUTED');
  assert.ok(Date.parse(refused.data.details.until) > Date.now());
  assert.equal((await shop.rest.request('DELETE', '/v1/users/budi/mute')).status, 204);
  const sent = await client.ask('message.send', { channel: 'g', content: 'yes' });
  assert.equal(sent.type, 'ack');
  assert.deepEqual(client.violations, []);
});
