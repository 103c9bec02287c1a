// Deleting users and workspaces, and exporting a user's data, from outside.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { eventually, forEachAtOnce, within } from './data.mjs';
import { notOnPostgres } from './database.mjs';
import { allPages, assertError } from './rest.mjs';
import { TestServer } from './server.mjs';

async function connected(t, server, token) {
  const client = new Client(server, token, { reconnect: false });
  t.after(() => client.close());
  client.frames = [];
  client.on('frame', (frame) => client.frames.push(frame));
  const synced = once(client, 'synced');
  client.open();
  await within(synced, 'the first sync');
  return client;
}

async function shopOf(t, names = ['alice', 'budi', 'citra']) {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  const people = {};
  for (const name of names) people[name] = { ...(await shop.createUser(name)), rest: await shop.as(name) };
  return { server, shop, ...people };
}

const say = (rest, channel, content, more = {}) =>
  rest.expect(201, 'POST', `/v1/channels/${channel}/messages`, { content, ...more });
const closed = (client) => within(once(client, 'closed'), 'the end of a connection').then(([code]) => code);

const lines = (text) => text.trimEnd().split('\n').map((line) => JSON.parse(line));

test('a deleted user disappears at once, and others are notified in order', async (t) => {
  const { server, shop, alice, budi, citra } = await shopOf(t);
  const group = await shop.createGroup('g', ['alice', 'budi']);
  await shop.rest.expect(200, 'POST', '/v1/channels/g/members', { external_ids: ['citra'] });
  const direct = await shop.rest.expect(
      201, 'POST', '/v1/channels', { type: 'direct', member_external_ids: ['alice', 'budi'] });
  const first = await say(alice.rest, 'g', 'from alice');
  await say(budi.rest, 'g', 'to @alice', { mentions: ['alice'], parent_id: first.id });
  await say(alice.rest, direct.id, 'between us');
  const mine = await connected(t, server, await shop.token('alice'));
  const listener = await connected(t, server, await shop.token('budi'));
  const before = (await shop.rest.expect(200, 'GET', '/v1/channels/g')).rev;
  listener.frames.length = 0;

  const over = closed(mine);
  const token = await shop.token('alice');
  await shop.rest.expect(204, 'DELETE', '/v1/users/alice');
  for (const name of ['alice', alice.id]) {
    assertError(await shop.rest.get(`/v1/users/${name}`), 404, 'NOT_FOUND');
    assertError(await shop.rest.delete(`/v1/users/${name}`), 404, 'NOT_FOUND');
    assertError(await shop.rest.get(`/v1/users/${name}/export`), 404, 'NOT_FOUND');
  }
  assertError(await alice.rest.get('/v1/me'), 401, 'UNAUTHORIZED');
  assert.equal(await over, 4403);
  const late = new Client(server, token, { reconnect: false });
  late.open();
  await within(once(late, 'closed'), 'the refusal of a late connection');
  assert.equal(late.synced, false);
  assert.deepEqual((await allPages(shop.rest, '/v1/users', 'users')).map((user) => user.external_id), ['budi', 'citra']);

  await within(listener.until(() => listener.frames.filter(
      (frame) => frame.type === 'member.left').length === 2), 'the end of both memberships');
  const inGroup = listener.frames.filter((frame) => frame.data.channel_id === group.id && frame.data.rev);
  assert.deepEqual(inGroup.map((frame) => [frame.type, frame.data.rev]),
      [['member.updated', before + 1], ['member.left', before + 2]]);
  assert.equal(inGroup[0].data.members[0].user.external_id, 'budi');  // a member before citra
  assert.equal(inGroup[0].data.members[0].role, 'admin');
  assert.deepEqual(inGroup[1].data.members, [{ user_id: alice.id, left: true, rev: before + 2 }]);
  const gone = { id: alice.id, external_id: null, name: '', deleted: true };
  assert.deepEqual(listener.frames.find((frame) => frame.type === 'user.updated').data.user, gone);

  const { messages } = await citra.rest.expect(200, 'GET', '/v1/channels/g/messages');
  assert.deepEqual(messages[1].user, gone);
  assert.equal(messages[1].content, 'from alice');
  assert.deepEqual(messages[0].mentions, [{ user_id: alice.id, external_id: null, name: '' }]);
  assert.equal(messages[0].quoted_message.user_name, '');
  const { members } = await citra.rest.expect(200, 'GET', '/v1/channels/g/members');
  assert.deepEqual(members.map((member) => member.user.external_id).sort(), ['budi', 'citra']);

  await t.test('a direct channel stays, read-only', async () => {
    const { channels } = await budi.rest.expect(200, 'GET', '/v1/me/channels');
    assert.deepEqual(channels.find((item) => item.channel.id === direct.id).peer, gone);
    const page = await budi.rest.expect(200, 'GET', `/v1/channels/${direct.id}/messages`);
    assert.equal(page.messages[0].content, 'between us');
    const path = `/v1/channels/${direct.id}/messages`;
    assertError(await budi.rest.post(path, { content: 'are you there?' }), 403, 'FORBIDDEN');
    assertError(await budi.rest.post(`${path}/${page.messages[0].id}/reactions`, { emoji: '👍' }), 403, 'FORBIDDEN');
    const frame = await listener.ask('message.send', { channel: direct.id, content: 'hello?', idempotency_key: 'x' });
    assert.equal(frame.data.code, 'FORBIDDEN');
    await budi.rest.expect(200, 'POST', `/v1/channels/${direct.id}/read`, {});
  });

  await t.test('its external_id belongs to a new user', async () => {
    const again = await shop.createUser('alice', 'Another Alice');
    assert.notEqual(again.id, alice.id);
    const rest = await shop.as('alice');
    assert.deepEqual((await rest.expect(200, 'GET', '/v1/me/channels')).channels, []);
    assertError(await rest.get('/v1/channels/g'), 403, 'NOT_A_MEMBER');
    assertError(await alice.rest.get('/v1/me'), 401, 'UNAUTHORIZED');
    const { messages: after } = await citra.rest.expect(200, 'GET', '/v1/channels/g/messages');
    assert.deepEqual(after[1].user, gone);
  });

  await t.test('a repeated send that mentions it is recognised', async () => {
    const key = randomUUID();
    await shop.rest.expect(200, 'POST', '/v1/channels/g/members', { external_ids: ['alice'] });
    const body = { content: 'hi', mentions: ['alice'], idempotency_key: key };
    const sent = await budi.rest.expect(201, 'POST', '/v1/channels/g/messages', body);
    await shop.rest.expect(204, 'DELETE', '/v1/users/alice');
    const repeated = await budi.rest.expect(200, 'POST', '/v1/channels/g/messages', body);
    assert.equal(repeated.id, sent.id);
    const other = await budi.rest.post('/v1/channels/g/messages', { ...body, content: 'other' });
    assertError(other, 409, 'CONFLICT');
    assertError(await budi.rest.post('/v1/channels/g/messages', { content: 'x', mentions: ['alice'] }), 400,
        'VALIDATION_ERROR');
  });
  assert.deepEqual(listener.violations, []);
});

test('an erasure of 5,000 messages survives kill -9, and leaves nothing in the files', async (t) => {
  const { server, shop, alice, budi } = await shopOf(t);
  const MARK = 'xylophone';
  const channels = ['one', 'two'];
  for (const name of channels) await shop.createGroup(name, ['budi', 'alice']);
  const numbers = Array.from({ length: 5_000 }, (_, i) => i);
  await forEachAtOnce(numbers, 32, (i) => say(alice.rest, channels[i % 2], `${MARK} ${i}`));
  for (const name of channels) await say(budi.rest, name, 'kept');
  const left = async () => {
    let count = 0;
    for (const name of channels) {
      const messages = await allPages(budi.rest, `/v1/channels/${name}/messages?limit=100`, 'messages');
      assert.equal(messages.length, 2_501);
      assert.equal(messages[0].content, 'kept');
      for (const message of messages.slice(1)) {
        assert.equal(message.user.id, alice.id);
        assert.equal(message.content === '', message.deleted_at !== null);
        if (message.content !== '') count += 1;
      }
    }
    return count;
  };
  const search = async () => (await budi.rest.expect(200, 'GET', `/v1/search?q=${MARK}`)).results.length;
  await eventually(async () => (await search()) > 0, 'the search index');

  const witness = await connected(t, server, await shop.token('budi'));
  const begun = within(witness.nextFrame((frame) => frame.type === 'message.deleted'), 'the first erased message');
  await shop.rest.expect(204, 'DELETE', '/v1/users/alice?messages=erase');
  await begun;
  await server.kill();
  await server.start();
  // After the answer nothing can be read, however many are still to be blanked.
  assert.equal(await left(), 0);
  // Every message, the two joins, the end of the membership: each had one revision.
  const REV = 1 + 2_501 + 2_500 + 1;
  const revs = () => Promise.all(channels.map(async (name) => (await budi.rest.expect(200, 'GET', `/v1/channels/${name}`)).rev));
  t.diagnostic(`revisions after the first kill: ${await revs()} of ${REV}`);
  await eventually(async () => (await revs()).every((rev) => rev >= REV), 'the end of the erasure');
  for (const name of channels) {
    const { members } = await budi.rest.expect(200, 'GET', `/v1/channels/${name}/members`);
    assert.deepEqual(members.map((member) => [member.user.external_id, member.role]), [['budi', 'admin']]);
    assert.deepEqual(await revs(), [REV, REV]);
  }
  await eventually(async () => (await search()) === 0, 'the search index');

  // A stop writes the log back, which overwrites the text. What was not removed from the search index yet stays there until
  // it does; its segments are merged within minutes, or now by a new index.
  await eventually(async () => {
    await server.stop();
    const files = notOnPostgres ? [] : [server.database, `${server.database}-wal`].filter((path) => existsSync(path));
    if (files.every((path) => !readFileSync(path).includes(MARK))) return true;
    await server.start();
    await left();
    return false;
  }, 'the text leaving the files');
  await server.start();
  assert.equal(await left(), 0);
});

test('a client that was away learns of an erasure when it resumes', async (t) => {
  const { server, shop, alice, budi } = await shopOf(t);
  const group = await shop.createGroup('g', ['alice', 'budi']);
  for (let i = 0; i < 5; ++i) await say(alice.rest, 'g', `text ${i}`);
  const client = new Client(server, await shop.token('budi'));
  t.after(() => client.close());
  const synced = once(client, 'synced');
  client.open();
  await within(synced, 'the first sync');
  await client.sendMessage('g', 'mine');
  const back = once(client, 'synced');
  client.drop();
  await shop.rest.expect(204, 'DELETE', '/v1/users/alice?messages=erase');
  await within(back, 'the resume');
  const state = client.channel(group.id);
  const present = async () => (await budi.rest.expect(200, 'GET', '/v1/channels/g/messages')).messages;
  await eventually(async () => (await present()).filter((message) => message.deleted_at).length === 5, 'the erasure');
  const { rev } = await budi.rest.expect(200, 'GET', '/v1/channels/g');
  await within(client.until(() => state.rev === rev), 'the present revision');
  for (const message of (await present()).filter((each) => state.messages.has(each.id))) {
    assert.equal(state.messages.get(message.id).content, message.content);
  }
  assert.deepEqual(client.violations, []);
});

test('everything stored about a user can be exported', async (t) => {
  const { server, shop, alice, budi } = await shopOf(t);
  const group = await shop.createGroup('g', ['budi', 'alice']);
  await shop.createGroup('left', ['budi', 'alice']);
  await say(alice.rest, 'left', 'farewell');
  await alice.rest.expect(204, 'DELETE', '/v1/me/channels/left');
  await forEachAtOnce(Array.from({ length: 250 }, (_, i) => i), 16,
      (i) => say(alice.rest, 'g', `number ${i}`, { idempotency_key: `key-${i}` }));
  const theirs = await say(budi.rest, 'g', 'for @alice', { mentions: ['alice'] });
  await alice.rest.expect(200, 'POST', `/v1/channels/g/messages/${theirs.id}/reactions`, { emoji: '👍' });

  const answer = await shop.rest.get('/v1/users/alice/export');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'application/x-ndjson');
  assert.equal(answer.headers.get('content-length'), null);
  const records = lines(answer.text);
  const of = (kind) => records.filter((record) => record.kind === kind);
  assert.equal(records[0].kind, 'user');
  assert.equal(records[0].external_id, 'alice');
  assert.deepEqual(of('membership').map((each) => [each.channel_external_id, each.left]).sort(),
      [['g', false], ['left', true]]);
  assert.equal(of('membership').find((each) => !each.left).receipt.user_id, alice.id);
  assert.equal(of('message').length, 251);
  assert.ok(of('message').every((message) => message.user.id === alice.id));
  assert.equal(new Set(of('message').map((message) => message.idempotency_key)).size, 251);
  assert.deepEqual(of('reaction'), [{ kind: 'reaction', channel_id: group.id, message_id: theirs.id, emoji: '👍' }]);
  assert.deepEqual(of('mention'), [{ kind: 'mention', channel_id: group.id, message_id: theirs.id }]);

  const printed = await server.cli('export', '--workspace', shop.id, '--user', 'alice');
  assert.equal(printed.code, 0, printed.stderr);
  assert.deepEqual(lines(printed.stdout), records);
  assert.equal((await server.cli('export', '--workspace', shop.id, '--user', 'nobody')).code, 1);
  assertError(await alice.rest.get('/v1/users/alice/export'), 403, 'FORBIDDEN');
  const elsewhere = await server.createWorkspace('Elsewhere');
  assertError(await elsewhere.rest.get(`/v1/users/${alice.id}/export`), 404, 'NOT_FOUND');
});

test('deleting a workspace only ends its own connections and tokens', async (t) => {
  const { server, shop, alice } = await shopOf(t);
  const other = await server.createWorkspace('Other');
  await other.createUser('dewi');
  await shop.createGroup('g', ['alice', 'budi']);
  await say(alice.rest, 'g', 'hello');
  const doomed = [await connected(t, server, await shop.token('alice')), await connected(t, server, await shop.token('budi'))];
  const spared = await connected(t, server, await other.token('dewi'));
  const ends = doomed.map(closed);
  const removed = await server.cli('workspace', 'delete', '--workspace', shop.id, '--yes');
  assert.equal(removed.code, 0, removed.stderr);
  assert.deepEqual(await Promise.all(ends), [4403, 4403]);
  assertError(await alice.rest.get('/v1/me'), 401, 'UNAUTHORIZED');
  assert.ok([401, 404].includes((await shop.rest.get('/v1/users')).status));
  const pong = spared.nextFrame((frame) => frame.type === 'pong');
  spared.send('ping', {});
  await within(pong, 'the pong');
});
