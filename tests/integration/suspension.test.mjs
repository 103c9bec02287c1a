// Suspensions, reports and slow mode from outside: what a client is told over REST and WebSocket, and what the backend hears of it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { within } from './data.mjs';
import { HookReceiver } from './hook_receiver.mjs';
import { assertError } from './rest.mjs';
import { TestServer } from './server.mjs';

async function shopOf(t) {
  const server = await TestServer.start(t, { env: { CARIOS_WEBHOOK_ALLOW_PRIVATE: 'true' } });
  const shop = await server.createWorkspace();
  for (const name of ['alice', 'budi']) await shop.createUser(name);
  await shop.createGroup('g', ['alice', 'budi']);
  return { server, shop, alice: await shop.as('alice'), budi: await shop.as('budi') };
}

test('a suspended user is disconnected, and every token of theirs is refused until the suspension is lifted', async (t) => {
  const { server, shop, alice, budi } = await shopOf(t);
  const client = new Client(server, await shop.token('budi'), { reconnect: false });
  t.after(() => client.close());
  const synced = once(client, 'synced');
  const closed = once(client, 'closed');
  client.open();
  await within(synced, 'the first sync');
  const waiting = budi.request('POST', '/v1/me/sync', { body: { wait_seconds: 25 } });

  const { suspension } = await shop.rest.expect(200, 'PUT', '/v1/users/budi/suspension', { seconds: 3600, reason: 'fraud' });
  const [code] = await within(closed, 'the end of the connection');
  assert.equal(code, 4403);
  await within(waiting, 'the end of the request that waits');
  for (const [method, path] of [['GET', '/v1/me'], ['POST', '/v1/me/sync'], ['POST', '/v1/channels/g/messages']]) {
    const refused = await budi.request(method, path, method === 'POST' ? { body: { content: 'x' } } : {});
    assertError(refused, 403, 'SUSPENDED');
    assert.equal(refused.body.error.details.until, suspension.until);
  }
  const again = new Client(server, await shop.token('budi'), { reconnect: false });
  t.after(() => again.close());
  const refused = once(again, 'closed');
  again.open();
  assert.equal((await within(refused, 'the refusal'))[0], 4403);
  assert.equal((await alice.request('POST', '/v1/channels/g/messages', { body: { content: 'Halo' } })).status, 201);

  assert.equal((await shop.rest.expect(200, 'DELETE', '/v1/users/budi/suspension')).suspension, undefined);
  assert.equal((await budi.expect(200, 'GET', '/v1/me')).external_id, 'budi');
});

test('a suspension ends by itself', async (t) => {
  const { shop, budi } = await shopOf(t);
  const { suspension } = await shop.rest.expect(200, 'PUT', '/v1/users/budi/suspension', { seconds: 1 });
  assertError(await budi.request('GET', '/v1/me'), 403, 'SUSPENDED');
  while (Date.now() <= Date.parse(suspension.until)) await new Promise((resolve) => setTimeout(resolve, 20));
  await budi.expect(200, 'GET', '/v1/me');
  assert.deepEqual((await shop.rest.expect(200, 'GET', '/v1/users/budi')).suspension, suspension);
});

test('the backend hears of suspensions and reports, and another workspace knows nothing of them', async (t) => {
  const { server, shop, alice, budi } = await shopOf(t);
  const receiver = await HookReceiver.start(t);
  await shop.rest.expect(201, 'POST', '/v1/webhooks', { url: receiver.url, events: ['user.suspended', 'user.restored', 'report.created'] });
  const { id } = await budi.expect(201, 'POST', '/v1/channels/g/messages', { content: 'Transfer ke sini' });
  assert.equal((await alice.request('POST', `/v1/channels/g/messages/${id}/report`, { body: { reason: 'scam', note: 'lagi' } })).status, 204);
  await shop.rest.expect(200, 'PUT', '/v1/users/budi/suspension', { reason: 'scam' });
  await shop.rest.expect(200, 'DELETE', '/v1/users/budi/suspension');
  const told = await within(receiver.until((all) => all.length >= 3 && all.map(({ body }) => body)), 'the deliveries');
  const of = (event) => told.find((body) => body.event === event).data;
  assert.equal(of('report.created').report.message.content, 'Transfer ke sini');
  assert.equal(of('report.created').report.reporter.external_id, 'alice');
  assert.equal(of('report.created').report.note, 'lagi');
  assert.equal(of('user.suspended').user.external_id, 'budi');
  assert.equal(of('user.restored').user.suspension, undefined);

  const [report] = (await shop.rest.expect(200, 'GET', '/v1/reports?status=open')).reports;
  const other = await server.createWorkspace();
  await other.createUser('alice');
  assert.deepEqual((await other.rest.expect(200, 'GET', '/v1/reports')).reports, []);
  assertError(await other.rest.request('PATCH', `/v1/reports/${report.id}`, { body: { status: 'resolved' } }), 404, 'NOT_FOUND');
  const { id: budiId } = await shop.rest.expect(200, 'GET', '/v1/users/budi');
  assertError(await other.rest.request('PUT', `/v1/users/${budiId}/suspension`, { body: {} }), 404, 'NOT_FOUND');
  assertError(await (await other.as('alice')).request('POST', `/v1/users/${budiId}/report`, { body: { reason: 'x' } }), 404, 'NOT_FOUND');
});

test('slow mode: how long to wait is told over REST and WebSocket, and a freeze is told to the members', async (t) => {
  const { server, shop, alice, budi } = await shopOf(t);
  const client = new Client(server, await shop.token('budi'), { reconnect: false });
  t.after(() => client.close());
  const synced = once(client, 'synced');
  client.open();
  await within(synced, 'the first sync');
  const changed = client.nextFrame((frame) => frame.type === 'channel.updated');
  await alice.expect(200, 'PATCH', '/v1/channels/g', { slow_mode_seconds: 600 });
  assert.equal((await within(changed, 'the change')).data.channel.slow_mode_seconds, 600);
  await budi.expect(201, 'POST', '/v1/channels/g/messages', { content: 'one', idempotency_key: 'k' });
  const refused = await budi.request('POST', '/v1/channels/g/messages', { body: { content: 'two' } });
  assertError(refused, 403, 'SLOW_MODE');
  assert.equal(refused.body.error.retryable, true);
  const frame = await client.ask('message.send', { channel: 'g', content: 'three' });
  assert.equal(frame.data.code, 'SLOW_MODE');
  for (const { details } of [refused.body.error, frame.data]) {
    assert.ok(details.retry_after_ms > 0 && details.retry_after_ms <= 600_000, JSON.stringify(details));
  }
  assert.equal((await budi.expect(200, 'POST', '/v1/channels/g/messages', { content: 'one', idempotency_key: 'k' })).seq, 1);
  const frozen = client.nextFrame((one) => one.type === 'channel.updated' && one.data.channel.frozen);
  await alice.expect(200, 'PATCH', '/v1/channels/g', { frozen: true });
  await within(frozen, 'the freeze');
  assert.equal((await client.ask('message.send', { channel: 'g', content: 'four' })).data.code, 'FROZEN');
  assert.deepEqual(client.violations, []);
});
