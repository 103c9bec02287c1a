// A full disk, on a small file system in memory: what was acknowledged stays, reading continues, /readyz reports it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { within } from './data.mjs';
import { TestServer } from './server.mjs';

/// A mounted folder of this size, or null if mounting is not allowed.
function smallDisk(t, size) {
  const folder = mkdtempSync(join(tmpdir(), 'cariosan-disk-'));
  const mount = (...args) => execFileSync('mount', args, { stdio: 'ignore' });
  try {
    mount('-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder);
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
  t.after(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return { folder, remount: (options) => mount('-o', `remount,${options}`, folder) };
}

test('a full disk', async (t) => {
  const disk = smallDisk(t, '6m');
  if (!disk) {
    console.log('skipped: a file system of its own needs root and the right to mount');
    return t.skip('no right to mount');
  }
  const server = TestServer.prepare(t, { env: { CARIOS_DATABASE_URL: `sqlite:${join(disk.folder, 'chat.db')}` } });
  await server.start();
  const shop = await server.createWorkspace();
  await shop.createUser('alice', 'Alice');
  await shop.createGroup('order_1', ['alice']);
  const send = (n) => shop.rest.post('/v1/channels/order_1/messages', { user: 'alice', content: `${n} `.padEnd(6_000, 'x'), idempotency_key: `k${n}` });
  const ready = () => server.open.get('/readyz');
  const untilReady = async (status) => {
    for (;;) {
      const answer = await ready();
      if (answer.status === status) return answer;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const acknowledged = [];
  let refused;
  for (let n = 0; !refused; ++n) {
    assert.ok(n < 5_000, 'the disk never filled up');
    const answer = await send(n);
    if (answer.status === 201) acknowledged.push(answer.body.message?.seq ?? answer.body.seq);
    else refused = { n, answer };
  }
  const stored = async () => {
    const found = [];
    for (let cursor; ;) {
      const page = (await shop.rest.expect(200, 'GET', `/v1/channels/order_1/messages?limit=50${cursor ? `&before=seq:${cursor}` : ''}`)).messages;
      found.push(...page.map(({ seq }) => seq));
      if (page.length === 0) return found.sort((a, b) => a - b);
      cursor = Math.min(...page.map(({ seq }) => seq));
    }
  };

  await t.test('is reported plainly, without internals of the database', async () => {
    assert.equal(refused.answer.status, 503);
    const { error } = refused.answer.body;
    assert.equal(error.code, 'UNAVAILABLE');
    assert.equal(error.retryable, true);
    assert.equal(error.details.reason, 'storage_full');
    assert.equal(error.details.retry_after_ms, 1000);
    assert.equal(refused.answer.headers.get('retry-after'), '1');
    assert.doesNotMatch(refused.answer.text, /sql|disk/i);
    const { text } = await within(untilReady(503), '/readyz');
    assert.match(text, /storage_full/);
    assert.equal((await server.open.get('/healthz')).status, 200);
  });
  await t.test('does not prevent reading, even after kill -9 and a restart on it', async () => {
    assert.deepEqual(await stored(), acknowledged);
    await server.kill();
    await server.start();
    assert.deepEqual(await stored(), acknowledged);
    await within(untilReady(503), '/readyz after the start');
  });
  await t.test('with space again, everything continues', async () => {
    disk.remount('size=30m');
    await within(untilReady(200), '/readyz with room');
    const again = await send(refused.n);
    assert.equal(again.status, 201, again.text);
    assert.equal((await stored()).length, acknowledged.length + 1);
  });
  await t.test('a start on a read-only file system says what to do', async () => {
    await server.stop();
    disk.remount('ro');
    await assert.rejects(server.start(), /read-only|Read-only/i);
    assert.match(server.log, /make .* writable/);
    disk.remount('rw');
    await server.start();
    assert.equal((await stored()).length, acknowledged.length + 1);
  });
});
