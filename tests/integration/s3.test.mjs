// Presigned uploads to an independent store, which verifies Signature V4 with its own implementation.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestServer } from './server.mjs';
import { Swift, whyNoSwift } from './swift.mjs';
import { upload } from './upload.mjs';

const FILE = Buffer.from('\x89PNG, or what a test takes for one');

/** Sends the file and takes the message back. */
async function unsendFile(user, group, url) {
  const path = `/v1/channels/${group.id}/messages`;
  const message = await user.expect(201, 'POST', path, { type: 'file', content: '', attachment_url: url });
  await user.expect(200, 'DELETE', `${path}/${message.id}`);
}

async function untilGone(swift, url) {
  for (const end = Date.now() + 60_000; (await swift.read(url)).status !== 404; await sleep(50)) {
    assert.ok(Date.now() < end, 'the file is still there');
  }
}

test('Swift accepts a permitted upload, and no altered one', async (t) => {
  const why = whyNoSwift();
  if (why) {
    console.log(`skipped: ${why}`);
    return t.skip(why);
  }
  const swift = await Swift.start(t);
  const server = await TestServer.start(t, { env: swift.variables });
  const shop = await server.createWorkspace();
  await shop.createUser('alice');
  const alice = await shop.as('alice');
  const group = await shop.createGroup('offers', ['alice']);
  const presign = (filename) => alice.expect(
      200, 'POST', '/v1/attachments/presign', { filename, content_type: 'image/png', size_bytes: FILE.length });

  for (const filename of ['photo.png', 'Foto kucing (1).png', '写真 & ~!.png']) {
    const permission = await presign(filename);
    assert.deepEqual(await upload(permission, FILE), { status: 200, code: undefined }, filename);
    const stored = await swift.read(permission.public_url);
    assert.equal(stored.headers.get('content-type'), 'image/png');
    assert.deepEqual(Buffer.from(await stored.arrayBuffer()), FILE);
    await unsendFile(alice, group, permission.public_url);
    await untilGone(swift, permission.public_url);
  }

  const refused = { status: 403, code: 'SignatureDoesNotMatch' };
  const altered = async (change) => {
    const permission = await presign('other.png');
    const answer = await upload(permission, FILE, change(permission.upload_url));
    assert.equal((await swift.read(permission.public_url)).status, 404);
    return answer;
  };
  assert.deepEqual(await altered((url) => ({ url: url.replace('other.png', 'another.png') })), refused);
  assert.deepEqual(await altered((url) => ({ url: url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=86400') })), refused);
  assert.deepEqual(await altered((url) => ({ url: url.replace(/.$/, (last) => (last === '0' ? '1' : '0')) })), refused);
  assert.deepEqual(await altered((url) => ({ url, headers: { 'Content-Type': 'text/html' } })), refused);
});
