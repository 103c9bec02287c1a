// REST from outside: every endpoint with its statuses and shapes, and paging.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rest, allPages, assertError, readToken } from './rest.mjs';
import { TestServer } from './server.mjs';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const NOBODY = '01890000-0000-7000-8000-000000000000';

/// A server with a workspace, three users and a group of the first two.
async function shopOf(t) {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  for (const [id, name] of [['alice', 'Alice'], ['budi', 'Budi'], ['citra', 'Citra']])
    await shop.createUser(id, name);
  const group = await shop.createGroup('order_1', ['alice', 'budi'], 'Order #1');
  const users = { alice: await shop.as('alice'), budi: await shop.as('budi'), citra: await shop.as('citra') };
  return { server, shop, group, backend: shop.rest, ...users };
}

test('users', async (t) => {
  const { shop, backend, alice } = await shopOf(t);

  await t.test('upsert creates, then updates', async () => {
    const body =
        {external_id: 'dewi ☕', name: 'Dewi', avatar_url: 'https://shop.example/d.png', metadata: {a: [1]}};
    const made = await backend.post('/v1/users', body);
    assert.equal(made.status, 201);
    assert.match(made.body.id, UUID);
    assert.match(made.body.created_at, TIME);
    const { id, created_at, updated_at, ...rest } = made.body;
    assert.deepEqual(rest, body);
    const updated = await backend.post('/v1/users', { ...body, name: 'Dewi S.', avatar_url: null });
    assert.equal(updated.status, 200);
    assert.equal(updated.body.id, id);
    assert.equal(updated.body.name, 'Dewi S.');
    assert.equal(updated.body.avatar_url, null);
    assert.equal(updated.body.created_at, created_at);
    assert.ok(updated.body.updated_at >= updated_at);
  });

  await t.test('found by internal and by percent-encoded external id', async () => {
    const byName = await backend.expect(200, 'GET', `/v1/users/${encodeURIComponent('dewi ☕')}`);
    assert.deepEqual(await backend.expect(200, 'GET', `/v1/users/${byName.id}`), byName);
    assertError(await backend.get(`/v1/users/${NOBODY}`), 404, 'NOT_FOUND');
    assertError(await backend.get('/v1/users/nobody'), 404, 'NOT_FOUND');
  });

  await t.test('an external id equal to another user\'s internal id is a conflict', async () => {
    const { id } = await backend.expect(200, 'GET', '/v1/users/alice');
    assertError(await backend.post('/v1/users', { external_id: id, name: 'x' }), 409, 'CONFLICT');
  });

  await t.test('lists are paged', async () => {
    for (let i = 0; i < 12; ++i) await shop.createUser(`page ${i}`);
    const users = await allPages(backend, '/v1/users?limit=5', 'users');
    assert.equal(users.length, 16);
    assert.equal(new Set(users.map((user) => user.id)).size, 16);
    for (const limit of ['0', '101', '-1', 'x', '']) {
      assertError(await backend.get(`/v1/users?limit=${limit}`), 400, 'VALIDATION_ERROR');
    }
    assertError(await backend.get('/v1/users?cursor=nonsense'), 400, 'VALIDATION_ERROR');
  });

  await t.test('tokens contain the user', async () => {
    const byPath = await backend.expect(200, 'POST', '/v1/users/alice/tokens', { ttl_seconds: 60 });
    const byBody = await backend.expect(200, 'POST', '/v1/auth/token', { user_id: 'alice' });
    const claims = readToken(byPath.token);
    assert.equal(claims.iss, 'cariosan');
    assert.equal(claims.ext, 'alice');
    assert.equal(claims.ws, shop.id);
    assert.equal(claims.exp - claims.iat, 60);
    assert.equal(readToken(byBody.token).exp - readToken(byBody.token).iat, 24 * 3600);
    assert.match(byBody.expires_at, TIME);
    assertError(await backend.post('/v1/auth/token', { user_id: 'nobody' }), 404, 'NOT_FOUND');
    // Only the external id is accepted here.
    const { id } = await backend.expect(200, 'GET', '/v1/users/alice');
    assertError(await backend.post('/v1/auth/token', { user_id: id }), 404, 'NOT_FOUND');
    assertError(await backend.post('/v1/auth/token', {user_id: 'alice', ttl_seconds: 0}), 400, 'VALIDATION_ERROR');
  });

  await t.test('me', async () => {
    const me = await alice.expect(200, 'GET', '/v1/me');
    assert.equal((me.user ?? me).external_id, 'alice');
    assert.equal(me.unread_total, 0);
    assertError(await backend.get('/v1/me'), 403, 'FORBIDDEN');
    assertError(await alice.get('/v1/users'), 403, 'FORBIDDEN');
    assertError(await alice.post('/v1/users', { external_id: 'x', name: 'x' }), 403, 'FORBIDDEN');
  });
});

test('channels', async (t) => {
  const { group, backend, alice, budi, citra } = await shopOf(t);

  await t.test('a group is created once', async () => {
    assert.match(group.id, UUID);
    assert.equal(group.external_id, 'order_1');
    assert.equal(group.type, 'group');
    assert.equal(group.name, 'Order #1');
    assert.equal(group.member_count, 2);
    assert.equal(group.last_seq, 0);
    const again = await backend.post('/v1/channels', {
      type: 'group', external_id: 'order_1', name: 'Other', member_external_ids: ['citra'],
    });
    assert.equal(again.status, 200);
    assert.deepEqual(again.body, group);
    assertError(
        await backend.post('/v1/channels', {type: 'group', member_external_ids: []}), 400, 'VALIDATION_ERROR');
  });

  await t.test('a pair has one direct channel', async () => {
    const body = { type: 'direct', member_external_ids: ['alice', 'budi'] };
    const made = await backend.expect(201, 'POST', '/v1/channels', body);
    const again = await backend.post('/v1/channels', { ...body, member_external_ids: ['budi', 'alice'] });
    assert.equal(again.status, 200);
    assert.equal(again.body.id, made.id);
    for (const members of [['alice'], ['alice', 'alice'], ['alice', 'budi', 'citra'], []]) {
      const refused = await backend.post('/v1/channels', { type: 'direct', member_external_ids: members });
      assertError(refused, 400, 'VALIDATION_ERROR');
    }
    const third = await backend.post(`/v1/channels/${made.id}/members`, { external_ids: ['citra'] });
    assertError(third, 400, 'VALIDATION_ERROR');
  });

  await t.test('admins change the settings', async () => {
    const path = '/v1/channels/order_1';
    const changed = await alice.expect(200, 'PATCH', path, { name: 'Order #1 (new)', metadata: { paid: true } });
    assert.equal(changed.name, 'Order #1 (new)');
    assert.equal(changed.settings_rev, changed.rev);
    const same = await alice.expect(200, 'PATCH', path, { name: 'Order #1 (new)' });
    assert.equal(same.rev, changed.rev);
    assertError(await budi.patch(path, { name: 'Mine' }), 403, 'NOT_ADMIN');
    assertError(await citra.patch(path, { name: 'Mine' }), 403, 'NOT_A_MEMBER');
    assertError(await citra.get(path), 403, 'NOT_A_MEMBER');
    assert.deepEqual(await budi.expect(200, 'GET', path), await backend.expect(200, 'GET', path));
  });

  await t.test('members are added, changed and removed', async () => {
    const path = '/v1/channels/order_1/members';
    assertError(await budi.post(path, { external_ids: ['citra'] }), 403, 'NOT_ADMIN');
    const added = await alice.expect(200, 'POST', path, { external_ids: ['citra', 'budi'] });
    assert.deepEqual(added.members.map((member) => member.user.external_id).sort(), ['budi', 'citra']);
    const again = await alice.expect(200, 'POST', path, { external_ids: ['citra'] });
    assert.equal(again.rev, added.rev);
    const list = await citra.expect(200, 'GET', `${path}?limit=2`);
    assert.equal(list.members.length, 2);
    assert.equal(list.has_more, true);
    assert.equal(list.rev, added.rev);
    assert.equal(typeof list.epoch, 'string');
    assert.equal((await allPages(citra, `${path}?limit=2`, 'members')).length, 3);

    assertError(await alice.patch(`${path}/alice`, { role: 'member' }), 409, 'CONFLICT');
    assertError(await alice.delete('/v1/me/channels/order_1'), 409, 'CONFLICT');
    const promoted = await alice.expect(200, 'PATCH', `${path}/budi`, { role: 'admin' });
    assert.equal(promoted.members[0].role, 'admin');
    assert.equal((await alice.expect(200, 'PATCH', `${path}/budi`, { role: 'admin' })).rev, promoted.rev);
    await alice.expect(204, 'DELETE', '/v1/me/channels/order_1');
    assertError(await alice.get('/v1/channels/order_1'), 403, 'NOT_A_MEMBER');
    assert.equal((await budi.delete(`${path}/citra`)).status < 300, true);
    assertError(await budi.delete(`${path}/nobody`), 404, 'NOT_FOUND');
    assertError(await backend.post(path, { external_ids: ['nobody'] }), 404, 'NOT_FOUND');
    assert.equal((await backend.expect(200, 'GET', '/v1/channels/order_1')).member_count, 1);
  });

  await t.test('a deleted channel disappears', async () => {
    await backend.expect(204, 'DELETE', '/v1/channels/order_1');
    assertError(await backend.get('/v1/channels/order_1'), 404, 'NOT_FOUND');
    assertError(await budi.post('/v1/channels/order_1/messages', { content: 'x' }), 404, 'NOT_FOUND');
    assertError(await backend.delete('/v1/channels/order_1'), 404, 'NOT_FOUND');
  });
});

test('messages', async (t) => {
  const { group, backend, alice, budi, citra } = await shopOf(t);
  const path = '/v1/channels/order_1/messages';
  let first;

  await t.test('a message has all its fields', async () => {
    first = await alice.expect(
        201, 'POST', path, {content: 'Halo 👋', metadata: {kind: 'greeting'}, idempotency_key: 'k1'});
    assert.match(first.id, UUID);
    assert.match(first.created_at, TIME);
    assert.equal(first.channel_id, group.id);
    assert.equal(first.channel_external_id, 'order_1');
    assert.equal(first.seq, 1);
    assert.equal(first.rev, group.rev + 1);
    assert.equal(first.user.external_id, 'alice');
    assert.equal(first.type, 'text');
    assert.equal(first.content, 'Halo 👋');
    assert.deepEqual(first.metadata, { kind: 'greeting' });
    assert.deepEqual(first.reactions, []);
    assert.equal(first.idempotency_key, 'k1');
    for (const name of ['attachment_url', 'edited_at', 'deleted_at']) assert.equal(first[name], null);
    for (const name of ['parent_id', 'quoted_message', 'mentions']) assert.ok(!(name in first), name);
  });

  await t.test('a known key returns the first message, and another body is a conflict', async () => {
    const body = { content: 'Halo 👋', metadata: { kind: 'greeting' }, idempotency_key: 'k1' };
    const again = await alice.post(path, body);
    assert.equal(again.status, 200);
    assert.equal(again.body.id, first.id);
    assertError(await alice.post(path, { ...body, content: 'other' }), 409, 'CONFLICT');
    // A key belongs to its author and its channel.
    await budi.expect(201, 'POST', path, { content: 'other', idempotency_key: 'k1' });
  });

  await t.test('replies quote, and mentions name members', async () => {
    const { id: budiId } = await backend.expect(200, 'GET', '/v1/users/budi');
    const reply =
        await budi.expect(201, 'POST', path, {content: '@budi', parent_id: first.id, mentions: ['budi', budiId]});
    assert.equal(reply.parent_id, first.id);
    assert.equal(reply.quoted_message.content, 'Halo 👋');
    assert.equal(reply.quoted_message.user_name, 'Alice');
    assert.equal(reply.quoted_message.deleted, false);
    assert.deepEqual(reply.mentions, [{ user_id: budiId, external_id: 'budi', name: 'Budi' }]);
    assertError(await alice.post(path, { content: 'x', mentions: ['citra'] }), 400, 'VALIDATION_ERROR');
    const elsewhere = await backend.expect(201, 'POST', '/v1/channels', {
      type: 'group', external_id: 'order_2', member_external_ids: ['alice'],
    });
    const stray = await alice.post(`/v1/channels/${elsewhere.id}/messages`, { content: 'x', parent_id: first.id });
    assertError(stray, 400, 'VALIDATION_ERROR');
  });

  await t.test('only members write, and only the backend for others and as the system', async () => {
    assertError(await citra.post(path, { content: 'x' }), 403, 'NOT_A_MEMBER');
    assertError(await citra.get(path), 403, 'NOT_A_MEMBER');
    const system = await backend.expect(201, 'POST', path, { user: 'budi', type: 'system', content: 'Paid.' });
    assert.equal(system.type, 'system');
    assert.equal(system.user.external_id, 'budi');
    assertError(await alice.post(path, { type: 'system', content: 'x' }), 403, 'FORBIDDEN');
    assertError(await backend.post(path, { content: 'x' }), 400, 'VALIDATION_ERROR');
    const asOther = await alice.post(path, { content: 'x', user: 'budi' });
    assert.ok(asOther.status !== 201 || asOther.body.user.external_id === 'alice', asOther.text);
  });

  await t.test('history goes backwards, forwards and around', async () => {
    for (let i = 0; i < 30; ++i) await alice.expect(201, 'POST', path, { content: `m${i}` });
    const page = await budi.expect(200, 'GET', `${path}?limit=10`);
    assert.equal(page.messages.length, 10);
    assert.equal(page.has_more, true);
    assert.equal(page.messages[0].content, 'm29');
    assert.ok(!('idempotency_key' in page.messages[0]));
    const channel = await budi.expect(200, 'GET', '/v1/channels/order_1');
    assert.equal(page.rev, channel.rev);
    const seqs = (answer) => answer.messages.map((message) => message.seq);
    const oldest = page.messages.at(-1);
    const from = oldest.seq;
    const earlier = await budi.expect(200, 'GET', `${path}?limit=5&before=${oldest.id}`);
    assert.deepEqual(seqs(earlier), [1, 2, 3, 4, 5].map((n) => from - n));
    const later = await budi.expect(200, 'GET', `${path}?limit=3&after=${oldest.id}`);
    assert.deepEqual(seqs(later), [from + 3, from + 2, from + 1]);
    const around = await budi.expect(200, 'GET', `${path}?limit=5&around=seq:10`);
    assert.ok(seqs(around).includes(10));
    const all = await allPages(budi, `${path}?limit=7`, 'messages');
    assert.deepEqual(
        all.map((message) => message.seq), Array.from({length: channel.last_seq}, (_, i) => channel.last_seq - i));
    for (const bad
             of ['before=x', 'after=seq:', 'around=seq:-1', 'before=seq:1&after=seq:2', 'limit=101',
                 `before=${NOBODY}`]) {
      const refused = await budi.get(`${path}?${bad}`);
      assert.ok([400, 404].includes(refused.status), `${bad}: ${refused.text}`);
    }
  });

  await t.test('reading only moves the receipt forward', async () => {
    const item = async () => (await budi.expect(200, 'GET', '/v1/me/channels')).channels[0];
    const before = await item();
    assert.ok(before.unread_count > 0);
    assert.equal(before.last_message.content, 'm29');
    const { messages } = await budi.expect(200, 'GET', `${path}?limit=3`);
    const some = await budi.expect(200, 'POST', '/v1/channels/order_1/read', { message_id: messages[2].id });
    assert.equal(some.unread_count, 2);
    assert.ok(some.receipt_rev > before.receipt_rev);
    const back = await budi.expect(200, 'POST', '/v1/channels/order_1/read', { message_id: first.id });
    assert.equal(back.receipt.last_read_seq, messages[2].seq);
    assert.equal(back.receipt_rev, some.receipt_rev);
    const all = await budi.expect(200, 'POST', '/v1/channels/order_1/read', {});
    assert.equal(all.unread_count, 0);
    assert.equal((await item()).unread_count, 0);
    assert.equal((await budi.expect(200, 'GET', '/v1/me')).unread_total, 0);
    assertError(await citra.post('/v1/channels/order_1/read', {}), 403, 'NOT_A_MEMBER');
    assertError(await budi.post('/v1/channels/order_1/read', { message_id: NOBODY }), 404, 'NOT_FOUND');
  });

  await t.test('my channels show muting, ordered by last activity', async () => {
    const direct =
        await backend.expect(201, 'POST', '/v1/channels', {type: 'direct', member_external_ids: ['alice', 'budi']});
    await alice.expect(201, 'POST', `/v1/channels/${direct.id}/messages`, { content: 'psst' });
    const { channels } = await budi.expect(200, 'GET', '/v1/me/channels');
    assert.deepEqual(channels.map((item) => item.channel.id), [direct.id, group.id]);
    assert.equal(channels[0].unread_count, 1);
    const muted = await budi.expect(200, 'PATCH', `/v1/me/channels/${direct.id}`, { muted: true });
    assert.equal(muted.muted, true);
    assert.equal((await budi.expect(200, 'GET', '/v1/me')).unread_total, 0);
    assert.equal((await allPages(budi, '/v1/me/channels?limit=1', 'channels')).length, 2);
    const shown = await budi.expect(200, 'GET', '/v1/me/channels?members=1');
    assert.equal(shown.channels[1].members.length, 1);
    assertError(await budi.get('/v1/me/channels?members=21'), 400, 'VALIDATION_ERROR');
  });
});

test('a workspace', async (t) => {
  const { server, shop, backend, alice } = await shopOf(t);

  await t.test('has settings', async () => {
    const before = await backend.expect(200, 'GET', '/v1/workspace');
    assert.equal(before.name, 'Shop');
    assert.equal(before.read_receipts_enabled, true);
    assert.equal(before.edit_window_seconds, null);
    const after = await backend.expect(
        200, 'PATCH', '/v1/workspace', {read_receipts_enabled: false, edit_window_seconds: 900});
    assert.deepEqual([after.name, after.read_receipts_enabled, after.edit_window_seconds], ['Shop', false, 900]);
    const cleared = await backend.expect(200, 'PATCH', '/v1/workspace', { edit_window_seconds: null });
    assert.equal(cleared.edit_window_seconds, null);
    assertError(await alice.get('/v1/workspace'), 403, 'FORBIDDEN');
  });

  await t.test('is isolated from another one', async () => {
    const other = await server.createWorkspace('Other');
    await other.createUser('alice');
    const stranger = await other.as('alice');
    const { id } = await backend.expect(200, 'GET', '/v1/channels/order_1');
    for (const rest of [other.rest, stranger]) {
      for (const channel of [id, 'order_1']) {
        assertError(await rest.get(`/v1/channels/${channel}`), 404, 'NOT_FOUND');
        assertError(await rest.get(`/v1/channels/${channel}/messages`), 404, 'NOT_FOUND');
      }
    }
    assertError(await stranger.get(`/v1/channels/${id}/changes?since=0`), 404, 'NOT_FOUND');
    assert.equal((await allPages(other.rest, '/v1/users', 'users')).length, 1);
    assert.equal((await allPages(other.rest, '/v1/channels', 'channels')).length, 0);
    const mixed = new Rest(server.base, `Bearer ${shop.apiKey}:${other.apiSecret}`);
    assertError(await mixed.get('/v1/workspace'), 401, 'UNAUTHORIZED');
  });
});
