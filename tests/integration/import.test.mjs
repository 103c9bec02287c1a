// Import: the order of the file, replies, repeats, interruptions.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from './client.mjs';
import { fixture, within } from './data.mjs';
import { notOnPostgres } from './database.mjs';
import { allPages } from './rest.mjs';
import { run, TestServer } from './server.mjs';

const lines = (text) => text.trim().split('\n');

/// Writes a file to import; a line is `{id, user, text, reply_to?, channel?}`.
function importFile(server, name, messages) {
  const path = join(server.folder, name);
  writeFileSync(path, messages.map((message) => JSON.stringify({ channel: 'g', ts: '2020-01-01T10:00:00Z', ...message }) + '\n').join(''));
  return path;
}

/// A line whose text is its id.
const say = (id, reply_to, more) => ({ user: ['budi', 'alice'][id % 2], text: `text ${id}`, id, reply_to, ...more });

/// The history of a channel, oldest first.
const history = async (shop, channel = 'g') => (await allPages(shop.rest, `/v1/channels/${channel}/messages?limit=100`, 'messages')).reverse();

/// The same as pairs of text and quoted text.
const talk = async (shop, channel) =>
    (await history(shop, channel)).map((message) => [message.content, message.quoted_message?.content ?? null]);

/// Imports, and returns the numbers of the invalid lines.
async function imported(server, file, summary, ...options) {
  const result = await server.cli('import', file, ...options);
  assert.equal(result.stdout, `imported ${summary}\n`, result.stderr);
  const bad = lines(result.stderr).filter((line) => line).map((line) => Number(/^line (\d+): ./.exec(line)?.[1]));
  assert.equal(result.code, bad.length ? 1 : 0, result.stderr);
  return bad;
}

for (const mode of ['with the server running', 'without a server']) {
  test(`import ${mode}`, async (t) => {
    const server = TestServer.prepare(t);
    await server.start();
    const shop = await server.createWorkspace();
    await shop.createUser('Budi', 'Budi who was here before');
    if (mode === 'without a server') await server.stop();

    const first = await server.cli('import', fixture('chat.jsonl'), '--workspace', 'Shop');
    assert.equal(first.code, 1, first.stderr);
    assert.equal(first.stdout, 'imported 7 messages (3 replies), skipped 8, already there 0\n');
    const errors = lines(first.stderr);
    assert.equal(errors.length, 8, first.stderr);
    const numbers = errors.map((line) => Number(/^line (\d+): ./.exec(line)[1]));
    assert.deepEqual(numbers.sort((a, b) => a - b), [5, 6, 7, 8, 9, 10, 11, 14]);

    const second = await server.cli('import', fixture('chat.jsonl'));
    assert.equal(second.code, 1);
    assert.equal(second.stdout, 'imported 0 messages (0 replies), skipped 8, already there 7\n');
    const other = await server.cli('import', fixture('chat.jsonl'), '--source', 'other');
    assert.equal(other.stdout, 'imported 7 messages (3 replies), skipped 8, already there 0\n');

    if (mode === 'without a server') await server.start();
    const users = await allPages(shop.rest, '/v1/users', 'users');
    assert.deepEqual(users.map((user) => user.name).sort(), ['Budi who was here before', 'alice', 'Çağla']);
    const general = await shop.rest.expect(200, 'GET', `/v1/channels/${encodeURIComponent('#general')}`);
    assert.equal(general.last_seq, 10);
    assert.equal(general.member_count, 3);
    const everything = (await allPages(shop.rest, `/v1/channels/${general.id}/messages`, 'messages')).reverse();
    assert.deepEqual(everything.map((message) => message.seq), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const history = everything.slice(0, 5);
    assert.deepEqual(
        history.map((message) => message.content),
        ['Halo', 'Hai 👋', 'the reply', 'a number as id', 'CRLF and no end']);
    assert.equal(history[0].created_at, '2020-01-01T10:00:00.000Z');
    assert.equal(history[2].parent_id, history[0].id);
    assert.equal(history[2].quoted_message.content, 'Halo');
    // Nobody starts with the whole history unread.
    for (const name of ['alice', 'Çağla']) {
      const rest = await shop.as(name);
      for (const item of (await rest.expect(200, 'GET', '/v1/me/channels')).channels) {
        if (item.channel.id === general.id) assert.ok(item.unread_count <= 5, `${name}: ${item.unread_count}`);
      }
    }
  });
}

test('import keeps the order of the file, and links a reply to a later line', async (t) => {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  const file = importFile(server, 'later.jsonl', [
    say(1, 3), say(2, 1), say(3), say(4, 6), say(5, 6), say(6, 7), say(7, 2), // forwards and backwards, two with the same parent
    say(8, undefined, { id: undefined, reply_to: 9 }), say(9, undefined, { id: undefined }), // by line number
  ]);
  assert.deepEqual(await imported(server, file, '9 messages (7 replies), skipped 0, already there 0'), []);
  assert.deepEqual(await talk(shop), [
    ['text 1', 'text 3'], ['text 2', 'text 1'], ['text 3', null], ['text 4', 'text 6'], ['text 5', 'text 6'],
    ['text 6', 'text 7'], ['text 7', 'text 2'], ['text 8', 'text 9'], ['text 9', null]]);
  const before = await history(shop);
  assert.deepEqual(before.map((message) => message.edited_at), Array(9).fill(null));
  assert.deepEqual(await imported(server, file, '0 messages (0 replies), skipped 0, already there 9'), []);
  assert.deepEqual(await history(shop), before);
});

test('import of a file that is newest first keeps its order', async (t) => {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  const ids = Array.from({ length: 3000 }, (_, i) => i);
  const file = importFile(server, 'chain.jsonl', ids.map((id) => say(id, id < 2999 ? id + 1 : undefined)));
  assert.deepEqual(await imported(server, file, '3000 messages (2999 replies), skipped 0, already there 0'), []);
  assert.deepEqual(await talk(shop), ids.map((id) => [`text ${id}`, id < 2999 ? `text ${id + 1}` : null]));
  assert.deepEqual(await imported(server, file, '0 messages (0 replies), skipped 0, already there 3000'), []);
});

test('import skips a reply whose parent will not be stored, however far away that shows', async (t) => {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  const file = importFile(server, 'bad.jsonl', [
    say(1, 1), say(2, 3), say(3, 2), say(4, 3), // itself, a circle, a reply into it
    say(5, 6), say(6, undefined, { channel: 'other' }), // a parent in another channel
    say(7, 'nobody'), say(8, 7), // no such line, and a reply to it
    say(9, 10), say(10, undefined, { text: '\u200b' }), // an invisible parent
    say(11, 13), say(12, undefined, { ts: '2999-01-01T00:00:00Z' }), say(13, 12), // a parent whose own parent is invalid
    say(14, 15), say(15, undefined, { text: 'x'.repeat(10_000) }), say(15), // first invalid, then valid
    say(16, 17), say(17, undefined, { user: 'x'.repeat(300) }), // an impossible user
    say(18, 19), { text: 'no user', id: 19 },
    { ...say(20), id: 'x'.repeat(300) },
    say(20, 22), say(21), say(22, 21),
  ]);
  const bad = [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 15, 17, 18, 19, 20, 21];
  const inOrder = async (summary) => (await imported(server, file, summary)).sort((a, b) => a - b);
  assert.deepEqual(await inOrder('6 messages (3 replies), skipped 18, already there 0'), bad);
  const { stderr } = await server.cli('import', file);
  assert.match(stderr, /^line 1: reply_to 1 is in a circle of replies/m);
  assert.match(stderr, /^line 3: reply_to 2 is in a circle of replies/m);
  assert.match(stderr, /^line 4: reply_to 3 is in a circle of replies/m);
  assert.match(stderr, /^line 8: reply_to 7 is no message of this channel/m);
  assert.match(stderr, /^line 11: reply_to 13 is no message of this channel/m);
  assert.match(stderr, /^line 12: "ts" is in the future/m);
  assert.match(stderr, /^line 15: the message is too long: at most 8192 bytes/m);
  assert.match(stderr, /^line 21: "id" is too long: at most 255 bytes/m);
  assert.deepEqual(await talk(shop),
                   [['text 14', 'text 15'], ['text 15', null], ['text 20', 'text 22'], ['text 21', null], ['text 22', 'text 21']]);
  assert.deepEqual(await inOrder('0 messages (0 replies), skipped 18, already there 6'), bad);
});

test('import of a file in parts finds parents in earlier parts', async (t) => {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  const part = (name, messages, summary) => imported(server, importFile(server, name, messages), summary, '--source', 'log');
  assert.deepEqual(await part('1', [say(1), say(2, 4)], '1 messages (0 replies), skipped 1, already there 0'), [2]);
  assert.deepEqual(await part('2', [say(3, 4), say(4, 1)], '2 messages (2 replies), skipped 0, already there 0'), []);
  assert.deepEqual(await talk(shop), [['text 1', null], ['text 3', 'text 4'], ['text 4', 'text 1']]);
  assert.deepEqual(await part('1', [say(1), say(2, 4)], '1 messages (1 replies), skipped 0, already there 1'), []);
});

test('an import that was killed completes the same history when it is repeated', async (t) => {
  const server = TestServer.prepare(t);
  await server.start();
  const shop = await server.createWorkspace();
  // Twice as many lines each time the import finished before it was killed.
  for (let count = 10_000; ; count *= 2) {
    const channel = `c${count}`;
    const stored = async () => (await shop.rest.get(`/v1/channels/${channel}`)).body.last_seq ?? 0;
    // Every third line replies to the line that is as far from the end as it is from the beginning; that one has no parent.
    const parent = (i) => (i % 3 === 1 ? count - 1 - i : undefined);
    const ids = Array.from({ length: count }, (_, i) => i);
    const file = importFile(server, channel, ids.map((i) => say(i, parent(i), { channel })));
    let importer;
    const cut = run(['import', file], server.env, { started: (child) => (importer = child) });
    await within((async () => {
      while (await stored() < 500) ;
    })(), 'the first messages');
    // SQLite's file belongs to the server, which does the work; beside PostgreSQL the command is a node of its own.
    await (notOnPostgres ? importer.kill('SIGKILL') : server.kill());
    const { code } = await cut;
    if (!server.running) await server.start();
    if (code === 0) {
      assert.ok(count < 1_000_000, 'no import was ever cut');
      continue;
    }
    const left = await stored();
    assert.ok(left >= 500, `${left}`);
    const result = await server.cli('import', file);
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, new RegExp(`^imported ${count - left} .* skipped 0, already there ${left}\n$`));
    const quoted = (i) => (parent(i) === undefined ? null : `text ${parent(i)}`);
    assert.deepEqual(await talk(shop, channel), ids.map((i) => [`text ${i}`, quoted(i)]));
    return;
  }
});

test('import shows connected users a parent that comes later', async (t) => {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  await imported(server, importFile(server, 'one', [say(1)]), '1 messages (0 replies), skipped 0, already there 0');
  const alice = new Client(server, await shop.token('alice'), { reconnect: false });
  t.after(() => alice.close());
  await within(new Promise((resolve) => alice.once('synced', resolve) && alice.open()), 'the first sync');
  const updated = alice.nextFrame(({ type }) => type === 'message.updated');
  await imported(server, importFile(server, 'two', [say(2, 3), say(3)]), '2 messages (1 replies), skipped 0, already there 0');
  const { message } = (await within(updated, 'the parent')).data;
  assert.deepEqual([message.content, message.quoted_message.content], ['text 2', 'text 3']);
});

test('import: a line whose key belongs to another message is invalid', async (t) => {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  const line = { user: 'alice', text: 'Halo', id: 'a' };
  const run = (changed) => server.cli('import', importFile(server, 'x.jsonl', [{ ...line, ...changed }]));
  assert.equal((await run()).code, 0);
  for (const changed of [{ text: 'Hai' }, { ts: '2020-01-01T10:00:01Z' }, { user: 'budi' }, { reply_to: 'b' }]) {
    const result = await run(changed);
    assert.equal(result.code, 1, JSON.stringify(changed));
    assert.match(result.stdout, /^imported 0 messages \(0 replies\), skipped 1, /);
    assert.match(result.stderr, /^line 1: /);
  }
  assert.equal((await shop.rest.expect(200, 'GET', '/v1/channels/g')).last_seq, 1);
  assert.match((await run()).stdout, /already there 1\n$/);
});

test('import causes no webhooks', async (t) => {
  const server = await TestServer.start(t, { env: { CARIOS_WEBHOOK_ALLOW_PRIVATE: 'true' } });
  const shop = await server.createWorkspace();
  const hook = await shop.rest.expect(201, 'POST', '/v1/webhooks', { url: 'http://127.0.0.1:9/', events: ['*'] });
  await server.cli('import', importFile(server, 'x.jsonl', [
    { user: 'alice', text: 'Halo' }, { user: 'budi', text: 'Hai' }, { user: 'citra', text: 'Hai', channel: 'other' }]));
  const delivered = async () => (await shop.rest.expect(200, 'GET', `/v1/webhooks/${hook.id}/deliveries`)).deliveries.map(({ event }) => event);
  assert.deepEqual(await delivered(), []);
  assert.equal((await shop.rest.expect(200, 'GET', '/v1/channels/g')).member_count, 2);
  await shop.createUser('dewi');
  assert.deepEqual(await delivered(), ['user.created']);
});
