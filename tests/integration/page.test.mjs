// The chat client of the demo page (examples/server/page) without the page: two users, a whole conversation, and what a
// returning client learns. Its files do not depend on the DOM, so they run here unchanged.

import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { Channel, Pins, Upload, isAccepted, open, say, twoPeople, until } from './page_client.mjs';
import { S3Server } from './s3_server.mjs';
import { TestServer } from './server.mjs';

const reactionsOf = (message) => message.reactions.map((r) => `${r.emoji}${r.count}${r.reacted_by_me ? '*' : ''}`).join(' ');
const markOf = (client, message) => client.channel().receiptsOf(message).mark;

test('two people have the whole conversation', async (t) => {
  const { alice, budi } = await twoPeople(t);
  const first = await say(alice, 'Halo Budi');
  await until(() => budi.message(first.id), 'Halo Budi');

  await t.test('marks: delivered when it arrived, read when it was read', async () => {
    await until(() => markOf(alice, first) === 'delivered', 'delivered');
    budi.markRead(budi.channel().id);
    await until(() => markOf(alice, first) === 'read', 'read');
    assert.deepEqual(alice.channel().receiptsOf(first).readBy.map(({ name }) => name), ['Budi']);
    const second = await say(alice, 'Masih ada?');
    assert.notEqual(markOf(alice, second), 'read');
    await say(budi, 'Masih, Kak');
    await until(() => markOf(alice, second) === 'read', 'who answers has read');
  });

  await t.test('reactions: one each, replaced and removed', async () => {
    await budi.actions.react(budi.message(first.id), '👍');
    await until(() => reactionsOf(alice.message(first.id)) === '👍1', 'a reaction of another');
    await alice.actions.react(alice.message(first.id), '👍');
    await until(() => reactionsOf(budi.message(first.id)) === '👍2*', 'two of one');
    await budi.actions.react(budi.message(first.id), '🙏');
    await until(() => reactionsOf(alice.message(first.id)) === '👍1* 🙏1', 'replaced');
    await budi.actions.react(budi.message(first.id), '🙏');
    await until(() => reactionsOf(alice.message(first.id)) === '👍1*', 'taken back');
  });

  await t.test('edits and unsends reach the message and its quotes', async () => {
    const reply = await say(budi, 'Itu apa?', { parentId: first.id });
    await until(() => alice.message(reply.id), 'the reply');
    await alice.actions.edit(alice.message(first.id), 'Halo Kak Budi');
    await until(() => budi.message(first.id).content === 'Halo Kak Budi', 'the edit');
    for (const client of [alice, budi]) {
      await until(() => client.message(reply.id).quoted_message.content === 'Halo Kak Budi', 'the quote');
      assert.ok(client.message(first.id).edited_at);
      assert.match(reactionsOf(client.message(first.id)), /👍1/);
    }
    await assert.rejects(budi.actions.edit(budi.message(first.id), 'bukan punya saya'), { code: 'NOT_AUTHOR' });
    await alice.actions.unsend(alice.message(first.id));
    await until(() => budi.message(first.id).deleted_at, 'unsent');
    assert.equal(budi.message(first.id).content, '');
    for (const client of [alice, budi]) {
      await until(() => client.message(reply.id).quoted_message.deleted, 'the quote of what was unsent');
      assert.equal(client.message(reply.id).quoted_message.content, '');
    }
  });

  await t.test('a muted channel is marked', async () => {
    await budi.actions.setMuted(budi.channel().id, true);
    assert.equal(budi.channel().muted, true);
    await budi.actions.setMuted(budi.channel().id, false);
    assert.equal(budi.channel().muted, false);
  });
});

test('a returning client learns what it missed', async (t) => {
  const { server, alice, budi } = await twoPeople(t);
  const one = await say(alice, 'Satu');
  const two = await say(alice, 'Dua');
  const three = await say(budi, 'Tiga');
  await until(() => alice.message(three.id) && budi.message(two.id), 'three messages');
  budi.stop();
  await alice.actions.edit(alice.message(one.id), 'Satu!');
  await alice.actions.unsend(alice.message(two.id));
  await alice.actions.react(alice.message(three.id), '🎉');
  alice.markRead(alice.channel().id);
  const four = await say(alice, 'Empat');
  await assert.rejects(budi.actions.react(budi.message(one.id), '👍'), { code: 'LOST' });

  await server.kill();
  await server.start();
  alice.retryNow();
  await until(() => alice.state.name === 'live', 'alice again');
  budi.start();
  await until(() => budi.resumed.length === 1, 'budi again');
  const counts = { messages: 1, edits: 1, unsent: 1, reactions: 1, reads: 1 };
  assert.deepEqual(budi.resumed[0], counts);
  assert.equal(budi.message(one.id).content, 'Satu!');
  assert.ok(budi.message(two.id).deleted_at);
  assert.equal(reactionsOf(budi.message(three.id)), '🎉1');
  assert.ok(budi.message(four.id));

  budi.stop();
  budi.start();
  await until(() => budi.resumed.length === 2, 'budi once more');
  assert.deepEqual(Object.values(budi.resumed[1]), [0, 0, 0, 0, 0]);
});

test('the pinned messages are followed, also those that were pinned during a gap', async (t) => {
  const { shop, alice, budi } = await twoPeople(t);
  await shop.rest.expect(200, 'PATCH', '/v1/channels/order_1/members/alice', { role: 'admin' });
  const pins = new Pins(budi, () => {});
  const shown = () => pins.of(budi.channel()).map(({ content }) => content).join(' ');
  const [one, two] = [await say(alice, 'Satu'), await say(alice, 'Dua')];
  await until(() => budi.message(two.id), 'two messages');
  assert.equal(shown(), '');
  await alice.actions.pin(one, true);
  await until(() => shown() === 'Satu', 'a pin');
  await alice.actions.pin(two, true);
  await until(() => shown() === 'Dua Satu', 'the newest pin first');
  await alice.actions.edit(alice.message(one.id), 'Satu!');
  await until(() => shown() === 'Dua Satu!', 'a pinned message is edited');
  budi.stop();
  await alice.actions.pin(one, false);
  budi.start();
  await until(() => shown() === 'Dua', 'one that is pinned no more');
  await budi.actions.setBlocked(alice.me.id, true);
  await until(() => shown() === '', 'whoever is blocked');
  await budi.actions.setBlocked(alice.me.id, false);
  await until(() => shown() === 'Dua', 'whoever is blocked no more');
  await alice.actions.unsend(alice.message(two.id));
  await until(() => shown() === '', 'what was unsent');
  await assert.rejects(budi.actions.pin(budi.message(one.id), true), { code: 'NOT_ADMIN' });
});

test('a message far up is opened separately and joins the newest ones', async (t) => {
  const { server, shop, alice } = await twoPeople(t);
  for (let i = 1; i <= 160; ++i) {
    await shop.rest.expect(201, 'POST', '/v1/channels/order_1/messages', {
      user: 'budi', content: i === 40 ? 'nomor resi JNE123' : `baris ${i}`,
    });
  }
  const { id } = alice.channel();
  const again = await open(t, server, shop, 'alice', 'order_1');
  assert.equal(again.channel().list()[0].seq, 111);
  const [hit] = await until(async () => {
    const { results } = await again.actions.search('resi', { channelId: id });
    return results.length > 0 && results;
  }, 'a hit');
  assert.equal(await again.loadAround(id, hit.message.id), true);
  const seqs = () => again.channel().viewed().map(({ seq }) => seq);
  assert.deepEqual([seqs()[0], seqs().at(-1), seqs().length], [16, 65, 50]);
  assert.equal(again.channel().newest().seq, 160);

  // Changes there are applied, and new messages go to the end.
  const marked = hit.message.id;
  await shop.rest.expect(201, 'POST', '/v1/channels/order_1/messages', { user: 'budi', content: 'baris 161' });
  await alice.loadAround(id, marked);
  await alice.actions.react(alice.message(marked), '👀');
  await until(() => reactionsOf(again.message(marked)) === '👀1*', 'a reaction in the second window');
  await until(() => again.channel().newest().seq === 161, 'a new message');
  assert.equal(seqs().at(-1), 65);

  for (let pages = 0; again.channel().side && pages < 5; ++pages) await again.loadNewer(id);
  assert.deepEqual([seqs()[0], seqs().at(-1), seqs().length], [16, 161, 146]);
  await again.loadOlder(id);
  assert.equal(again.channel().reachedStart, true);
  assert.equal(seqs().length, 161);
  assert.equal(await again.loadAround(id, '01890000-0000-7000-8000-000000000000'), false);
});

test('presence is known, and updated', async (t) => {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  for (const id of ['alice', 'budi']) await shop.createUser(id);
  await shop.createGroup('order_1', ['alice', 'budi']);
  const alice = await open(t, server, shop, 'alice', 'order_1');
  const other = alice.channel().presentMembers().find(({ user }) => user.id !== alice.me.id).user;
  await until(() => alice.presence(other.id)?.status === 'offline', 'not there yet');
  await open(t, server, shop, 'budi', 'order_1');
  await until(() => alice.presence(other.id)?.status === 'online', 'there');
  alice.stop();
  assert.equal(alice.presence(other.id), undefined);
});

test('a blocked user disappears in every window, and comes back', async (t) => {
  const { server, shop, alice, budi } = await twoPeople(t);
  const one = await say(budi, 'Halo');
  await until(() => alice.message(one.id), 'Halo');
  const reply = await say(alice, 'Maaf', { parentId: one.id });
  const contents = (client) => client.channel().list().map(({ content }) => content);
  const second = await open(t, server, shop, 'alice', 'order_1');
  second.stop();

  await alice.actions.setBlocked(budi.me.id, true);
  await until(() => alice.hasBlocked(budi.me.id), 'the block');
  assert.deepEqual(contents(alice), ['Maaf']);
  assert.equal(alice.message(reply.id).quoted_message.hidden, true);
  await say(budi, 'Dengar?');
  const two = await say(budi, 'Halo?');
  second.start();
  await until(() => second.hasBlocked(budi.me.id), 'the block in a window that was away');
  assert.deepEqual(contents(second), ['Maaf']);

  // Hidden messages count as unread, and are read with the others.
  const third = await open(t, server, shop, 'alice', 'order_1');
  assert.deepEqual(contents(third), ['Maaf']);
  assert.equal(third.channel().unread, 2);
  third.markRead(third.channel().id);
  await until(() => third.channel().unread === 0, 'read to the end');

  second.stop();
  await alice.actions.setBlocked(budi.me.id, false);
  await until(() => alice.message(two.id), 'what was written meanwhile');
  assert.deepEqual(contents(alice), ['Halo', 'Maaf', 'Dengar?', 'Halo?']);
  assert.equal(alice.message(reply.id).quoted_message.content, 'Halo');
  second.start();
  await until(() => !second.hasBlocked(budi.me.id) && second.message(two.id), 'the window that was away');
  assert.deepEqual(contents(second), ['Halo', 'Maaf', 'Dengar?', 'Halo?']);
});

test('receipts only move forward, and hidden authors leave no trace', () => {
  const channel = new Channel('c', 'me');
  const message = (seq, userId, more = {}) => ({
    id: `m${seq}`, channel_id: 'c', seq, rev: seq, user: { id: userId, name: userId }, type: 'text', content: `text ${seq}`,
    reactions: [], created_at: '2026-01-01T00:00:00.000Z', edited_at: null, deleted_at: null, ...more,
  });
  channel.putSettings({ type: 'group', settings_rev: 1, member_count: 3 });
  for (const id of ['me', 'a', 'b']) channel.putMember({ user: { id, name: id }, rev: 0 });
  channel.applyPage({ messages: [message(2, 'me'), message(1, 'a')], has_more: false });
  assert.equal(channel.receiptsOf(channel.messages.get('m2')).mark, 'sent');
  channel.putReceiptEvent('receipt.delivered', { user_id: 'a', seq: 2 });
  assert.equal(channel.receiptsOf(channel.messages.get('m2')).mark, 'sent');
  channel.putReceiptEvent('receipt.read', { user_id: 'b', seq: 2 });
  assert.equal(channel.receiptsOf(channel.messages.get('m2')).mark, 'delivered');
  channel.putReceiptEvent('receipt.read', { user_id: 'b', seq: 1 });
  channel.putReceipt({ user_id: 'a', last_read_seq: 2, last_delivered_seq: 2 });
  assert.equal(channel.receiptsOf(channel.messages.get('m2')).mark, 'read');

  const quote = { id: 'm1', user_id: 'a', user_name: 'a', content: 'text 1', type: 'text', deleted: false };
  channel.putMessage(message(3, 'me', { parent_id: 'm1', quoted_message: quote }));
  channel.putMessage(message(4, 'a'));
  channel.hideAuthor('a');
  assert.deepEqual(channel.list().map(({ seq }) => seq), [2, 3]);
  assert.deepEqual(channel.messages.get('m3').quoted_message, { id: 'm1', hidden: true });
  assert.equal(channel.lastMessage.seq, 3);
  assert.equal(channel.lastSeq, 4);
});

/// As much of XMLHttpRequest as an upload needs, because Node has none. `instead` replaces sending.
class PutRequest {
  static instead = null;
  upload = {};
  #headers = {};
  open(method, url) {
    Object.assign(this, { method, url });
  }
  setRequestHeader(name, value) {
    this.#headers[name] = value;
  }
  async send(file) {
    if (PutRequest.instead) return PutRequest.instead();
    const body = Buffer.from(await file.arrayBuffer());
    const headers = { ...this.#headers, 'Content-Length': String(body.length) };
    const request = httpRequest(this.url, { method: this.method, headers });
    request.on('error', () => this.onerror());
    request.on('response', (response) => {
      this.status = response.statusCode;
      response.resume().on('end', () => this.onload());
    });
    request.end(body, () => this.upload.onprogress({ loaded: body.length, total: body.length }));
  }
  abort() {
    this.onabort();
  }
}

test('a picture is uploaded, sent and seen, and failures are reported', async (t) => {
  const store = await S3Server.start(t);
  const { server, alice, budi } = await twoPeople(t, store.variables);
  const picture = Object.assign(new Blob(['meow'], { type: 'image/png' }), { name: 'kucing.png' });
  const parts = [];
  const made = () => new Upload({ permit: (file) => alice.actions.permitUpload(file), onProgress: (part) => parts.push(part), Request: PutRequest });

  await t.test('it arrives', async () => {
    const attachment = await made().send(picture);
    assert.equal(attachment.type, 'image');
    assert.deepEqual(parts, [1]);
    alice.send(alice.channel().id, { content: '', attachment });
    const seen = await until(() => budi.channel().list().find((message) => message.attachment_url === attachment.url), 'the picture');
    assert.equal(seen.type, 'image');
    assert.equal(await (await fetch(seen.attachment_url)).text(), 'meow');
  });
  await t.test('a cancelled upload is discarded', async () => {
    const early = made();
    const ended = assert.rejects(early.send(picture), { code: 'CANCELLED' });
    early.cancel();
    await ended;
    const late = made();
    PutRequest.instead = () => late.cancel();
    t.after(() => (PutRequest.instead = null));
    await assert.rejects(late.send(picture), { code: 'CANCELLED' });
    PutRequest.instead = null;
    assert.equal(store.objects.size, 1);
  });
  await t.test('what the server or the store refuses', async () => {
    const page = new Blob(['<p>'], { type: 'text/html' });
    await assert.rejects(made().send(page), { code: 'VALIDATION_ERROR' });
    store.now = () => Date.now() + 3_600_000;
    await assert.rejects(made().send(picture), { code: 'UPLOAD_REFUSED' });
  });
  await t.test('the page may only connect to this store', async () => {
    const demo = await TestServer.start(t, { env: store.variables, args: ['--demo'] });
    const policy = (await fetch(`${demo.base()}/`)).headers.get('content-security-policy');
    assert.match(policy, new RegExp(`connect-src 'self' ${store.origin};`));
    assert.match(policy, new RegExp(`img-src 'self' https: data: ${store.origin};`));
  });
});

test('types are compared like on the server', () => {
  assert.ok(isAccepted(['image/png', 'audio/*'], 'AUDIO/ogg'));
  assert.ok(isAccepted(['IMAGE/png'], 'image/png'));
  for (const type of ['image/pngx', 'image/gif', 'audio', '']) assert.ok(!isAccepted(['image/png', 'audio/*'], type), type);
});

test('the demo tells the page what it may upload, to a bucket or without one', async (t) => {
  const store = await S3Server.start(t);
  const demoOf = async (env) => (await (await TestServer.start(t, { env, args: ['--demo'] })).open.get('/demo.json')).body;
  const { attachments } = await demoOf({ ...store.variables, CARIOS_ATTACHMENT_TYPES: 'image/*', CARIOS_MAX_ATTACHMENT_SIZE_BYTES: '7' });
  assert.deepEqual(attachments, { types: ['image/*'], max_bytes: 7 });
  assert.equal((await demoOf({})).attachments.max_bytes, 25 << 20);  // in a folder beside the database
});
