// Permissions: every operation in /openapi.json and every command frame, by every kind of caller.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { within } from './data.mjs';
import { assertError, Rest } from './rest.mjs';
import { TestServer } from './server.mjs';

const STATUS = {
  UNAUTHORIZED: 401, FORBIDDEN: 403, NOT_A_MEMBER: 403, NOT_AUTHOR: 403, NOT_ADMIN: 403, NOT_FOUND: 404, CONFLICT: 409,
  VALIDATION_ERROR: 400,
};
const THUMB = encodeURIComponent('👍');

// In each channel, `admin`, `author` (who wrote its message) and `member` are members, `removed` was one, and `outsider`
// never was. `stranger` and `otherBackend` belong to another workspace.
const USERS = ['admin', 'author', 'member', 'removed', 'outsider'];
const CALLERS = ['nobody', 'otherBackend', 'stranger', 'backend', ...USERS];

/// What each kind of caller gets: 'ok' or an error code. 'own': an answer about its own workspace only.
const forBackend = (otherBackend = 'NOT_FOUND') => ({
  otherBackend, stranger: 'FORBIDDEN', backend: 'ok',
  ...Object.fromEntries(USERS.map((name) => [name, 'FORBIDDEN'])),
});
const forUsers = { otherBackend: 'FORBIDDEN', stranger: 'own', backend: 'FORBIDDEN',
  ...Object.fromEntries(USERS.map((name) => [name, 'ok'])) };
const inChannel = (more = {}) => ({
  otherBackend: 'NOT_FOUND', stranger: 'NOT_FOUND', backend: 'ok', admin: 'ok', author: 'ok', member: 'ok',
  removed: 'NOT_A_MEMBER', outsider: 'NOT_A_MEMBER', ...more,
});
const usersInChannel = (more = {}) => inChannel({ otherBackend: 'FORBIDDEN', backend: 'FORBIDDEN', ...more });
const byAdmins = inChannel({ author: 'NOT_ADMIN', member: 'NOT_ADMIN' });
const pinners = usersInChannel({ author: 'NOT_ADMIN', member: 'NOT_ADMIN' });
const authorAlone = usersInChannel({ admin: 'NOT_AUTHOR', member: 'NOT_AUTHOR' });

/// Per operation: who may call it, and how to call it in a fresh channel.
const OPERATIONS = {
  'GET /v1/workspace': [forBackend('own')],
  'PATCH /v1/workspace': [forBackend('own'), () => ({ name: 'Shop' })],
  'GET /v1/workspace/figures': [forBackend('own')],
  'POST /v1/moderation/check': [forBackend('own'), () => ({ content: 'Halo' })],
  'POST /v1/users': [forBackend('own'), (at) => ({ external_id: `new-${at.name}`, name: 'New' })],
  'GET /v1/users': [forBackend('own')],
  'GET /v1/users/{user}': [forBackend()],
  'PATCH /v1/users/{user}': [forBackend(), () => ({ metadata: { seen: true } })],
  'DELETE /v1/users/{user}': [forBackend(), null, '', (at) => at.spare],
  'GET /v1/users/{user}/export': [forBackend()],
  'POST /v1/users/{user}/tokens': [forBackend(), () => ({})],
  'PUT /v1/users/{user}/mute': [forBackend(), (at) => ({ channel: at.group.id })],
  'DELETE /v1/users/{user}/mute': [forBackend()],
  'GET /v1/mutes': [forBackend('own')],
  'GET /v1/moderation/actions': [forBackend('own')],
  'PUT /v1/users/{user}/suspension': [forBackend(), () => ({ seconds: 3600 }), '', (at) => at.spare],
  'DELETE /v1/users/{user}/suspension': [forBackend()],
  'POST /v1/users/{user}/report': [
    { ...forUsers, stranger: 'NOT_FOUND', member: 'VALIDATION_ERROR' }, () => ({ reason: 'spam' })],
  'GET /v1/reports': [forBackend('own')],
  'PATCH /v1/reports/{report}': [forBackend(), () => ({ status: 'resolved' })],
  'POST /v1/webhooks': [forBackend('own'), () => ({ url: 'https://shop.example/', events: ['*'] })],
  'GET /v1/webhooks': [forBackend('own')],
  'GET /v1/webhooks/{webhook}': [forBackend()],
  'PATCH /v1/webhooks/{webhook}': [forBackend(), () => ({ events: ['user.created'] })],
  'DELETE /v1/webhooks/{webhook}': [forBackend()],
  'POST /v1/webhooks/{webhook}/rotate-secret': [forBackend(), () => ({})],
  'POST /v1/webhooks/{webhook}/ping': [forBackend(), () => ({})],
  'GET /v1/webhooks/{webhook}/deliveries': [forBackend()],
  'POST /v1/webhooks/{webhook}/deliveries/{event_id}/retry': [forBackend(), () => ({})],
  'POST /v1/auth/token': [forBackend(), () => ({ user_id: 'member' })],
  'POST /v1/channels': [
    forBackend(), (at) => ({ type: 'group', external_id: `made-${at.name}`, member_external_ids: ['member'] })],
  'GET /v1/channels': [forBackend('own')],
  'GET /v1/channels/{channel}': [inChannel()],
  'PATCH /v1/channels/{channel}': [byAdmins, () => ({ name: 'Renamed' })],
  'DELETE /v1/channels/{channel}': [forBackend()],
  'GET /v1/channels/{channel}/changes': [usersInChannel()],
  'GET /v1/channels/{channel}/members': [inChannel()],
  'POST /v1/channels/{channel}/members': [byAdmins, () => ({ external_ids: ['outsider'] })],
  'PATCH /v1/channels/{channel}/members/{user}': [byAdmins, () => ({ role: 'admin' })],
  'DELETE /v1/channels/{channel}/members/{user}': [inChannel({ author: 'NOT_ADMIN', member: 'ok' })],
  'POST /v1/channels/{channel}/messages': [
    inChannel(), (at, caller) => ({ content: 'x', user: caller.includes('ackend') ? 'member' : undefined })],
  'GET /v1/channels/{channel}/messages': [inChannel()],
  'GET /v1/search': [{ ...forUsers, stranger: 'own' }, null, '?q=hello'],
  'GET /v1/presence': [forUsers, null, '?users=member'],
  'GET /v1/channels/{channel}/messages/{message_id}': [inChannel()],
  'GET /v1/channels/{channel}/messages/{message_id}/reactions': [inChannel()],
  'PATCH /v1/channels/{channel}/messages/{message_id}': [authorAlone, () => ({ content: 'edited' })],
  'DELETE /v1/channels/{channel}/messages/{message_id}': [inChannel({ member: 'NOT_AUTHOR' })],
  'PUT /v1/channels/{channel}/messages/{message_id}/reactions/{emoji}': [usersInChannel()],
  'DELETE /v1/channels/{channel}/messages/{message_id}/reactions/{emoji}': [usersInChannel()],
  'POST /v1/channels/{channel}/messages/{message_id}/reactions': [usersInChannel(), () => ({ emoji: '👍' })],
  'PUT /v1/channels/{channel}/messages/{message_id}/pin': [pinners],
  'DELETE /v1/channels/{channel}/messages/{message_id}/pin': [pinners],
  'GET /v1/channels/{channel}/pins': [inChannel()],
  'POST /v1/channels/{channel}/messages/{message_id}/report': [
    usersInChannel({ author: 'VALIDATION_ERROR' }), () => ({ reason: 'spam' })],
  'POST /v1/channels/{channel}/read': [usersInChannel(), () => ({})],
  'POST /v1/channels/{channel}/delivered': [usersInChannel(), () => ({})],
  'POST /v1/me/delivered': [forUsers, () => ({ channels: {} })],
  'GET /v1/channels/{channel}/receipts': [usersInChannel()],
  'GET /v1/me': [forUsers],
  'GET /v1/me/channels': [forUsers],
  'GET /v1/me/preferences': [forUsers],
  'GET /v1/me/channels/{channel}': [usersInChannel()],
  'POST /v1/me/sync': [forUsers, () => ({ complete: true })],
  'POST /v1/attachments/presign': [
    forUsers, () => ({ filename: 'photo.png', content_type: 'image/png', size_bytes: 1 })],
  'GET /v1/me/blocks': [forUsers],
  'PUT /v1/me/blocks/{user}': [{ ...forUsers, stranger: 'NOT_FOUND', member: 'VALIDATION_ERROR' }],
  'DELETE /v1/me/blocks/{user}': [{ ...forUsers, stranger: 'NOT_FOUND', member: 'VALIDATION_ERROR' }],
  'POST /v1/me/devices': [forUsers, () => ({ token: 'phone', platform: 'web' })],
  'GET /v1/me/devices': [forUsers],
  'DELETE /v1/me/devices/{token}': [forUsers],
  'PATCH /v1/me/channels/{channel}': [usersInChannel(), () => ({ muted: true })],
  'DELETE /v1/me/channels/{channel}': [usersInChannel({ admin: 'CONFLICT' })],
};
// Whoever has the address of a file may read it, and whoever has a signed one may upload to it: files.test.mjs.
const FILES = ['GET', 'HEAD', 'PUT'].map((method) => `${method} /v1/files/{workspace}/{year}/{month}/{file}/{filename}`);
const OPEN = new Set(['GET /healthz', 'GET /readyz', 'GET /metrics', 'GET /openapi.json', 'GET /asyncapi.json', ...FILES]);

/// Command frames, by the operation whose rules they follow.
const FRAMES = {
  'message.send': ['POST /v1/channels/{channel}/messages', () => ({ content: 'x' })],
  'message.edit': ['PATCH /v1/channels/{channel}/messages/{message_id}', (at) => ({ message_id: at.message.id, content: 'y' })],
  'message.delete': ['DELETE /v1/channels/{channel}/messages/{message_id}', (at) => ({ message_id: at.message.id })],
  'reaction.add': ['PUT /v1/channels/{channel}/messages/{message_id}/reactions/{emoji}',
    (at) => ({ message_id: at.message.id, emoji: '👍' })],
  'reaction.remove': ['DELETE /v1/channels/{channel}/messages/{message_id}/reactions/{emoji}',
    (at) => ({ message_id: at.message.id, emoji: '👍' })],
  'message.read': ['POST /v1/channels/{channel}/read', () => ({})],
  'message.delivered': ['POST /v1/channels/{channel}/delivered', () => ({})],
};

async function worldOf(t) {
  const bucket = { CARIOS_S3_BUCKET: 'files', CARIOS_S3_ACCESS_KEY: 'key', CARIOS_S3_SECRET_KEY: 'secret' };
  const server = await TestServer.start(t, { env: { CARIOS_RATE_LIMITS: 'off', ...bucket } });
  const shop = await server.createWorkspace('Shop');
  const elsewhere = await server.createWorkspace('Elsewhere');
  for (const name of USERS) await shop.createUser(name);
  await elsewhere.createUser('stranger');
  const callers = { nobody: new Rest(server.base), backend: shop.rest, otherBackend: elsewhere.rest };
  for (const name of USERS) callers[name] = await shop.as(name);
  callers.stranger = await elsewhere.as('stranger');
  let channels = 0;
  const freshChannel = async () => {
    channels += 1;
    const name = `channel-${channels}`;
    const group = await shop.createGroup(name, ['admin', 'author', 'member', 'removed']);
    const message = await callers.author.expect(201, 'POST', `/v1/channels/${name}/messages`, { content: 'hello' });
    await shop.rest.expect(200, 'DELETE', `/v1/channels/${name}/members/removed`);
    const spare = `spare-${channels}`;
    await shop.createUser(spare);
    return { name, group, message, spare };
  };
  return { server, shop, elsewhere, callers, freshChannel };
}

function check(answer, expected, what, at) {
  if (expected === 'ok' || expected === 'own') {
    assert.ok(answer.status < 300, `${what}: ${answer.status} ${answer.text}`);
    if (expected === 'own') assert.ok(!answer.text.includes(at.group.id), `${what}: ${answer.text}`);
  } else {
    assert.equal(answer.body?.error?.code, expected, `${what}: ${answer.status} ${answer.text}`);
    assertError(answer, STATUS[expected], expected);
  }
}

/// The path with one of the shop's webhooks, which has an event to deliver. Only one exists at a time.
async function withWebhook(shop, path) {
  if (!path.includes('{webhook}')) return path;
  const { webhooks } = await shop.rest.expect(200, 'GET', '/v1/webhooks');
  for (const { id } of webhooks) await shop.rest.expect(204, 'DELETE', `/v1/webhooks/${id}`);
  const { id } = await shop.rest.expect(201, 'POST', '/v1/webhooks', { url: 'https://shop.example/', events: ['*'] });
  const { event_id: event } = await shop.rest.expect(201, 'POST', `/v1/webhooks/${id}/ping`, {});
  return path.replace('{webhook}', id).replace('{event_id}', event);
}

/// The path with a report, which there is from the beginning.
const withReport = (path, report) => path.replace('{report}', report.id);

test('REST: every operation for every kind of caller', async (t) => {
  const { server, shop, callers, freshChannel } = await worldOf(t);
  await callers.outsider.request('POST', '/v1/users/admin/report', { body: { reason: 'spam' } });
  const [report] = (await shop.rest.expect(200, 'GET', '/v1/reports')).reports;
  const { paths } = await callers.nobody.expect(200, 'GET', '/openapi.json');
  const operations = Object.entries(paths).flatMap(
      ([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  for (const operation of operations.filter((each) => !OPEN.has(each))) {
    await t.test(operation, async () => {
      assert.ok(OPERATIONS[operation], `say in this file who may call ${operation}`);
      const [expected, body, query = '', user = () => 'member'] = OPERATIONS[operation];
      const [method, template] = operation.split(' ');
      for (const caller of CALLERS) {
        const at = await freshChannel();
        const path = template.replace('{channel}', at.group.id).replace('{user}', user(at))
            .replace('{message_id}', at.message.id).replace('{emoji}', THUMB);
        const inPlace = await withWebhook(shop, withReport(path, report)) + query;
        const answer = await callers[caller].request(method, inPlace, { body: body?.(at, caller) });
        check(answer, caller === 'nobody' ? 'UNAUTHORIZED' : expected[caller], `${operation} by ${caller}`, at);
      }
    });
  }
  const unknown = Object.keys(OPERATIONS).filter((operation) => !operations.includes(operation));
  assert.deepEqual(unknown, [], 'operations that are no more');
  assert.equal(server.log.includes('"level":"error"'), false);
});

test('WebSocket: every command frame for every kind of user', async (t) => {
  const { server, shop, elsewhere, callers, freshChannel } = await worldOf(t);
  const clients = {};
  for (const name of [...USERS, 'stranger']) {
    const token = await (name === 'stranger' ? elsewhere : shop).token(name);
    const client = new Client(server, token, { reconnect: false });
    t.after(() => client.close());
    client.frames = [];
    client.on('frame', (frame) => client.frames.push(frame));
    const synced = once(client, 'synced');
    client.open();
    await within(synced, 'the first sync');
    clients[name] = client;
  }
  for (const [type, [operation, data]] of Object.entries(FRAMES)) {
    await t.test(type, async () => {
      for (const [name, client] of Object.entries(clients)) {
        const at = await freshChannel();
        const answer = await within(client.ask(type, { channel: at.group.id, ...data(at) }), 'the answer');
        const expected = OPERATIONS[operation][0][name];
        assert.equal(answer.type === 'ack' ? 'ok' : answer.data.code, expected, `${type} by ${name}`);
      }
    });
  }
  await t.test('nobody receives events of channels they are not in', async () => {
    const at = await freshChannel();
    await callers.member.expect(201, 'POST', `/v1/channels/${at.name}/messages`, { content: 'for members' });
    for (const type of ['typing.start', 'typing.stop']) clients.member.send(type, { channel: at.group.id });
    for (const client of Object.values(clients)) {
      const pong = client.nextFrame((frame) => frame.type === 'pong');
      client.send('ping', {});
      await within(pong, 'the pong');
    }
    const about = (client) => client.frames.filter((frame) => JSON.stringify(frame.data ?? {}).includes(at.group.id));
    for (const name of ['outsider', 'stranger']) assert.deepEqual(about(clients[name]), [], name);
    // The removed user received everything up to the removal, and that event.
    const received = about(clients.removed).map((frame) => frame.type).filter((type) => type !== 'unread');
    assert.deepEqual(received, ['channel.created', 'message.created', 'member.left']);
    assert.ok(about(clients.member).some((frame) => frame.type === 'message.created' && frame.data.rev === 4));
    for (const client of Object.values(clients)) assert.deepEqual(client.violations, []);
  });
});
