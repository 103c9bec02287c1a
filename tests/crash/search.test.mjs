// kill -9 of the server while its search index lags behind: after the restart every message is found once by its current
// text, and changed or unsent text is not found.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, forEachAtOnce, seededRandom } from '../integration/data.mjs';
import { TestServer } from '../integration/server.mjs';

const SEED = Number(process.env.CARIOSAN_TEST_SEED ?? 20260131);
const ROUNDS = 8;
const SENDS = 150;

/// A word that occurs in one message only, and that is not the beginning of another.
const word = (number, kind) => `${kind}${String(number).split('').map((digit) => 'abcdefghij'[digit]).join('')}z`;

async function found(user, query) {
  const ids = [];
  for (let cursor = ''; cursor !== null;) {
    const answer = await user.get(`/v1/search?q=${query}&limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    if (answer.status === 503) return null; // there is no index yet
    assert.equal(answer.status, 200, answer.text);
    ids.push(...answer.body.results.map((hit) => hit.message.id));
    cursor = answer.body.has_more ? answer.body.next_cursor : null;
  }
  return ids;
}

async function untilFound(user, query) {
  await eventually(async () => (await found(user, query))?.length > 0, `${query} is found`);
}

/// Sends, edits and unsends concurrently, and kills the server meanwhile. An unanswered request may or may not have taken
/// effect, so nothing is expected of it.
async function writeUntilKilled(server, user, first, messages, random) {
  const path = '/v1/channels/room/messages';
  const last = Math.floor(SENDS * (0.4 + 0.5 * random()));
  let answered = 0;
  let killed = null;
  const change = async (state, content, ...request) => {
    state.sure = false;
    const message = await user.expect(...request);
    Object.assign(state, { id: message.id, content, sure: true });
  };
  const numbers = Array.from({ length: SENDS }, (_, i) => first + i);
  await forEachAtOnce(numbers, 16, async (number) => {
    if (killed) return;
    const state = {};
    messages.set(number, state);
    try {
      const content = word(number, 'new');
      await change(state, content, 201, 'POST', path, { content });
      if (number % 3 === 1) {
        const edited = word(number, 'edited');
        await change(state, edited, 200, 'PATCH', `${path}/${state.id}`, { content: edited });
      } else if (number % 3 === 2) {
        await change(state, '', 200, 'DELETE', `${path}/${state.id}`);
      }
    } catch (error) {
      if (!killed) throw error;
    }
    answered += 1;
    if (answered >= last) killed ??= server.kill();
  });
  await killed;
}

test('kills while the search index lags behind', async (t) => {
  const random = seededRandom(SEED);
  const server = await TestServer.start(t);
  const shop = await server.createWorkspace();
  await shop.createUser('alice');
  await shop.createGroup('room', ['alice']);
  const alice = await shop.as('alice');
  const messages = new Map();
  for (let round = 0; round < ROUNDS; ++round) {
    await writeUntilKilled(server, alice, round * SENDS, messages, random);
    await server.start();
  }
  await alice.expect(201, 'POST', '/v1/channels/room/messages', { content: 'marker' });
  await untilFound(alice, 'marker');
  let checked = 0;
  for (const [number, { id, content, sure }] of messages) {
    if (!sure) continue;
    ++checked;
    assert.deepEqual(await found(alice, content === '' ? word(number, 'new') : content), content === '' ? [] : [id], `message ${number}`);
    if (content.startsWith('edited')) assert.deepEqual(await found(alice, word(number, 'new')), [], `message ${number}, as it was`);
  }
  assert.ok(checked > (ROUNDS * SENDS) / 3);
  t.diagnostic(`seed ${SEED}: ${checked} of ${messages.size} messages checked after ${ROUNDS} kills`);
});
