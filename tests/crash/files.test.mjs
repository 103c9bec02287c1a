// kill -9 of the server while files are uploaded, sent and unsent: no file of a message that is gone stays, and no file that a
// message names disappears.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, seededRandom } from '../integration/data.mjs';
import { TestServer } from '../integration/server.mjs';

const SEED = Number(process.env.CARIOSAN_TEST_SEED ?? 20260131);
const KILLS = 6;
const PER_ROUND = 30;

test('kills while files come and go', async (t) => {
  const random = seededRandom(SEED);
  const server = TestServer.prepare(t);
  const folder = join(server.folder, 'files');
  server.env.CARIOS_ATTACHMENTS_DIR = folder;
  await server.start();
  const shop = await server.createWorkspace();
  await shop.createUser('alice');
  await shop.createGroup('g', ['alice']);
  const alice = await shop.as('alice');
  let restart = Promise.resolve();

  /// Repeats what failed because the server was killed, until it is answered.
  const insist = async (call) => {
    for (let attempt = 0; attempt < 200; ++attempt) {
      await restart;
      try {
        return await call();
      } catch (error) {
        if (server.running && attempt > 20) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    throw new Error('the server never answered');
  };
  const upload = (name) => insist(async () => {
    const permission = await alice.expect(200, 'POST', '/v1/attachments/presign', { filename: name, content_type: 'image/png', size_bytes: 1000 });
    const answer = await fetch(permission.upload_url, { method: 'PUT', headers: { 'content-type': 'image/png' }, body: Buffer.alloc(1000, name) });
    assert.equal(answer.status, 200);
    return permission.public_url;
  });
  const send = (url, key) => insist(async () => {
    const answer = await alice.request('POST', '/v1/channels/g/messages', { body: { type: 'image', content: '', attachment_url: url, idempotency_key: key } });
    assert.ok(answer.status === 201 || answer.status === 200, answer.text);
    return answer.body;
  });
  const unsend = (message) => insist(() => alice.expect(200, 'DELETE', `/v1/channels/g/messages/${message.id}`));

  const named = new Map(); // address → how many messages name it
  const uploaded = new Set();
  for (let round = 0; round < KILLS; ++round) {
    const killAt = Math.floor(random() * PER_ROUND);
    await Promise.all(Array.from({ length: PER_ROUND }, async (_, i) => {
      const name = `f${round}-${i}.png`;
      const url = await upload(name);
      uploaded.add(url);
      const messages = [await send(url, `${name}-a`), ...(i % 3 === 0 ? [await send(url, `${name}-b`)] : [])];
      named.set(url, messages.length);
      if (i === killAt) restart = server.kill().then(() => server.start());
      for (const message of messages) {
        if (random() < 0.3) continue;
        await unsend(message);
        named.set(url, named.get(url) - 1);
      }
    }));
    await restart;
  }

  const live = [...named].filter(([, count]) => count > 0).map(([url]) => new URL(url).pathname);
  // Uploads that were repeated because their answer was lost are files that were never sent: those stay for a day.
  const known = new Set([...uploaded].map((url) => new URL(url).pathname));
  const onDisk = () => readdirSync(folder, { recursive: true, withFileTypes: true })
                           .filter((each) => each.isFile() && !each.name.startsWith('.'))
                           .map((each) => `/v1/files${join(each.parentPath ?? each.path, each.name).slice(folder.length)}`);
  await eventually(() => onDisk().filter((path) => known.has(path)).length <= live.length, 'the end of the unsent files');
  assert.deepEqual(onDisk().filter((path) => known.has(path)).sort(), live.sort());
  for (const path of live) assert.equal((await fetch(server.base() + path)).status, 200);
  t.diagnostic(`seed ${SEED}: ${uploaded.size} files, ${live.length} left, ${KILLS} kills`);
});
