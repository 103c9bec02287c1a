// Webhooks from outside: what a shop's backend receives, signed, again after failures, and after a restart.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { within } from './data.mjs';
import { HookReceiver, verify } from './hook_receiver.mjs';
import { assertError } from './rest.mjs';
import { TestServer } from './server.mjs';

async function shopOf(t, env = {}) {
  const server = await TestServer.start(t, { env: { CARIOS_WEBHOOK_ALLOW_PRIVATE: 'true', ...env } });
  const shop = await server.createWorkspace();
  for (const name of ['alice', 'budi']) await shop.createUser(name);
  await shop.createGroup('g', ['alice', 'budi']);
  return { server, shop, alice: await shop.as('alice'), budi: await shop.as('budi') };
}

const hook = (shop, url, events = ['*']) => shop.rest.expect(201, 'POST', '/v1/webhooks', { url, events });
const send = (rest, content, more = {}) =>
  rest.expect(201, 'POST', '/v1/channels/g/messages', { content, ...more });
const deliveriesOf = async (shop, { id }) =>
  (await shop.rest.expect(200, 'GET', `/v1/webhooks/${id}/deliveries?limit=100`)).deliveries;

/// Repeats until the list of deliveries is as expected.
async function untilDeliveries(shop, webhook, isRight, what) {
  return within((async () => {
    for (;;) {
      const list = await deliveriesOf(shop, webhook);
      if (isRight(list)) return list;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })(), what);
}

test('a message is delivered at once, signed in both ways, and receivers\' library verifies it', async (t) => {
  const { shop, alice } = await shopOf(t);
  const receiver = await HookReceiver.start(t);
  const webhook = await hook(shop, receiver.url);
  assert.match(webhook.signing_secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  const { id } = await send(alice, 'Halo! 🎉');
  const delivery = await within(
      receiver.until((all) => all.find(({ body }) => body.event === 'message.created')), 'the delivery');
  const { body, headers, text } = delivery;
  assert.deepEqual(verify(webhook.signing_secret, delivery), body);
  const mac = createHmac('sha256', webhook.signing_secret).update(text).digest('hex');
  assert.equal(headers['x-cariosan-signature'], `sha256=${mac}`);
  assert.equal(headers['x-cariosan-event'], 'message.created');
  assert.equal(headers['x-cariosan-event-id'], body.event_id);
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['user-agent'], 'Cariosan-Webhooks/1.0');
  assert.equal(delivery.method, 'POST');
  assert.match(body.event_id, /^evt_/);
  assert.equal(body.workspace_id, shop.id);
  assert.equal(body.data.message.id, id);
  assert.equal(body.data.message.content, 'Halo! 🎉');
  assert.equal(body.data.message.channel_external_id, 'g');
  assert.throws(() => verify(webhook.signing_secret, { ...delivery, text: text.replace('Halo', 'Hola') }));
  const [listed] = await untilDeliveries(shop, webhook, ([first]) => first?.status === 'delivered', 'the end of it');
  assert.equal(listed.event_id, body.event_id);
  assert.equal(listed.attempts, 1);
  assert.equal(listed.last_status_code, 200);
  assert.equal(listed.last_error, null);
});

test('everything that happens is delivered, in order', async (t) => {
  const { shop, alice, budi } = await shopOf(t);
  const receiver = await HookReceiver.start(t);
  await hook(shop, receiver.url);
  const { id } = await send(alice, 'Halo @budi', { mentions: ['budi'] });
  await alice.expect(200, 'PATCH', `/v1/channels/g/messages/${id}`, { content: 'Hai' });
  await budi.expect(200, 'POST', `/v1/channels/g/messages/${id}/reactions`, { emoji: '👍' });
  await budi.expect(200, 'DELETE', `/v1/channels/g/messages/${id}/reactions/${encodeURIComponent('👍')}`);
  await alice.expect(200, 'DELETE', `/v1/channels/g/messages/${id}`);
  await shop.createUser('citra');
  await shop.rest.expect(200, 'POST', '/v1/channels/g/members', { external_ids: ['citra'] });
  await shop.rest.expect(200, 'DELETE', '/v1/channels/g/members/citra');
  await shop.rest.expect(204, 'DELETE', '/v1/users/citra');
  await within(receiver.until((all) => all.some(({ body }) => body.event === 'user.deleted')), 'the last event');
  await within(receiver.until((all) => all.length >= 10), 'all of them');
  const events = receiver.deliveries.map(({ body }) => body.event).sort();
  assert.deepEqual(events, ['member.joined', 'member.left', 'message.created', 'message.deleted', 'message.mentioned',
    'message.reaction.added', 'message.reaction.removed', 'message.updated', 'user.created', 'user.deleted'].sort());
  const data = Object.fromEntries(receiver.deliveries.map(({ body }) => [body.event, body.data]));
  assert.equal(data['message.reaction.added'].reaction.emoji, '👍');
  assert.equal(data['message.deleted'].message.id, id);
  assert.equal(data['user.deleted'].user.external_id, 'citra');
  assert.equal(data['message.mentioned'].message_id, id);
});

test('a traceparent of a request is sent on with what it caused, after a restart too, and with nothing else', async (t) => {
  const { server, shop, alice } = await shopOf(t);
  const receiver = await HookReceiver.start(t);
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const traced = async (rest, body) => {
    const { status } = await rest.request('POST', '/v1/channels/g/messages', { body, headers: { traceparent } });
    assert.equal(status, 201);
  };
  receiver.answer = (_, response) => response.writeHead(503).end();
  const webhook = await hook(shop, receiver.url, ['message.created', 'message.mentioned']);
  await traced(alice, { content: 'Halo @budi', mentions: ['budi'] });
  const [failed] = await untilDeliveries(shop, webhook, ([first]) => first?.attempts === 1, 'the failure');
  await server.stop();
  await server.start();
  receiver.answer = (_, response) => response.writeHead(200).end();
  await shop.rest.expect(200, 'POST', `/v1/webhooks/${webhook.id}/deliveries/${failed.event_id}/retry`, {});
  await within(receiver.until((all) => ['message.created', 'message.mentioned'].every(
      (name) => all.some(({ body }) => body.event === name))), 'both events');
  for (const { headers } of receiver.deliveries) assert.equal(headers.traceparent, traceparent);
  await traced(shop.rest, { content: 'Hai', user: 'alice' });
  await within(receiver.until((all) => all.find(({ body }) => body.data.message?.content === 'Hai')), 'the backend\'s');
  assert.equal(receiver.deliveries.at(-1).headers.traceparent, traceparent);
  await send(alice, 'later');
  const later = await within(receiver.until((all) => all.find(({ body }) => body.data.message?.content === 'later')), 'another');
  assert.equal(later.headers.traceparent, undefined);
});

test('matches of moderation are delivered, even for a message that nobody gets', async (t) => {
  const { shop, alice } = await shopOf(t);
  const receiver = await HookReceiver.start(t);
  await hook(shop, receiver.url, ['message.moderated', 'message.created']);
  await shop.rest.expect(200, 'PATCH', '/v1/workspace',
      { moderation: { enabled: true, rules: { link: { enabled: true, action: 'reject' } } } });
  const refused = await alice.request('POST', '/v1/channels/g/messages', { body: { content: 'see https://spam.example/' } });
  assertError(refused, 422, 'MESSAGE_REJECTED');
  const { body } = await within(receiver.until(([first]) => first), 'the event');
  assert.equal(body.event, 'message.moderated');
  assert.equal(body.data.rule, 'link');
  assert.equal(body.data.action, 'reject');
  assert.equal(body.data.channel_external_id, 'g');
  assert.equal(body.data.message_id, undefined);
});

test('a failed delivery is retried, by hand too, and the list shows it', async (t) => {
  const { shop, alice } = await shopOf(t);
  const receiver = await HookReceiver.start(t);
  receiver.answer = (_, response) => response.writeHead(500).end('no');
  const webhook = await hook(shop, receiver.url, ['message.created']);
  await send(alice, 'one');
  const [failed] = await untilDeliveries(shop, webhook, ([first]) => first?.attempts === 1, 'the failure');
  assert.equal(failed.status, 'pending');
  assert.equal(failed.last_status_code, 500);
  assert.ok(Date.parse(failed.next_attempt_at) > Date.now() + 15_000, failed.next_attempt_at);
  receiver.answer = (_, response) => response.writeHead(204).end();
  await shop.rest.expect(200, 'POST', `/v1/webhooks/${webhook.id}/deliveries/${failed.event_id}/retry`, {});
  const [done] = await untilDeliveries(shop, webhook, ([first]) => first.status === 'delivered', 'the success');
  assert.equal(done.attempts, 2);
  assert.equal(done.last_status_code, 204);
  assert.deepEqual(receiver.deliveries.map(({ body }) => body.event_id), [failed.event_id, failed.event_id]);
});

test('4xx and redirects are final, 410 disables, and PATCH enables again', async (t) => {
  const { shop, alice } = await shopOf(t);
  const receiver = await HookReceiver.start(t);
  const webhook = await hook(shop, receiver.url, ['message.created', 'user.created']);
  const status = [400, 301, 410];
  receiver.answer = (_, response) => response.writeHead(status.shift() ?? 200, { Location: receiver.url }).end();
  for (const [n, code] of [400, 301].entries()) {
    await send(alice, `message ${n}`);
    const [last] = await untilDeliveries(
        shop, webhook, (list) => list.length === n + 1 && list[0].status === 'failed', `the end of ${code}`);
    assert.equal(last.last_status_code, code);
  }
  assert.equal(receiver.deliveries.length, 2, 'no redirect is followed');
  await send(alice, 'gone');
  await untilDeliveries(shop, webhook, ([first]) => first.last_status_code === 410, 'the end of 410');
  const disabled = await shop.rest.expect(200, 'GET', `/v1/webhooks/${webhook.id}`);
  assert.equal(disabled.enabled, false);
  assert.match(disabled.disabled_reason, /410/);
  await send(alice, 'nobody hears this');
  assertError(await shop.rest.request('POST', `/v1/webhooks/${webhook.id}/ping`, { body: {} }), 409, 'CONFLICT');
  await shop.rest.expect(200, 'PATCH', `/v1/webhooks/${webhook.id}`, { enabled: true });
  const ping = await shop.rest.expect(201, 'POST', `/v1/webhooks/${webhook.id}/ping`, {});
  await within(receiver.until((all) => all.find(({ body }) => body.event_id === ping.event_id)), 'the ping');
  assert.equal(receiver.deliveries.length, 4);
});

test('a slow endpoint does not delay others', async (t) => {
  const { shop, alice } = await shopOf(t);
  const slow = await HookReceiver.start(t);
  slow.answer = () => {};
  const quick = await HookReceiver.start(t);
  await hook(shop, slow.url, ['message.created']);
  await hook(shop, quick.url, ['message.created']);
  for (let n = 0; n < 20; ++n) await send(alice, `message ${n}`);
  await within(quick.until(() => quick.events('message.created').length === 20), 'all at the quick one');
  assert.ok(slow.deliveries.length < 20);
});

test('a webhook asked for again under its key is made once, at the same time and after a restart too', async (t) => {
  const { server, shop } = await shopOf(t);
  const ask = (key, body = { url: 'https://shop.example/hook', events: ['message.created'] }) =>
    shop.rest.post('/v1/webhooks', body, { headers: key === null ? {} : { 'Idempotency-Key': key } });
  const together = await Promise.all(Array.from({ length: 8 }, () => ask('first')));
  assert.deepEqual(together.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 200, 200, 201]);
  const { body: made } = together[0];
  for (const { body } of together) assert.deepEqual(body, made);
  await server.kill();
  await server.start();
  const repeated = await ask('first');
  assert.equal(repeated.status, 200);
  assert.deepEqual(repeated.body, made);
  assertError(await ask('first', { url: 'https://shop.example/other', events: ['message.created'] }), 409, 'CONFLICT');
  const other = await ask('second');
  assert.equal(other.status, 201);
  assert.notEqual(other.body.signing_secret, made.signing_secret);
  // A member of the body is not the header.
  const inBody = { url: 'https://shop.example/hook', events: ['message.created'], idempotency_key: 'first' };
  assert.equal((await ask(null, inBody)).status, 201);
  for (const key of ['', 'x'.repeat(256)]) assert.equal(assertError(await ask(key), 400, 'VALIDATION_ERROR').details.field, 'idempotency_key');
});

test('while a secret is replaced, deliveries are signed with both', async (t) => {
  const { shop, alice } = await shopOf(t);
  const receiver = await HookReceiver.start(t);
  const { id, signing_secret: old } = await hook(shop, receiver.url, ['message.created']);
  const rotate = (key) => shop.rest.post(`/v1/webhooks/${id}/rotate-secret`, {}, { headers: { 'Idempotency-Key': key } });
  const delivered = async (content) => {
    await send(alice, content);
    return within(receiver.until((all) => all.find(({ body }) => body.data.message?.content === content)), content);
  };
  assert.equal((await delivered('before')).headers['webhook-signature'].split(' ').length, 1);
  const together = await Promise.all(Array.from({ length: 4 }, () => rotate('one')));
  for (const { status, body } of together) {
    assert.equal(status, 200);
    assert.deepEqual(body, together[0].body);
  }
  const { body: { signing_secret: fresh } } = await rotate('one');
  assert.equal(fresh, together[0].body.signing_secret);
  assert.notEqual(fresh, old);
  // The worker may hold what it read before for half a second.
  let both;
  for (let n = 0; both === undefined; ++n) {
    const delivery = await delivered(`after ${n}`);
    if (delivery.headers['webhook-signature'].includes(' ')) both = delivery;
  }
  for (const secret of [old, fresh]) assert.deepEqual(verify(secret, both), both.body);
  assert.equal(both.headers['x-cariosan-signature'], `sha256=${createHmac('sha256', fresh).update(both.text).digest('hex')}`);
  assert.equal((await shop.rest.expect(200, 'GET', `/v1/webhooks/${id}`)).signing_secret, undefined);
  assertError(await shop.rest.post('/v1/webhooks/0190a1b2-0000-7000-8000-000000000000/rotate-secret', {}), 404, 'NOT_FOUND');
});

test('private addresses are refused unless allowed', async (t) => {
  const { shop, alice } = await shopOf(t, { CARIOS_WEBHOOK_ALLOW_PRIVATE: 'false' });
  const receiver = await HookReceiver.start(t);
  const port = new URL(receiver.url).port;
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]']) {
    const webhook = await hook(shop, `http://${host}:${port}/`, ['message.created']);
    await send(alice, host);
    const [first] = await untilDeliveries(shop, webhook, ([one]) => one?.attempts === 1, host);
    assert.equal(first.last_status_code, null);
    assert.match(first.last_error, /not public/);
    await shop.rest.expect(204, 'DELETE', `/v1/webhooks/${webhook.id}`);
  }
  assert.deepEqual(receiver.deliveries, []);
});

for (const how of ['stop', 'kill']) {
  test(`after a ${how} between commit and delivery everything acknowledged is delivered`, async (t) => {
    const { server, shop, alice } = await shopOf(t);
    const receiver = await HookReceiver.start(t);
    receiver.answer = () => {};
    const webhook = await hook(shop, receiver.url, ['message.created']);
    const sent = [];
    for (let n = 0; n < 30; ++n) sent.push((await send(alice, `message ${n}`)).id);
    await within(receiver.until((all) => all.length > 0), 'a delivery that hangs');
    await (how === 'kill' ? server.kill() : server.stop());
    receiver.deliveries.length = 0;
    receiver.answer = (_, response) => response.writeHead(200).end();
    await server.start();
    await within(receiver.until(() => receiver.events('message.created').length === sent.length), 'all of them', 120_000);
    const delivered = receiver.events('message.created').map(({ data }) => data.message.id);
    assert.deepEqual(new Set(delivered), new Set(sent));
    for (const delivery of receiver.deliveries) verify(webhook.signing_secret, delivery);
    await untilDeliveries(shop, webhook, (list) => list.every(({ status }) => status === 'delivered'), 'the end of all');
  });
}
