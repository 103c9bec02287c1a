// What the demo page keeps of a user's drafts and messages: over a reload, a refusal, and a message that is too long.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, say, twoPeople, until } from './page_client.mjs';

/// A browser's storage for one origin. With `full` it stores nothing more.
class MemoryStorage {
  #entries = new Map();
  full = false;

  get length() {
    return this.#entries.size;
  }

  key(index) {
    return [...this.#entries.keys()][index] ?? null;
  }

  getItem(name) {
    return this.#entries.get(name) ?? null;
  }

  setItem(name, value) {
    if (this.full) throw new Error('QuotaExceededError');
    this.#entries.set(name, value);
  }

  removeItem(name) {
    this.#entries.delete(name);
  }
}

test('unsent messages and drafts survive a reload', async (t) => {
  const { server, shop, budi } = await twoPeople(t);
  const storage = new MemoryStorage();
  const load = (userId = 'alice') => open(t, server, shop, userId, 'order_1', storage);
  const first = await load();
  const { id } = first.channel();
  first.keepDraft(id, 'Belum selesai');
  first.stop();
  for (const content of ['satu', 'dua']) first.send(id, { content });

  await t.test('they are sent once, in order, with their original keys', async () => {
    const keys = first.pending(id).map(({ key }) => key);
    const second = await load();
    assert.equal(second.draft(id), 'Belum selesai');
    await until(() => second.waitingCount === 0, 'all sent');
    await until(() => budi.channel().list().length === 2, 'both arrived');
    assert.deepEqual(budi.channel().list().map(({ content }) => content), ['satu', 'dua']);
    assert.deepEqual(second.channel().list().map((message) => message.idempotency_key), keys);
    second.keepDraft(id, '');
    second.stop();
    first.start();
    await until(() => first.waitingCount === 0, 'the first page has noticed');
    assert.equal(budi.channel().list().length, 2);
    first.stop();
    assert.equal(storage.length, 0);
  });
  await t.test('another user of the same browser sees none of it, and week-old entries are removed', async () => {
    first.keepDraft(id, 'rahasia');
    const other = await load('budi');
    assert.equal(other.draft(id), '');
    const name = storage.key(0);
    storage.setItem(name, JSON.stringify({ ...JSON.parse(storage.getItem(name)), at: Date.now() - 8 * 86_400_000 }));
    assert.equal((await load()).draft(id), '');
    assert.equal(storage.length, 0);
  });
  await t.test('a full or corrupt storage does not matter', async () => {
    storage.setItem(`cariosan.kept.${budi.me.id}.draft.${id}`, '{');
    storage.full = true;
    const client = await load('budi');
    client.keepDraft(id, 'masih ada');
    assert.equal(client.draft(id), 'masih ada');
    await say(client, 'tiga');
  });
});

test('a refused message can be taken back, and one too long for a frame keeps the connection', async (t) => {
  const { alice } = await twoPeople(t);
  const { id } = alice.channel();
  const states = [];
  alice.addEventListener('state', ({ detail }) => states.push(detail.name));
  for (const content of ['x'.repeat(9_000), '"'.repeat(40_000), '€'.repeat(30_000)]) {
    alice.send(id, { content });
    const [failed] = await until(() => alice.pending(id).some(({ error }) => error) && alice.pending(id), 'the refusal');
    assert.equal(failed.error.code, 'PAYLOAD_TOO_LARGE');
    assert.equal(alice.takeBack(failed.key).content, content);
    assert.equal(alice.takeBack(failed.key), undefined);
    assert.equal(alice.pending(id).length, 0);
  }
  const message = await say(alice, 'pendek');
  await assert.rejects(alice.actions.edit(message, 'x'.repeat(70_000)), { code: 'PAYLOAD_TOO_LARGE' });
  assert.deepEqual(states, []);
});
