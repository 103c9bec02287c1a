// Resuming: `changes`, `sync`, reset, epochs, and live events withheld while a client catches up.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { ChannelState } from './channel_state.mjs';
import { Client } from './client.mjs';
import { forEachAtOnce, within } from './data.mjs';
import { assertError } from './rest.mjs';
import { TestServer } from './server.mjs';

async function shopOf(t, { groups = 1 } = {}) {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  for (const name of ['alice', 'budi', 'citra']) await shop.createUser(name);
  const made = [];
  for (let i = 1; i <= groups; ++i) made.push(await shop.createGroup(`g${i}`, ['alice', 'budi']));
  return { server, shop, group: made[0], groups: made, alice: await shop.as('alice'), budi: await shop.as('budi') };
}

const say = (rest, channel, content) => rest.expect(201, 'POST', `/v1/channels/${channel}/messages`, { content });

/// A connected client that has synchronised.
async function connected(t, server, token, options = {}) {
  const client = new Client(server, token, { reconnect: false, ...options });
  t.after(() => client.close());
  const synced = once(client, 'synced');
  client.open();
  await within(synced, 'the first sync');
  return client;
}

/// Everything on one connection after a `sync` frame: its ack, the pages, and `sync.done`.
async function syncBy(client, data) {
  const frames = [];
  const collect = (frame) => frames.push(frame);
  client.on('frame', collect);
  const done = client.nextFrame((frame) => frame.type === 'sync.done');
  const id = client.send('sync', data, 's1');
  await within(done, 'sync.done');
  client.off('frame', collect);
  assert.ok(frames.some((frame) => frame.type === 'ack' && frame.id === id));
  const last = frames.at(-1);
  assert.equal(last.type, 'sync.done');
  assert.equal(last.data.id, 's1');
  assert.equal(typeof last.data.unread_total, 'number');
  return frames.filter((frame) => frame.type === 'channel.sync').map((frame) => frame.data);
}

test('changes', async (t) => {
  const { shop, group, alice, budi } = await shopOf(t);
  const path = `/v1/channels/${group.id}/changes`;
  for (let i = 1; i <= 250; ++i) await say(alice, 'g1', `m${i}`);
  const { epoch } = await alice.expect(200, 'GET', `/v1/channels/${group.id}/messages?limit=1`);

  await t.test('pages from any revision to the current state', async () => {
    for (const since of [0, 1, 100, 251]) {
      const state = new ChannelState(group.id);
      state.rev = since;
      let body;
      let pages = 0;
      do {
        body = await budi.expect(
            200, 'GET', `${path}?since=${state.rev}&receipts_since=${state.receiptRev}&epoch=${epoch}`);
        assert.equal(body.since, state.rev);
        assert.equal(body.reset, false);
        assert.equal(body.epoch, epoch);
        assert.ok(body.rev > state.rev || !body.has_more);
        state.applyChanges(body);
        pages += 1;
      } while (body.has_more);
      assert.equal(state.rev, group.rev + 250);
      assert.deepEqual(
          state.list().map((message) => message.rev), state.list().map((message) => message.seq + group.rev));
      assert.equal(state.messages.size, Math.min(250, group.rev + 250 - since));
      assert.equal(body.unread_count, 250);
      if (since === 0) assert.ok(pages >= 3 && state.members.size === 2 && state.settings.id === group.id);
      else assert.ok(since >= group.rev ? state.members.size === 0 : true);
    }
  });

  await t.test('applying it twice is harmless', async () => {
    const state = new ChannelState(group.id);
    const body = await budi.expect(200, 'GET', `${path}?since=0&epoch=${epoch}`);
    state.applyChanges(body);
    const once_ = JSON.stringify(state.list());
    state.applyChanges(body);
    assert.equal(JSON.stringify(state.list()), once_);
  });

  await t.test('reading alone moves receipts', async () => {
    const before = await budi.expect(200, 'GET', `${path}?since=${group.rev + 250}&epoch=${epoch}`);
    assert.deepEqual([before.messages, before.members], [[], []]);
    const read = await budi.expect(200, 'POST', `/v1/channels/${group.id}/read`, {});
    const after = await budi.expect(
        200, 'GET', `${path}?since=${before.rev}&receipts_since=${before.receipt_rev}&epoch=${epoch}`);
    assert.equal(after.rev, before.rev);
    assert.equal(after.receipt_rev, read.receipt_rev);
    assert.equal(after.receipts.length, 1);
    assert.equal(after.receipts[0].last_read_seq, 250);
    assert.equal(after.unread_count, 0);
  });

  await t.test('resets if revisions are meaningless', async () => {
    const present = await budi.expect(200, 'GET', `${path}?since=0`);
    assert.equal(present.reset, false, 'since=0 needs no epoch');
    for (const query
             of [`since=1&epoch=other`, 'since=1', `since=99999&epoch=${epoch}`,
                 `since=1&receipts_since=999&epoch=${epoch}`]) {
      const body = await budi.expect(200, 'GET', `${path}?${query}`);
      assert.equal(body.reset, true, query);
      assert.equal(body.channel.id, group.id);
      assert.equal(body.rev, group.rev + 250);
      assert.equal(body.messages.at(-1).seq === 250 || body.messages[0].seq === 250, true);
    }
    for (let i = 0; i < 800; ++i) await say(alice, 'g1', 'more');
    const far = await budi.expect(200, 'GET', `${path}?since=2&epoch=${epoch}`);
    assert.equal(far.reset, true, 'over a thousand changes');
    assert.equal(far.rev, group.rev + 1050);
  });

  await t.test('only accepts internal ids, integers and members', async () => {
    assertError(await budi.get('/v1/channels/g1/changes?since=0'), 400, 'VALIDATION_ERROR');
    for (const since of ['-1', 'x', '1.5', '9223372036854775808']) {
      assertError(await budi.get(`${path}?since=${since}&epoch=${epoch}`), 400, 'VALIDATION_ERROR');
    }
    const citra = await shop.as('citra');
    assertError(await citra.get(`${path}?since=0`), 403, 'NOT_A_MEMBER');
  });
});

test('sync', async (t) => {
  const { server, shop, groups, alice, budi } = await shopOf(t, { groups: 3 });
  const [one, two, three] = groups;
  await say(alice, 'g1', 'first');
  const client = await connected(t, server, await shop.token('budi'));

  await t.test('an empty complete sync returns summaries', async () => {
    const pages = await syncBy(client, { epoch: client.epoch, channels: {}, complete: true });
    assert.equal(pages.length, 3);
    for (const page of pages) assert.equal(page.summary, true);
    const first = pages.find((page) => page.channel.id === one.id);
    assert.equal(first.unread_count, 1);
    assert.equal(first.last_message.content, 'first');
    assert.equal(first.rev, one.rev + 1);
  });

  await t.test('only returns what changed, and reports channels that were left', async () => {
    await shop.rest.delete('/v1/channels/g3/members/budi');
    const pages = await syncBy(client, {
      epoch: client.epoch,
      channels: { [one.id]: [one.rev, 0], [two.id]: [two.rev, 0], [three.id]: [three.rev, 0] },
      complete: true,
    });
    assert.deepEqual(pages.find((page) => page.channel_id === three.id), { channel_id: three.id, left: true });
    const moved = pages.filter((page) => page.channel_id === one.id);
    assert.deepEqual(moved.flatMap((page) => page.messages.map((message) => message.content)), ['first']);
    assert.ok(!pages.some((page) => page.channel_id === two.id));
  });

  await t.test('another epoch resets', async () => {
    const pages = await syncBy(client, { epoch: 'another', channels: { [one.id]: [1, 0] }, complete: false });
    assert.deepEqual(pages.map((page) => page.reset), [true]);
    assert.equal(pages[0].epoch, client.epoch);
  });

  await t.test('an invalid sync is refused', async () => {
    const bad = [
      {channels: {x: [0, 0]}},
      {channels: {[one.id]: [0]}},
      {channels: {[one.id]: ['0', 0]}},
      {channels: {[one.id]: [-1, 0]}},
      {channels: [one.id]},
      {
        channels: Object.fromEntries(
            Array.from({length: 501}, (_, i) => [`01890000-0000-7000-8000-${String(i).padStart(12, '0')}`, [0, 0]]))
      },
    ];
    for (const data of bad) {
      const answer = await within(client.ask('sync', {epoch: client.epoch, complete: true, ...data}), 'an answer');
      assert.equal(answer.type, 'error', JSON.stringify(data).slice(0, 60));
      assert.equal(answer.data.code, 'VALIDATION_ERROR');
    }
  });

  await t.test('live events of a listed channel wait for its last page, others do not', async () => {
    for (let i = 0; i < 400; ++i) await say(alice, 'g1', `old ${i} ${'.'.repeat(2000)}`);
    await within(client.until(() => client.channel(one.id).rev >= one.rev + 401), 'the old messages');
    // From the ack on: before it, the server has not accepted the request.
    let order = null;
    const collect = ({ type, id, data }) => {
      if (type === 'ack' && id === 's2') order = [];
      else if (data?.channel_id === one.id && data.rev !== undefined) order?.push([type, data.since ?? data.rev - 1, data.rev]);
    };
    client.on('frame', collect);
    const done = client.nextFrame((frame) => frame.type === 'sync.done');
    client.send('sync', { epoch: client.epoch, channels: { [one.id]: [one.rev, 0] }, complete: false }, 's2');
    // Others send during the sync.
    await Promise.all([
      ...Array.from({ length: 50 }, (_, i) => say(alice, 'g1', `new ${i}`)),
      ...Array.from({ length: 5 }, (_, i) => say(alice, 'g2', `other ${i}`)),
    ]);
    await within(done, 'sync.done');
    const last = one.rev + 451;
    await within(client.until(() => client.channel(one.id).rev >= last), 'all events');
    client.off('frame', collect);
    // From outside this is one gapless chain, whether pages or live events.
    let reached = one.rev;
    for (const [type, since, rev] of order) {
      assert.ok(since <= reached && rev > reached, `${type} from ${since} to ${rev} after ${reached}`);
      reached = rev;
    }
    assert.equal(reached, last);
    assert.ok(order.filter(([type]) => type === 'channel.sync').length >= 4);
  });
  await budi.expect(200, 'GET', '/v1/me');
});

test('a client that was away ends up with the same state as one that stayed', async (t) => {
  const { server, shop, group } = await shopOf(t);
  const stays = await connected(t, server, await shop.token('alice'), { reconnect: true });
  const goes = await connected(t, server, await shop.token('budi'), { reconnect: true });
  let sent = 0;
  for (let round = 0; round < 8; ++round) {
    goes.drop();
    await within(Promise.all(Array.from({ length: 40 }, () => stays.sendMessage('g1', `m${++sent}`))), 'acks');
    // The client that stayed may get the last events after the returning one was synchronised.
    for (const client of [goes, stays]) {
      await within(client.until(() => client.channels.get(group.id)?.rev === group.rev + sent), 'the rest');
    }
  }
  assert.ok(goes.resumes >= 8);
  const contents = (client) => client.channel(group.id).list().map((message) => message.content);
  const expected = Array.from({ length: sent }, (_, i) => `m${i + 1}`);
  await stays.loadHistory(group.id);
  await goes.loadHistory(group.id);
  assert.deepEqual(contents(stays), expected);
  assert.deepEqual(contents(goes), expected);
  assert.deepEqual([...stays.violations, ...goes.violations], []);
});

test('a client too slow for its events is closed with 4008, and misses nothing', async (t) => {
  const server = await TestServer.start(t, { env: { CARIOS_WS_MAX_BACKLOG_BYTES: '262144' } });
  const shop = await server.createWorkspace();
  for (const name of ['alice', 'budi']) await shop.createUser(name);
  const group = await shop.createGroup('g1', ['alice', 'budi']);
  const fast = await connected(t, server, await shop.token('alice'), { reconnect: true });
  const slow = await connected(t, server, await shop.token('budi'), { reconnect: true });
  const slowSessions = async () => {
    const { text } = await server.open.get('/metrics');
    return Number(/^cariosan_\w*slow\w* (\d+)/m.exec(text)[1]);
  };
  const closed = once(slow, 'closed');
  slow.pause();
  // Until the buffers of both kernels are full, and then the server's own.
  let sent = 0;
  while ((await slowSessions()) === 0) {
    sent += 64;
    assert.ok(sent < 20_000, 'nothing was ever full');
    await within(Promise.all(Array.from({ length: 64 }, () => fast.sendMessage('g1', 'x'.repeat(8000)))), 'acks');
  }
  slow.resume();
  const [code] = await within(closed, 'the close');
  assert.equal(code, 4008);
  for (let i = 0; i < 5; ++i) await fast.sendMessage('g1', `last ${i}`);
  sent += 5;
  await within(slow.until(() => slow.synced && slow.channels.get(group.id)?.rev === group.rev + sent), 'the rest');
  await slow.loadHistory(group.id);
  assert.equal(slow.channel(group.id).messages.size, sent);
  assert.deepEqual([...fast.violations, ...slow.violations], []);
});

test('a user added later sees everything, and a removed one learns of it in any way of resuming', async (t) => {
  const { server, shop, group, alice } = await shopOf(t);
  await say(alice, 'g1', 'before');
  const citra = await connected(t, server, await shop.token('citra'), { reconnect: true });
  await shop.rest.expect(200, 'POST', '/v1/channels/g1/members', { external_ids: ['citra'] });
  await within(citra.until(() => citra.channels.get(group.id)?.messages.size === 1), 'the history by changes');
  assert.equal(citra.channel(group.id).list()[0].content, 'before');
  citra.drop();
  await shop.rest.delete('/v1/channels/g1/members/citra');
  await within(citra.until(() => citra.synced && !citra.channels.has(group.id)), 'that the channel is gone');
});

test('a new epoch makes clients read again', async (t) => {
  const { server, shop, group, alice } = await shopOf(t);
  for (let i = 0; i < 5; ++i) await say(alice, 'g1', `m${i}`);
  const client = await connected(t, server, await shop.token('budi'), { reconnect: true });
  await client.loadHistory(group.id);
  const before = client.epoch;
  const rotated = await server.cli('epoch', 'rotate');
  assert.equal(rotated.code, 0, rotated.stderr);
  const epoch = rotated.stdout.trim();
  assert.notEqual(epoch, before);
  // However connected clients learn of it, once the command is answered the new epoch applies.
  client.drop();
  await within(client.until(() => client.synced && client.epoch === epoch), 'the new epoch');
  assert.equal((await alice.expect(200, 'GET', '/v1/channels/g1/messages')).epoch, epoch);
  await within(
      client.until(() => client.channel(group.id).rev === group.rev + 5), 'the revisions of the new epoch');
  assert.equal(client.channel(group.id).messages.size, 5);
  await server.stop();
  await server.start();
  assert.equal((await alice.expect(200, 'GET', '/v1/channels/g1/messages')).epoch, epoch);
});

test('many channels are resumed with several sync frames', async (t) => {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  await shop.createUser('alice');
  const numbers = Array.from({ length: 520 }, (_, i) => i);
  await forEachAtOnce(numbers, 8, (i) => shop.createGroup(`g${i}`, ['alice']));
  const client = await connected(t, server, await shop.token('alice'), { reconnect: true });
  assert.equal(client.channels.size, 200, 'at most 200 summaries');
  for (const item of numbers) {
    const { id } = await shop.rest.expect(200, 'GET', `/v1/channels/g${item}`);
    client.channel(id);
  }
  client.drop();
  await within(once(client, 'synced'), 'the sync of all');
  assert.equal(client.channels.size, 520);
  assert.ok([...client.channels.values()].every((channel) => channel.rev > 0 && channel.settings));
});
