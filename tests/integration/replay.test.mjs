// The main task with real input: a whole chat log is imported; then fifty users play its first 5,000 messages live, and a
// third of them lose their connection at random. Every client ends with the same sequence.

import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { testData } from './data.mjs';
import { Cast, makeConversation, readConversation } from './replay.mjs';
import { TestServer } from './server.mjs';

const SEED = Number(process.env.CARIOSAN_TEST_SEED ?? 20260131);

/// Plays a conversation while a third of the clients are repeatedly disconnected.
async function playWithLosses(t, server, conversation) {
  const cast = await Cast.gather(t, server, SEED);
  const unlucky = cast.clients.filter((_, index) => index % 3 === 0);
  const acknowledged = await cast.play(conversation, {
    onProgress: () => {
      if (cast.random() < 0.04) unlucky[Math.floor(cast.random() * unlucky.length)].drop();
    },
  });
  await cast.check(conversation, acknowledged);
  const resumes = cast.clients.reduce((sum, client) => sum + client.resumes, 0);
  t.diagnostic(`seed ${SEED}: ${conversation.length} messages, ${resumes} resumes`);
  assert.ok(resumes > 0, 'nobody was dropped');
}

test('a conversation played live', async (t) => {
  const server = await TestServer.start(t);
  await playWithLosses(t, server, makeConversation(600, SEED));
});

const log = testData('replay/ubuntu-irc.jsonl');

test('a whole log is imported, in order and once', { skip: log === null }, async (t) => {
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  const first = await server.cli('import', log, '--workspace', 'Shop');
  assert.equal(first.code, 0, first.stderr);
  assert.equal(first.stdout, 'imported 41806 messages (24866 replies), skipped 0, already there 0\n');
  const second = await server.cli('import', log, '--workspace', 'Shop');
  assert.equal(second.code, 0, second.stderr);
  assert.equal(second.stdout, 'imported 0 messages (0 replies), skipped 0, already there 41806\n');

  const channel = await shop.rest.expect(200, 'GET', `/v1/channels/${encodeURIComponent('#ubuntu')}`);
  assert.equal(channel.last_seq, 41806);
  assert.equal(channel.member_count, 4417);
  const idOf = new Map();
  let seq = 0;
  let page = [];
  for await (const line of createInterface({ input: createReadStream(log) })) {
    const expected = JSON.parse(line);
    if (page.length === 0) {
      const path = `/v1/channels/${channel.id}/messages?limit=100&after=seq:${seq}`;
      page = (await shop.rest.expect(200, 'GET', path)).messages.reverse();
    }
    const message = page.shift();
    seq += 1;
    idOf.set(expected.id, message.id);
    assert.equal(message.seq, seq);
    assert.equal(message.content, expected.text);
    assert.equal(message.user.external_id, expected.user);
    assert.equal(Date.parse(message.created_at), Date.parse(expected.ts));
    assert.equal(message.parent_id, expected.reply_to === null ? undefined : idOf.get(expected.reply_to));
  }
  assert.equal(seq, 41806);
});

test('its first 5,000 messages are played live', { skip: log === null }, async (t) => {
  const server = await TestServer.start(t);
  await playWithLosses(t, server, await readConversation(log, 5000));
});
