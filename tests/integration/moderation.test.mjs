// Moderation from outside: settings, texts over REST and WebSocket, the log, and who is notified.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { within } from './data.mjs';
import { allPages, assertError } from './rest.mjs';
import { TestServer } from './server.mjs';

const DEFAULTS = {
  enabled: false,
  rules: {
    profanity: { enabled: true, action: 'mask', min_severity: 'strong' },
    link: { enabled: false, action: 'flag' },
    phone: { enabled: false, action: 'mask' },
    flood: { enabled: true, action: 'reject', max_repeats: 3, window_seconds: 30 },
  },
  blocklist: [],
  allowlist: [],
  auto_mute_seconds: 600,
};

async function shopOf(t, moderation) {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  for (const name of ['alice', 'budi']) await shop.createUser(name);
  await shop.createGroup('g', ['alice', 'budi']);
  await shop.createGroup('h', ['alice', 'budi']);
  const set = async (settings) =>
    (await shop.rest.expect(200, 'PATCH', '/v1/workspace', { moderation: settings })).moderation;
  if (moderation) await set(moderation);
  return { server, shop, set, alice: await shop.as('alice'), budi: await shop.as('budi') };
}

const send = (rest, content, more = {}, channel = 'g') =>
  rest.request('POST', `/v1/channels/${channel}/messages`, { body: { content, ...more } });

const actionsOf = (shop, query = '') => allPages(shop.rest, `/v1/moderation/actions${query}`, 'actions');

async function connected(t, server, shop, user) {
  const client = new Client(server, await shop.token(user), { reconnect: false });
  t.after(() => client.close());
  const synced = once(client, 'synced');
  client.open();
  await within(synced, `the first sync of ${user}`);
  return client;
}

function assertRejected(answer, rule) {
  const error = assertError(answer, 422, 'MESSAGE_REJECTED');
  assert.deepEqual(error.details, { rule });
  assert.equal(error.retryable, false);
}

test('settings are merged, checked, and survive a restart', async (t) => {
  const { server, shop, set } = await shopOf(t);
  const get = async () => (await shop.rest.expect(200, 'GET', '/v1/workspace')).moderation;
  assert.deepEqual(await get(), DEFAULTS);
  assert.deepEqual(await set({}), DEFAULTS);

  const wanted = structuredClone(DEFAULTS);
  wanted.enabled = true;
  wanted.rules.flood.max_repeats = 5;
  wanted.rules.link = { enabled: true, action: 'reject' };
  wanted.blocklist = ['satu', 'dua kata'];
  const body = { enabled: true, rules: { flood: { max_repeats: 5 }, link: wanted.rules.link }, blocklist: wanted.blocklist };
  assert.deepEqual(await set(body), wanted);
  // Objects merge, arrays are replaced, null means the default.
  wanted.rules.flood.window_seconds = 60;
  wanted.rules.link.action = 'flag';
  wanted.blocklist = ['tiga'];
  wanted.allowlist = ['example.com'];
  assert.deepEqual(
    await set({ rules: { flood: { window_seconds: 60 }, link: { action: null } }, blocklist: ['tiga'], allowlist: ['example.com'] }),
    wanted);
  await server.stop();
  await server.start();
  assert.deepEqual(await get(), wanted);
  assertRejected(await send(await shop.as('budi'), 'x').then(async () => {
    await set({ rules: { profanity: { action: 'reject' } } });
    return send(await shop.as('budi'), 'tiga');
  }), 'blocklist');
  wanted.rules = structuredClone(DEFAULTS.rules);
  assert.deepEqual(await set({ rules: null }), wanted);

  for (const [settings, field] of [
    ['on', 'moderation'],
    [[], 'moderation'],
    [{ enabled: 'yes' }, 'moderation.enabled'],
    [{ rules: [] }, 'moderation.rules'],
    [{ rules: { profanity: 1 } }, 'moderation.rules.profanity'],
    [{ rules: { profanity: { action: 'hide' } } }, 'moderation.rules.profanity.action'],
    [{ rules: { profanity: { min_severity: 'huge' } } }, 'moderation.rules.profanity.min_severity'],
    [{ rules: { flood: { max_repeats: 0 } } }, 'moderation.rules.flood.max_repeats'],
    [{ rules: { flood: { max_repeats: 101 } } }, 'moderation.rules.flood.max_repeats'],
    [{ rules: { flood: { max_repeats: 1.5 } } }, 'moderation.rules.flood.max_repeats'],
    [{ rules: { flood: { window_seconds: 3601 } } }, 'moderation.rules.flood.window_seconds'],
    [{ blocklist: 'x' }, 'moderation.blocklist'],
    [{ blocklist: ['x', 7] }, 'moderation.blocklist'],
    [{ blocklist: [' '] }, 'moderation.blocklist'],
    [{ blocklist: ['a\nb'] }, 'moderation.blocklist'],
    [{ allowlist: ['x'.repeat(65)] }, 'moderation.allowlist'],
    [{ allowlist: Array(5001).fill('x') }, 'moderation.allowlist'],
    [{ auto_mute_seconds: 0 }, 'moderation.auto_mute_seconds'],
  ]) {
    const refused = await shop.rest.request('PATCH', '/v1/workspace', { body: { moderation: settings } });
    assert.equal(assertError(refused, 400, 'VALIDATION_ERROR').details.field, field, JSON.stringify(settings));
  }
  assert.deepEqual(await get(), wanted);
  assert.deepEqual(await set(null), DEFAULTS);
});

test('everyone reads the masked text, and the log has it', async (t) => {
  const { server, shop, set, alice, budi } = await shopOf(t, { enabled: true, rules: { link: { enabled: true } } });
  const client = await connected(t, server, shop, 'alice');
  const before = Date.now();
  const message = await budi.expect(201, 'POST', '/v1/channels/g/messages', {
    content: 'dasar anjing https://example.com', idempotency_key: 'k1' });
  assert.equal(message.content, 'dasar *** https://example.com');
  const { messages } = await alice.expect(200, 'GET', '/v1/channels/g/messages');
  assert.equal(messages[0].content, message.content);
  const reply = await alice.expect(201, 'POST', '/v1/channels/g/messages', { content: 'kenapa?', parent_id: message.id });
  assert.equal(reply.quoted_message.content, message.content);

  const actions = await actionsOf(shop);
  assert.deepEqual(actions.map(({ rule, action }) => [rule, action]), [['link', 'flag'], ['profanity', 'mask']]);
  for (const action of actions) {
    assert.equal(action.channel_id, message.channel_id);
    assert.equal(action.channel_external_id, 'g');
    assert.equal(action.user_id, message.user.id);
    assert.equal(action.message_id, message.id);
    assert.ok(!action.excerpt.includes('anjing'));
    assert.ok(Math.abs(Date.parse(action.at) - before) < 60_000);
  }

  // The same request again returns the same message, even under other rules.
  await set({ rules: { profanity: { action: 'reject' } } });
  const again = await send(budi, 'dasar anjing https://example.com', { idempotency_key: 'k1' });
  assert.equal(again.status, 200);
  assert.equal(again.body.id, message.id);
  assertError(await send(budi, message.content, { idempotency_key: 'k1' }), 409, 'CONFLICT');
  assert.equal((await actionsOf(shop)).length, 2);

  const path = `/v1/channels/g/messages/${message.id}`;
  const same = await budi.expect(200, 'PATCH', path, { content: message.content });
  assert.equal(same.rev, message.rev);
  assertRejected(await budi.request('PATCH', path, { body: { content: 'anjing' } }), 'profanity');
  assert.equal((await budi.expect(200, 'PATCH', path, { content: 'baik' })).content, 'baik');
  assert.equal((await send(shop.rest, 'anjing', { user: 'budi' })).status, 201);
  assert.equal((await actionsOf(shop)).length, 3);
  assert.deepEqual(client.violations, []);
});

test('floods: the fourth equal text is refused, even over several connections', async (t) => {
  const { server, shop } = await shopOf(t, { enabled: true, rules: { flood: { window_seconds: 3600 } } });
  const clients = [await connected(t, server, shop, 'budi'), await connected(t, server, shop, 'budi')];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => clients[i % 2].ask('message.send', { channel: 'g', content: 'Beli  sekarang' })));
  const refused = answers.filter(({ type }) => type === 'error');
  assert.equal(answers.length - refused.length, 3);
  for (const { data } of refused) {
    assert.equal(data.code, 'MESSAGE_REJECTED');
    assert.deepEqual(data.details, { rule: 'flood' });
  }
  // Each refusal was recorded before it was answered.
  const actions = await actionsOf(shop, '?user=budi&channel=g');
  assert.equal(actions.length, 17);
  assert.ok(actions.every((action) => action.rule === 'flood' && action.message_id === undefined));
  assert.deepEqual(await actionsOf(shop, '?channel=h'), []);
  assert.equal((await clients[0].ask('message.send', { channel: 'h', content: 'beli sekarang' })).type, 'ack');
  assert.equal((await clients[0].ask('message.send', { channel: 'g', content: 'yang lain' })).type, 'ack');
  for (const client of clients) assert.deepEqual(client.violations, []);
});

test('auto_mute mutes in the whole workspace, appears in the list of mutes, and shortens no other mute', async (t) => {
  const { shop, alice, budi } = await shopOf(t, {
    enabled: true, rules: { profanity: { action: 'auto_mute' } }, auto_mute_seconds: 60 });
  const before = Date.now();
  assertRejected(await send(budi, 'anjing'), 'profanity');
  const { mutes } = await shop.rest.expect(200, 'GET', '/v1/mutes');
  assert.equal(mutes.length, 1);
  assert.equal(mutes[0].user.external_id, 'budi');
  assert.equal(mutes[0].channel_id, null);
  assert.equal(mutes[0].reason, 'moderation');
  assert.ok(Math.abs(Date.parse(mutes[0].until) - before - 60_000) < 30_000);
  assert.equal(assertError(await send(budi, 'maaf', {}, 'h'), 403, 'MUTED').details.until, mutes[0].until);
  assert.equal((await send(alice, 'halo')).status, 201);
  // A muted user is not moderated.
  assertError(await send(budi, 'anjing'), 403, 'MUTED');
  assert.equal((await actionsOf(shop)).length, 1);

  await shop.rest.expect(200, 'PUT', '/v1/users/alice/mute', { channel: 'h' });
  assertRejected(await send(alice, 'anjing'), 'profanity');
  assertError(await send(alice, 'x'), 403, 'MUTED');
  assert.equal((await shop.rest.expect(200, 'GET', '/v1/mutes')).mutes.length, 3);
});

test('another workspace has its own rules and its own log', async (t) => {
  const { server, shop, budi } = await shopOf(t, { enabled: true, rules: { profanity: { action: 'reject' } } });
  const other = await server.createWorkspace();
  for (const name of ['alice', 'budi']) await other.createUser(name);
  await other.createGroup('g', ['alice', 'budi']);
  assertRejected(await send(budi, 'anjing'), 'profanity');
  const stranger = await other.as('budi');
  for (let i = 0; i < 5; i++) assert.equal((await send(stranger, 'anjing')).status, 201);
  assert.deepEqual((await other.rest.expect(200, 'GET', '/v1/workspace')).moderation, DEFAULTS);
  assert.deepEqual(await actionsOf(other), []);
  const { body: user } = await shop.rest.request('GET', '/v1/users/budi');
  assertError(await other.rest.request('GET', `/v1/moderation/actions?user=${user.id}`), 404, 'NOT_FOUND');
  assert.equal((await actionsOf(shop)).length, 1);
});

test('the log is in the export of a user, and loses its text when the user is erased', async (t) => {
  const { shop, budi } = await shopOf(t, { enabled: true });
  await budi.expect(201, 'POST', '/v1/channels/g/messages', { content: 'dasar anjing kau' });
  const { text } = await shop.rest.request('GET', '/v1/users/budi/export');
  const records = text.trim().split('\n').map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'moderation');
  assert.equal(records.length, 1);
  assert.equal(records[0].excerpt, 'dasar *** kau');
  assert.equal((await shop.rest.request('DELETE', '/v1/users/budi?messages=erase')).status, 204);
  await within((async () => {
    while ((await actionsOf(shop))[0].excerpt !== '') await new Promise((resolve) => setTimeout(resolve, 20));
  })(), 'the excerpt to be erased');
  const [action] = await actionsOf(shop);
  assert.equal(action.rule, 'profanity');
  assert.equal(action.user_id, records[0].user_id);
});
