// A channel with more than a thousand members, from outside: what is delivered together, what is not, and that
// nothing is lost.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { within } from './data.mjs';
import { TestServer } from './server.mjs';

const MEMBERS = 1001;

async function crowdOf(t) {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  const names = Array.from({ length: MEMBERS }, (_, i) => `u${i}`);
  for (let from = 0; from < MEMBERS; from += 100) {
    await Promise.all(names.slice(from, from + 100).map((name) => shop.createUser(name)));
  }
  await shop.createUser('late');
  const group = await shop.createGroup('crowd', ['u0']);
  for (let from = 1; from < MEMBERS; from += 100) {
    await shop.rest.expect(200, 'POST', '/v1/channels/crowd/members', { external_ids: names.slice(from, from + 100) });
  }
  return { server, shop, group };
}

async function connected(t, shop, name, options = {}) {
  const client = new Client(shop.server, await shop.token(name), { reconnect: false, ...options });
  client.typesSeen = [];
  client.on('frame', ({ type, data }) => {
    if (data?.rev !== undefined && type !== 'ack' && type !== 'channel.sync') client.typesSeen.push(type);
    if (type.startsWith('typing')) client.typesSeen.push(type);
  });
  t.after(() => client.close());
  const synced = once(client, 'synced');
  client.open();
  await within(synced, 'the first sync');
  return client;
}

const frame = (client, type) => within(client.nextFrame((it) => it.type === type), type);

test('reactions and members of a large channel are delivered together', async (t) => {
  const { shop, group } = await crowdOf(t);
  const alice = await connected(t, shop, 'u0');
  const budi = await connected(t, shop, 'u1', { reconnect: true });
  const late = await connected(t, shop, 'late');
  const message = await alice.sendMessage('crowd', 'hello');
  const react = (client, emoji) => client.ask('reaction.add', { channel: 'crowd', message_id: message.id, emoji });

  // The answer comes at once, the event together with the next one, even to its author.
  let arriving = [frame(alice, 'channel.events'), frame(budi, 'channel.events')];
  alice.send('typing.start', { channel: 'crowd' });
  const first = await react(alice, '👍');
  const second = await react(budi, '👍');
  assert.equal(second.data.rev, first.data.rev + 1);
  const events = (await arriving[0]).data;
  assert.deepEqual((await arriving[1]).data, events);
  assert.equal(events.since, first.data.rev - 1);
  assert.equal(events.rev, second.data.rev);
  assert.deepEqual(events.events.map(({ type, data }) => [type, data.rev]),
      [['reaction.added', first.data.rev], ['reaction.added', second.data.rev]]);

  // A message does not wait, and earlier events come before it.
  const order = [];
  budi.on('frame', ({ type }) => ['channel.events', 'message.created'].includes(type) && order.push(type));
  arriving = frame(budi, 'message.created');
  await react(budi, '🎉');
  await alice.sendMessage('crowd', 'again');
  await arriving;
  assert.deepEqual(order, ['channel.events', 'message.created']);

  // An added member gets their joining at once and then everything else; a removed one only gets their removal.
  arriving = [frame(late, 'member.joined'), frame(alice, 'channel.events')];
  const added = await shop.rest.expect(200, 'POST', '/v1/channels/crowd/members', { external_ids: ['late'] });
  assert.equal((await arriving[0]).data.rev, added.rev);
  await react(budi, '👍');
  await arriving[1];
  await within(late.until(() => late.channels.get(group.id)?.rev >= added.rev), 'the channel');
  arriving = [frame(late, 'member.left'), frame(alice, 'channel.events')];
  await react(alice, '🎉');
  const removed = await shop.rest.expect(200, 'DELETE', '/v1/channels/crowd/members/late');
  assert.equal((await arriving[0]).data.rev, removed.rev);
  await arriving[1];
  assert.equal(late.channels.has(group.id), false);

  // A client that is away meanwhile catches up, whatever is being held.
  const away = once(budi, 'closed');
  const back = once(budi, 'synced');
  await react(alice, '👍');
  budi.drop();
  await within(away, 'the loss of the connection');
  await react(alice, '🎉');
  await within(back, 'the resume');
  await react(alice, '👍');
  const last = await alice.sendMessage('crowd', 'last');
  const present = await (await shop.as('u1')).expect(200, 'GET', '/v1/channels/crowd/messages');
  for (const client of [alice, budi]) {
    const state = client.channel(group.id);
    await within(client.until(() => state.rev === present.rev), 'the present revision');
    assert.equal(state.messages.get(last.id).content, 'last');
    assert.deepEqual(client.violations, []);
  }
  const mine = present.messages.find(({ id }) => id === message.id);
  assert.deepEqual(budi.channel(group.id).messages.get(message.id).reactions, mine.reactions);
  assert.deepEqual(late.violations, []);
  for (const client of [alice, budi, late]) {
    const alone = client === late ? ['reaction.added', 'typing.start'] : ['reaction.added', 'member.joined', 'member.left', 'typing.start'];
    for (const type of alone) assert.ok(!client.typesSeen.includes(type), type);
  }
});
