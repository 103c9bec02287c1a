// A real conversation among fifty users, shared by the replay and the crash test.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Client } from './client.mjs';
import { forEachAtOnce, seededRandom, within } from './data.mjs';

export const USERS = 50;
const CHANNEL = 'replay';

/// The first `count` messages of a file of JSON lines; each author becomes one of fifty users by a hash of the name.
export async function readConversation(path, count) {
  const messages = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const { id, user, text, reply_to } = JSON.parse(line);
    const author = createHash('sha256').update(user).digest().readUInt32BE(0) % USERS;
    messages.push({ id, author, text, replyTo: reply_to });
    if (messages.length === count) break;
  }
  return messages;
}

/// The project's own conversation, for when the data is missing.
export function makeConversation(count, seed = 7) {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, id) => ({
    id,
    author: Math.floor(random() * USERS),
    text: `message ${id} ${'lorem ipsum '.repeat(Math.floor(random() * 8))}`,
    replyTo: id > 0 && random() < 0.5 ? Math.max(0, id - 1 - Math.floor(random() * 20)) : null,
  }));
}

/// Fifty connected members of one channel.
export class Cast {
  static async gather(t, server, seed) {
    const cast = new Cast();
    cast.random = seededRandom(seed);
    const shop = await server.createWorkspace('Replay');
    cast.shop = shop;
    const names = Array.from({ length: USERS }, (_, i) => `user${i}`);
    await forEachAtOnce(names, 8, (name) => shop.createUser(name));
    cast.channel = await shop.createGroup(CHANNEL, names);
    cast.clients = [];
    for (const name of names) {
      const client = new Client(server, await shop.token(name), { random: cast.random });
      t.after(() => client.close());
      cast.clients.push(client);
    }
    await Promise.all(cast.clients.map((client) => {
      const synced = once(client, 'synced');
      client.open();
      return within(synced, 'a first sync', 300_000);
    }));
    return cast;
  }

  /// Plays the conversation: authors send in turn, with at most `ahead` unacknowledged messages in all, and a reply waits
  /// until its parent is acknowledged. Returns the acknowledged messages in the order of the conversation. Calls
  /// `onProgress(n)` when message n is sent.
  async play(conversation, { ahead = 64, onProgress = () => {} } = {}) {
    const acknowledged = new Map(); // id in the conversation → promise of the message
    const underWay = new Set();
    for (const [index, { id, author, text, replyTo }] of conversation.entries()) {
      while (underWay.size >= ahead) await Promise.race(underWay);
      const parent = replyTo === null ? undefined : await acknowledged.get(replyTo);
      const more = { idempotency_key: `replay-${String(index).padStart(8, '0')}` };
      if (parent) more.parent_id = parent.id;
      const sent = this.clients[author].sendMessage(CHANNEL, text, more);
      acknowledged.set(id, sent);
      const settled = sent.then(() => underWay.delete(settled));
      settled.catch(() => {});
      underWay.add(settled);
      await onProgress(index);
    }
    return Promise.all([...acknowledged.values()]);
  }

  /// Every client must end up with the server's sequence, with each acknowledged message exactly once.
  async check(conversation, acknowledged) {
    const history = [];
    let before = '';
    for (;;) {
      const page = await this.shop.rest.expect(200, 'GET', `/v1/channels/${CHANNEL}/messages?limit=100${before}`);
      history.unshift(...page.messages.reverse());
      if (!page.has_more) break;
      before = `&before=${history[0].id}`;
    }
    const { last_seq, rev } = await this.shop.rest.expect(200, 'GET', `/v1/channels/${CHANNEL}`);
    assert.equal(history.length, conversation.length, 'each message exactly once');
    assert.deepEqual(history.map((message) => message.seq), history.map((_, i) => i + 1));
    assert.equal(last_seq, history.length);
    const byId = new Map(history.map((message) => [message.id, message]));
    assert.equal(byId.size, history.length);
    const ids = new Map();
    conversation.forEach(({ id }, index) => ids.set(id, acknowledged[index].id));
    conversation.forEach(({ author, text, replyTo }, index) => {
      const stored = byId.get(acknowledged[index].id);
      assert.ok(stored, `acknowledged message ${index} is lost`);
      assert.equal(stored.seq, acknowledged[index].seq);
      assert.equal(stored.content, text);
      assert.equal(stored.user.external_id, `user${author}`);
      assert.equal(stored.parent_id, replyTo === null ? undefined : ids.get(replyTo) ?? undefined);
    });
    // Each author's sends keep their order.
    const perAuthor = new Map();
    conversation.forEach(({ author }, index) => {
      const { seq } = acknowledged[index];
      assert.ok(seq > (perAuthor.get(author) ?? 0), `message ${index} overtook an earlier one of its author`);
      perAuthor.set(author, seq);
    });

    const expected = history.map((message) => `${message.seq} ${message.id} ${message.content}`);
    for (const [index, client] of this.clients.entries()) {
      const state = client.channel(this.channel.id);
      await within(
          client.until(() => client.pending.length === 0 && client.synced && state.rev >= rev),
          `client ${index} to catch up`, 300_000);
      // A reset only keeps the newest page.
      if (state.messages.size < history.length) await client.loadHistory(this.channel.id);
      assert.deepEqual(
          state.list().map((message) => `${message.seq} ${message.id} ${message.content}`), expected,
          `client ${index}`);
      assert.deepEqual(client.violations, [], `client ${index}`);
    }
  }
}
