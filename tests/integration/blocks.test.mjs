// Blocks from outside: what a user who blocks is not shown, over REST and WebSocket, and what everybody else is.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { within } from './data.mjs';
import { assertError } from './rest.mjs';
import { TestServer } from './server.mjs';

/// Alice blocks Budi; Citra is a bystander.
async function shopOf(t) {
  const server = await TestServer.start(t, { env: { CARIOS_RATE_LIMITS: 'off' } });
  const shop = await server.createWorkspace();
  const users = {};
  for (const name of ['alice', 'budi', 'citra', 'dewi']) users[name] = await shop.createUser(name);
  const group = await shop.createGroup('g', ['alice', 'budi', 'citra']);
  const people = {};
  for (const name of Object.keys(users)) people[name] = await shop.as(name);
  return { server, shop, group, users, ...people };
}

const say = (rest, content, more = {}) =>
  rest.expect(201, 'POST', '/v1/channels/g/messages', { content, ...more });
const block = (rest, user) => rest.expect(200, 'PUT', `/v1/me/blocks/${user}`);
const unblock = (rest, user) => rest.expect(204, 'DELETE', `/v1/me/blocks/${user}`);
const contents = (list) => list.map((message) => message.content);
const history = async (rest, query = '') => {
  const page = await rest.expect(200, 'GET', `/v1/channels/g/messages${query}`);
  return { ...page, contents: contents(page.messages) };
};
const thumb = encodeURIComponent('👍');

/// A client that records every frame but pongs and unread counts.
async function connected(t, server, token) {
  const client = new Client(server, token, { reconnect: false });
  t.after(() => client.close());
  client.received = [];
  client.on('frame', (frame) => ['pong', 'unread', 'presence.update'].includes(frame.type) || client.received.push(frame));
  client.on('ready', (ready) => (client.blocksRev = ready.blocks_rev));
  const synced = once(client, 'synced');
  client.open();
  await within(synced, 'the first sync');
  client.received.length = 0;
  return client;
}

/// What the client received since the last call, once `count` frames (of these types, if any are given) have arrived, and
/// everything else that was on its way.
async function received(client, count, ...wanted) {
  const fits = (frame) => wanted.length === 0 || wanted.includes(frame.type);
  const have = () => client.received.filter(fits).length;
  const arrived = (async () => {
    while (have() < count) await client.nextFrame(() => true);
  })();
  await within(arrived, `${count} frames`);
  const pong = client.nextFrame((frame) => frame.type === 'pong');
  client.send('ping', {});
  await within(pong, 'the pong');
  return client.received.splice(0).filter(fits);
}
const types = (frames) => frames.map((frame) => frame.type);

test('unread counts follow blocks', async (t) => {
  const { server, shop, group, alice, budi, citra } = await shopOf(t);
  const other = await shop.createGroup('other', ['alice', 'budi']);
  const quiet = await shop.createGroup('quiet', ['alice', 'budi', 'citra']);
  const client = await connected(t, server, await shop.token('alice'));
  const updates = [];
  client.on('frame', (frame) => frame.type === 'unread' && updates.push(frame.data));
  const last = (channel) => updates.findLast((data) => data.channel_id === channel.id);
  const counts = async (inGroup, inOther, total) => {
    const fits = () => last(group)?.unread_count === inGroup && last(other)?.unread_count === inOther;
    const arrived = (async () => {
      while (!fits()) await client.nextFrame((frame) => frame.type === 'unread');
    })();
    await within(arrived, `unread counts ${inGroup} and ${inOther}`);
    assert.equal(updates.at(-1).unread_total, total);
    const channels = new Map((await alice.expect(200, 'GET', '/v1/me/channels')).channels.map((it) => [it.channel.id, it]));
    for (const channel of [group, other]) {
      const { unread_count, mention_count } = channels.get(channel.id);
      assert.deepEqual([unread_count, mention_count], [last(channel).unread_count, last(channel).mention_count]);
    }
  };
  await citra.expect(201, 'POST', '/v1/channels/quiet/messages', { content: 'of citra' });
  await say(citra, 'of citra');
  await say(budi, 'of budi', { mentions: ['alice'] });
  await budi.expect(201, 'POST', '/v1/channels/other/messages', { content: 'of budi' });
  await counts(2, 1, 4);
  assert.equal(last(group).mention_count, 1);
  updates.length = 0;
  await block(alice, 'budi');
  await counts(1, 0, 2);
  assert.equal(last(group).mention_count, 0);
  await unblock(alice, 'budi');
  await counts(2, 1, 4);
  // Unchanged counts are not sent.
  assert.equal(last(quiet), undefined);
});

test('REST: the list of blocks', async (t) => {
  const { server, shop, users, alice, budi } = await shopOf(t);
  const made = await block(alice, 'budi');
  assert.equal(made.user.id, users.budi.id);
  assert.equal(made.blocks_rev, 1);
  assert.deepEqual(await block(alice, users.budi.id), made);
  assert.equal((await block(alice, 'citra')).blocks_rev, 2);

  const first = await alice.expect(200, 'GET', '/v1/me/blocks?limit=1');
  assert.equal(first.blocks_rev, 2);
  assert.equal(first.has_more, true);
  assert.deepEqual(first.blocks, [{ user: made.user, created_at: made.created_at }]);
  const second = await alice.expect(200, 'GET', `/v1/me/blocks?limit=1&cursor=${first.next_cursor}`);
  assert.deepEqual(second.blocks.map((each) => each.user.external_id), ['citra']);
  assert.equal(second.next_cursor, null);
  assert.deepEqual((await budi.expect(200, 'GET', '/v1/me/blocks')).blocks, []);

  await unblock(alice, 'budi');
  await unblock(alice, 'budi');
  assert.equal((await alice.expect(200, 'GET', '/v1/me/blocks')).blocks_rev, 3);

  assertError(await alice.request('PUT', '/v1/me/blocks/alice'), 400, 'VALIDATION_ERROR');
  assertError(await alice.request('PUT', '/v1/me/blocks/nobody'), 404, 'NOT_FOUND');
  assertError(await shop.rest.request('PUT', '/v1/me/blocks/budi'), 403, 'FORBIDDEN');
  assertError(await shop.rest.request('GET', '/v1/me/blocks'), 403, 'FORBIDDEN');
  const elsewhere = await server.createWorkspace();
  const stranger = await elsewhere.createUser('stranger');
  for (const name of ['stranger', stranger.id]) {
    assertError(await alice.request('PUT', `/v1/me/blocks/${name}`), 404, 'NOT_FOUND');
    assertError(await alice.request('DELETE', `/v1/me/blocks/${name}`), 404, 'NOT_FOUND');
  }
});

test('REST: what a user who blocks is not shown', async (t) => {
  const { group, users, alice, budi, citra } = await shopOf(t);
  const before = await say(budi, 'secret one', { mentions: ['alice'] });
  const reply = await say(citra, 'to budi', { parent_id: before.id });
  await say(alice, 'of alice');
  for (let i = 0; i < 4; i += 1) await say(budi, `secret ${i}`, { mentions: ['alice'] });
  await citra.expect(200, 'PUT', `/v1/channels/g/messages/${reply.id}/reactions/${thumb}`);
  await budi.expect(200, 'PUT', `/v1/channels/g/messages/${reply.id}/reactions/${thumb}`);
  const everything = await history(alice);
  assert.equal(everything.messages.length, 7);
  await block(alice, 'budi');

  await t.test('history, in full pages', async () => {
    assert.deepEqual((await history(alice)).contents, ['of alice', 'to budi']);
    const page = await history(alice, '?limit=1');
    assert.deepEqual(page.contents, ['of alice']);
    assert.equal(page.has_more, true);
    const next = await history(alice, `?limit=1&cursor=${page.next_cursor}`);
    assert.deepEqual(next.contents, ['to budi']);
    assert.equal(next.has_more, false);
    assert.deepEqual((await history(alice, '?after=seq:0&limit=1')).contents, ['to budi']);
    assert.deepEqual((await history(alice, `?around=${before.id}`)).contents, ['of alice', 'to budi']);
    assert.deepEqual((await history(alice, '?after=seq:3')).contents, []);
  });

  await t.test('quotes, and counts of users who reacted', async () => {
    const [, quoting] = (await history(alice)).messages;
    assert.deepEqual(quoting.quoted_message, { id: before.id, hidden: true });
    assert.equal(quoting.parent_id, before.id);
    assert.deepEqual(quoting.reactions, [{ emoji: '👍', count: 2, reacted_by_me: false }]);
    const own = await say(alice, 'also to budi', { parent_id: before.id, idempotency_key: 'k1' });
    assert.deepEqual(own.quoted_message, { id: before.id, hidden: true });
    const again = await alice.expect(200, 'POST', '/v1/channels/g/messages',
        { content: 'also to budi', parent_id: before.id, idempotency_key: 'k1' });
    assert.deepEqual(again.quoted_message, { id: before.id, hidden: true });
    const edited = await alice.expect(200, 'PATCH', `/v1/channels/g/messages/${own.id}`, { content: 'again to budi' });
    assert.deepEqual(edited.quoted_message, { id: before.id, hidden: true });
    const shown = (await history(citra)).messages.find((message) => message.id === own.id);
    assert.equal(shown.quoted_message.content, 'secret one');
    const path = `/v1/channels/g/messages/${before.id}`;
    assertError(await alice.request('PUT', `${path}/reactions/${thumb}`), 404, 'NOT_FOUND');
    assertError(await alice.request('DELETE', `${path}/reactions/${thumb}`), 404, 'NOT_FOUND');
  });

  await t.test('my channels: last message, mentions, unread', async () => {
    await say(budi, 'secret again', { mentions: ['alice'] });
    const { channels: [mine] } = await alice.expect(200, 'GET', '/v1/me/channels');
    assert.equal(mine.last_message.content, 'again to budi');
    assert.equal(mine.mention_count, 0);
    assert.equal(mine.unread_count, 0);
    assert.equal((await alice.expect(200, 'GET', '/v1/me')).unread_total, 0);
    const { channels: [other] } = await citra.expect(200, 'GET', '/v1/me/channels');
    assert.equal(other.last_message.content, 'secret again');
    await say(citra, 'for alice', { mentions: ['alice'] });
    const read = await alice.expect(200, 'GET', '/v1/me/channels');
    assert.equal(read.channels[0].mention_count, 1);
  });

  await t.test('changes continue to their revision', async () => {
    const { epoch } = await history(alice);
    const changes = (since) =>
      alice.expect(200, 'GET', `/v1/channels/${group.id}/changes?since=${since}&epoch=${epoch}`);
    const all = await changes(1);
    assert.equal(all.messages.some((message) => message.user.id === users.budi.id), false);
    assert.equal(all.has_more, false);
    await say(budi, 'nothing to see');
    const last = await changes(all.rev);
    assert.deepEqual(last.messages, []);
    assert.equal(last.rev, all.rev + 1);
    const reset = await alice.expect(200, 'GET', `/v1/channels/${group.id}/changes?since=0&epoch=other`);
    assert.equal(reset.reset, true);
    assert.equal(reset.messages.some((message) => message.user.id === users.budi.id), false);
  });

  await t.test('search', async () => {
    const found = async (rest) => contents((await rest.expect(200, 'GET', '/v1/search?q=secret')).results.map((it) => it.message));
    while ((await found(citra)).length < 6) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(await found(alice), []);
  });

  await t.test('the blocked user and the others see everything', async () => {
    for (const rest of [budi, citra]) {
      const { messages } = await history(rest);
      assert.equal(messages.length, 11);
      assert.equal(messages.find((message) => message.id === reply.id).quoted_message.content, 'secret one');
    }
  });

  await t.test('after unblocking, everything is back', async () => {
    await unblock(alice, 'budi');
    const { messages, contents: all } = await history(alice);
    assert.equal(messages.length, 11);
    assert.ok(all.includes('secret one'));
    assert.equal(messages.find((message) => message.id === reply.id).quoted_message.content, 'secret one');
    const { channels: [mine] } = await alice.expect(200, 'GET', '/v1/me/channels');
    assert.equal(mine.last_message.content, 'nothing to see');
    assert.ok(mine.mention_count > 1);
    assert.notEqual((await alice.expect(200, 'GET', '/v1/search?q=secret')).results.length, 0);
  });
});

test('REST: a direct channel with a blocked user', async (t) => {
  const { shop, alice, budi } = await shopOf(t);
  const direct = await shop.rest.expect(201, 'POST', '/v1/channels', { type: 'direct', member_external_ids: ['alice', 'budi'] });
  const send = (rest, content) => rest.expect(201, 'POST', `/v1/channels/${direct.id}/messages`, { content });
  await send(budi, 'one');
  await send(alice, 'two');
  await send(budi, 'three');
  await block(alice, 'budi');
  const list = async (rest) => contents((await rest.expect(200, 'GET', `/v1/channels/${direct.id}/messages`)).messages);
  assert.deepEqual(await list(alice), ['two']);
  assert.deepEqual(await list(budi), ['three', 'two', 'one']);
});

test('WebSocket: live, for all three', async (t) => {
  const { server, shop, group, users, alice, budi, citra } = await shopOf(t);
  const clients = {};
  for (const name of ['alice', 'budi', 'citra']) clients[name] = await connected(t, server, await shop.token(name));
  const tablet = await connected(t, server, await shop.token('alice'));
  const { alice: a, budi: b, citra: c } = clients;
  assert.equal(a.blocksRev, 0);

  await t.test('block.updated only goes to the user\'s own connections', async () => {
    await block(alice, 'budi');
    for (const client of [a, tablet]) {
      assert.deepEqual(await received(client, 1), [
        { type: 'block.updated', data: { user_id: users.budi.id, blocked: true, blocks_rev: 1 } }]);
    }
    assert.deepEqual([...await received(b, 0), ...await received(c, 0)], []);
  });

  await t.test('messages become channel.rev', async () => {
    const sent = await b.sendMessage('g', 'secret', { mentions: ['alice', 'citra'] });
    await budi.expect(200, 'PATCH', `/v1/channels/g/messages/${sent.id}`, { content: 'secret!' });
    await citra.expect(200, 'PUT', `/v1/channels/g/messages/${sent.id}/reactions/${thumb}`);
    await budi.expect(200, 'DELETE', `/v1/channels/g/messages/${sent.id}`);
    for (const client of [a, tablet]) {
      const frames = await received(client, 4);
      assert.deepEqual(frames, [0, 1, 2, 3].map((i) => (
        { type: 'channel.rev', data: { channel_id: group.id, rev: sent.rev + i } })));
    }
    const seen = types(await received(c, 5));
    assert.deepEqual(seen.filter((type) => type !== 'mention'),
        ['message.created', 'message.updated', 'reaction.added', 'message.deleted']);
    assert.ok(seen.includes('mention'));
    await received(b, 4);
  });

  await t.test('quotes are hidden, even from the author', async () => {
    const original = await say(budi, 'to be quoted');
    for (const client of [a, b, c]) await received(client, 1);
    const byCitra = await say(citra, 'quoting', { parent_id: original.id });
    const [frame] = await received(a, 1, 'message.created');
    assert.deepEqual(frame.data.message.quoted_message, { id: original.id, hidden: true });
    assert.equal(frame.data.message.content, 'quoting');
    for (const client of [b, c]) {
      const [shown] = await received(client, 1, 'message.created');
      assert.equal(shown.data.message.quoted_message.content, 'to be quoted');
    }
    await citra.expect(200, 'PATCH', `/v1/channels/g/messages/${byCitra.id}`, { content: 'still quoting' });
    const [update] = await received(a, 1, 'message.updated');
    assert.deepEqual(update.data.message.quoted_message, { id: original.id, hidden: true });
    const own = await a.sendMessage('g', 'of mine', { parent_id: original.id });
    const [mine] = await received(a, 1, 'message.created');
    assert.deepEqual(mine.data.message.quoted_message, { id: original.id, hidden: true });
    assert.equal(mine.data.message.idempotency_key, own.idempotency_key);
    assert.deepEqual(own.quoted_message, { id: original.id, hidden: true });
    const created = (await received(b, 2)).at(-1);
    assert.equal(created.data.message.quoted_message.content, 'to be quoted');
  });

  await t.test('reactions have no name', async () => {
    const message = await say(citra, 'react');
    const created = (client) => client.received.some((frame) => frame.data.message?.id === message.id);
    for (const client of [a, b, c]) {
      while (!created(client)) await within(client.nextFrame(() => true), 'the message');
      client.received.length = 0;
    }
    const path = `/v1/channels/g/messages/${message.id}/reactions/${thumb}`;
    await budi.expect(200, 'PUT', path);
    await budi.expect(200, 'DELETE', path);
    await citra.expect(200, 'PUT', path);
    assert.deepEqual((await received(a, 3)).map((frame) => [frame.type, frame.data.user_id, frame.data.reactions]), [
      ['reaction.added', null, [{ emoji: '👍', count: 1 }]],
      ['reaction.removed', null, []],
      ['reaction.added', users.citra.id, [{ emoji: '👍', count: 1 }]],
    ]);
    assert.deepEqual((await received(c, 3)).map((frame) => frame.data.user_id), [users.budi.id, users.budi.id, users.citra.id]);
  });

  await t.test('typing is hidden in both directions', async () => {
    await received(b, 3);
    b.send('typing.start', { channel: 'g' });
    a.send('typing.start', { channel: 'g' });
    const seen = await received(c, 2);
    assert.deepEqual(seen.map((frame) => frame.data.user_id).sort(), [users.alice.id, users.budi.id].sort());
    c.send('typing.start', { channel: 'g' });
    for (const client of [a, b]) {
      const frames = await received(client, 1);
      assert.deepEqual(frames.map((frame) => [frame.type, frame.data.user_id]), [['typing.start', users.citra.id]]);
    }
    for (const client of [a, b, c]) client.send('typing.stop', { channel: 'g' });
    assert.deepEqual(types(await received(c, 2)), ['typing.stop', 'typing.stop']);
    for (const client of [a, b]) assert.deepEqual(types(await received(client, 1)), ['typing.stop']);
  });

  await t.test('a new connection gets the list\'s revision, and a sync without blocked messages', async () => {
    const phone = await connected(t, server, await shop.token('alice'));
    assert.equal(phone.blocksRev, 1);
    await phone.loadHistory(group.id);
    assert.equal(phone.channel(group.id).list().some((message) => message.user.id === users.budi.id), false);
    await say(budi, 'after the greeting');
    assert.deepEqual(types(await received(phone, 1)), ['channel.rev']);
    await phone.close();
    for (const client of [a, b, c]) await received(client, 1);
    while (tablet.channel(group.id).rev < a.channel(group.id).rev) await within(tablet.nextFrame(() => true), 'the tablet');
    await received(tablet, 0);
  });

  await t.test('after unblocking, messages arrive again', async () => {
    await unblock(alice, 'budi');
    await say(budi, 'hello again');
    for (const client of [a, tablet]) {
      assert.deepEqual(types(await received(client, 2)), ['block.updated', 'message.created']);
    }
    for (const client of [b, c]) assert.deepEqual(types(await received(client, 1)), ['message.created']);
  });

  for (const client of [a, b, c, tablet]) assert.deepEqual(client.violations, []);
});

test('WebSocket: a block in the middle of a conversation', async (t) => {
  const { server, shop, group, users, alice } = await shopOf(t);
  const a = await connected(t, server, await shop.token('alice'));
  const b = await connected(t, server, await shop.token('budi'));
  const c = await connected(t, server, await shop.token('citra'));
  const sends = [];
  for (let i = 0; i < 150; i += 1) {
    sends.push(b.sendMessage('g', `secret ${i}`), c.sendMessage('g', `open ${i}`));
    if (i % 30 === 10) await block(alice, 'budi');
    if (i % 30 === 25) await unblock(alice, 'budi');
    if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(sends);
  let blocked = false;
  let revs = 0;
  for (const { type, data } of await received(a, 310)) {
    if (type === 'block.updated') blocked = data.blocked;
    if (type === 'channel.rev') assert.ok(blocked, 'only who is blocked is withheld');
    if (type === 'message.created') assert.ok(!blocked || data.message.user.id !== users.budi.id, 'a message of a blocked user');
    if (data.rev) revs += 1;
  }
  assert.equal(revs, 300);
  assert.equal((await received(c, 300, 'message.created')).length, 300);
  for (const client of [a, b, c]) assert.deepEqual(client.violations, []);
  assert.equal(a.channel(group.id).rev, c.channel(group.id).rev);
});

test('WebSocket: a block during a sync', async (t) => {
  const { server, shop, group, users, alice, budi } = await shopOf(t);
  for (let i = 0; i < 120; i += 1) await say(budi, `${i} ${'x'.repeat(4000)}`);
  const a = new Client(server, await shop.token('alice'), { reconnect: false });
  t.after(() => a.close());
  let blocking = false;
  const late = [];
  a.on('frame', ({ type, data }) => {
    if (type === 'block.updated') blocking = data.blocked;
    const last = data.last_message ? [data.last_message] : [];
    const messages = type === 'channel.sync' ? data.messages ?? last : [];
    if (blocking && messages.some((message) => message.user.id === users.budi.id)) late.push(type);
  });
  await within(new Promise((resolve) => a.once('synced', resolve) && a.open()), 'the first sync');
  for (let round = 0; round < 20; round += 1) {
    const updated = a.nextFrame(({ type, data }) => type === 'block.updated' && data.blocked);
    const done = a.nextFrame(({ type, id, data }) => type === 'sync.done' && (id ?? data.id) === `s${round}`);
    const channels = { [group.id]: [1, 0] };
    a.send('sync', { epoch: a.epoch, channels, complete: false }, `s${round}`);
    await new Promise((resolve) => setTimeout(resolve, round % 5));
    await block(alice, 'budi');
    await within(Promise.all([updated, done]), 'both');
    await unblock(alice, 'budi');
    await within((async () => {
      while (blocking) await a.nextFrame(() => true);
    })(), 'the end of the block');
  }
  assert.deepEqual(late, []);
});
