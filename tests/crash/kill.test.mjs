// kill -9 of the server, twenty times while fifty users chat: after the restart every acknowledged message exists exactly
// once, and every client catches up.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testData } from '../integration/data.mjs';
import { Cast, makeConversation, readConversation } from '../integration/replay.mjs';
import { TestServer } from '../integration/server.mjs';

const SEED = Number(process.env.CARIOSAN_TEST_SEED ?? 20260131);

async function playWithKills(t, conversation, kills) {
  const server = await TestServer.start(t);
  const cast = await Cast.gather(t, server, SEED);
  // Spread over the conversation, each at a random place in its part.
  const part = conversation.length / kills;
  const moments =
      new Set(Array.from({length: kills}, (_, i) => Math.floor((i + 0.1 + 0.8 * cast.random()) * part)));
  let killed = 0;
  let restart = Promise.resolve();
  const acknowledged = await cast.play(conversation, {
    onProgress: async (index) => {
      if (!moments.has(index)) return;
      await restart;
      // While messages are being sent: nobody waits for the answers.
      await server.kill();
      killed += 1;
      restart = server.start();
    },
  });
  await restart;
  assert.equal(killed, kills);
  await cast.check(conversation, acknowledged);
  t.diagnostic(`seed ${SEED}: ${conversation.length} messages, ${killed} kills`);
}

test('kills during a conversation', (t) => playWithKills(t, makeConversation(400, SEED), 4));

const log = testData('replay/ubuntu-irc.jsonl');
test('twenty kills during a real conversation', { skip: log === null }, async (t) => {
  await playWithKills(t, await readConversation(log, 5000), 20);
});
